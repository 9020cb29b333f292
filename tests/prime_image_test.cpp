// SPDX-License-Identifier: Apache-2.0
// Frames that start from an image of a prime are those that read it.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "codec/frame/prime_images.hpp"
#include "codec/predict/slot_table.hpp"
#include "model/base/zeroed_array.hpp"
#include "ssmz/ssmz.hpp"
#include "tests/allocated.hpp"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::joined;
using test::record_bytes;
using test::text_bytes;

Prime prime_of(const Bytes& content, PrimeUse use) {
  return Prime::create(content, "p", usual_prime_limit, use).value();
}

TEST(PrimeImage, FramesAreThoseThatReadThePrime) {
  // Enough of both kinds that the network trains on it and replays.
  const Bytes old = joined({text_bytes(2500), record_bytes(1200), text_bytes(500, 3)});
  const Bytes content = joined({text_bytes(700, 5), record_bytes(500), text_bytes(300, 7)});
  struct Case {
    int level;
    unsigned threads;
    bool thorough;  // few: a frame at -9 reads its prime in half a second
  };
  for (const Case& tried : {Case{1, 1, true}, Case{1, 3, true}, Case{5, 3, false}, Case{9, 1, false}}) {
    CompressOptions options{.level = tried.level, .frame_size = 800};
    options.prime = prime_of(old, PrimeUse::one_frame);
    const Bytes slow = compress(content, options).value();
    const Prime kept = prime_of(old, PrimeUse::many_frames);
    options.prime = kept;
    options.threads = tried.threads;
    EXPECT_TRUE(compress(content, options).value() == slow)
        << "-" << tried.level << ", threads " << tried.threads;
    std::vector<Prime> primes{kept};  // by the encoder's image, by one of the decoder's own, without
    if (tried.thorough)
      for (const PrimeUse use : {PrimeUse::many_frames, PrimeUse::one_frame})
        primes.push_back(prime_of(old, use));
    for (const Prime& prime : primes)
      EXPECT_TRUE(decompress(slow, {.threads = tried.threads, .primes = {prime}}).value() == content);
  }
}

TEST(PrimeImage, ServesTablesOfSeveralSizesAndForgetsTheOldest) {
  const Prime kept = prime_of(text_bytes(3000), PrimeUse::many_frames);
  const Prime slow = prime_of(text_bytes(3000), PrimeUse::one_frame);
  EXPECT_EQ(slow.memory(), 3000u);
  for (const std::size_t size : {500u, 2000u, 6000u, 14000u, 30000u, 500u}) {
    CompressOptions options{.level = 1};
    options.prime = slow;
    const Bytes expected = compress(text_bytes(size, 9), options).value();
    options.prime = kept;
    EXPECT_TRUE(compress(text_bytes(size, 9), options).value() == expected) << size;
  }
  const std::uint64_t most = 4 * memory_needed(1, 40000).value() + 3000;
  EXPECT_GT(kept.memory(), 3000u);
  EXPECT_LE(kept.memory(), most);
}

TEST(PrimeImage, IsNotMadeWhereTwoModelsDoNotFit) {
  const Prime prime = prime_of(text_bytes(3000), PrimeUse::many_frames);
  CompressOptions options{.level = 1};
  options.memory_limit = memory_needed(1, 4000).value() * 3 / 2;
  options.prime = prime;
  const Bytes frames = compress(text_bytes(1000, 9), options).value();
  EXPECT_EQ(prime.memory(), 3000u);
  EXPECT_TRUE(decompress(frames, {.primes = {prime}}).value() == text_bytes(1000, 9));
}

TEST(PrimeImage, IsMadeOnceForAllWhoAskAtATime) {
  codec::PrimeImages images;
  std::atomic<int> made = 0;
  const auto make = [&]() -> Result<codec::PrimeImages::Image> {
    ++made;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return codec::PrimeImages::Image();
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_TRUE(images.find({}, make, {}).ok()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
}

TEST(PrimeImage, IsMadeByTheNextWhereTheFirstFails) {
  codec::PrimeImages images;
  using Made = Result<codec::PrimeImages::Image>;
  EXPECT_EQ(images.find({}, [] { return Made(Status{Code::cancelled}); }, {}).status().code, Code::cancelled);
  EXPECT_THROW((void)images.find({}, []() -> Made { throw std::bad_alloc(); }, {}), std::bad_alloc);
  bool asked = false;
  const auto make = [&] {
    asked = true;
    return Made(codec::PrimeImages::Image());
  };
  EXPECT_TRUE(images.find({}, make, {}).ok());
  EXPECT_TRUE(asked);
}

TEST(PrimeImage, CopiesOfFrozenArraysAreTheirOwn) {
  constexpr std::size_t count = (std::size_t{1} << 18) + 5;
  model::ZeroedArray array(count);
  array.data()[0] = 1.0f;
  array.data()[count - 1] = 2.0f;
  array.freeze();
  array.freeze();
  model::ZeroedArray one(array), two(array);
  one.data()[0] = 3.0f;
  model::ZeroedArray three(one);
  three.data()[5000] = 4.0f;
  EXPECT_EQ(array.data()[0], 1.0f);
  EXPECT_EQ(two.data()[0], 1.0f);
  EXPECT_EQ(two.data()[count - 1], 2.0f);
  EXPECT_EQ(three.data()[0], 3.0f);
  EXPECT_EQ(one.data()[5000], 0.0f);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one.data()) % 64, 0u);
}

TEST(ZeroedArray, KeepsItsValuesWhereTheyAreOnHugePages) {
  constexpr std::size_t count = (std::size_t{3} << 20) / 2 + 5;
  model::ZeroedArray array(count);
  for (std::size_t i = 0; i < count; i += 70001) array[i] = static_cast<float>(i + 1);
  const float* const place = array.data();
  array.use_huge_pages(1);
  array.use_huge_pages(count);
  array.use_huge_pages(count);
  EXPECT_EQ(array.data(), place);
  const model::ZeroedArray copy(array);
  for (std::size_t i = 0; i < count; ++i) {
    const float expected = i % 70001 == 0 ? static_cast<float>(i + 1) : 0.0f;
    ASSERT_EQ(array[i], expected) << i;
    ASSERT_EQ(copy[i], expected) << i;
  }
}

TEST(ZeroedArray, TakesNoMemoryForWhatIsNotTouchedHoweverOftenItIsMade) {
  if (!allocated()) GTEST_SKIP() << "a sanitizer's memory is not the program's";
  constexpr std::size_t count = std::size_t{5} << 20;
  std::vector<std::unique_ptr<char[]>> between;
  // An allocator has the first from the system, the second behind what it holds, the third where that was.
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t before = process_status("VmRSS:");
    model::ZeroedArray array(count);
    array[count / 2] = 1;
    between.push_back(std::make_unique<char[]>(1000));
    EXPECT_LT(process_status("VmRSS:"), before + (1 << 20)) << i;
  }
}

TEST(PrimeImage, CopiesOfFrozenSlotTablesAreTheirOwn) {
  codec::SlotTable table(1 << 20);
  table.pair(0)->clock = 7;
  codec::SlotTable plain(table);
  const codec::SlotLine* const line = table.pair(0);  // as models hold them from before
  table.freeze();
  codec::SlotTable copy(table);
  copy.pair(~std::uint64_t{0})->clock = 9;
  EXPECT_EQ(plain.pair(0)->clock, 7);
  EXPECT_EQ(copy.pair(0)->clock, 7);
  EXPECT_EQ(table.pair(~std::uint64_t{0})->clock, 0);
  EXPECT_EQ(copy.counterpart(line, table), copy.pair(0));
}

}  // namespace
}  // namespace ssmz
