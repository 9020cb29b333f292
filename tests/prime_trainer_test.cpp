// SPDX-License-Identifier: Apache-2.0
// Primes chosen from samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::random_bytes;
using test::text_bytes;

Bytes train(const std::vector<Bytes>& samples, std::size_t size) {
  const std::vector<std::span<const std::uint8_t>> views(samples.begin(), samples.end());
  return train_prime(views, size).value();
}

bool holds(const Bytes& prime, const Bytes& sample) {
  return std::search(prime.begin(), prime.end(), sample.begin(), sample.end()) != prime.end();
}

// 40 records that share most of what they say, and as many that share nothing.
std::vector<Bytes> usual_and_odd() {
  std::vector<Bytes> samples;
  for (unsigned i = 0; i < 40; ++i) {
    samples.push_back(random_bytes(300, 100 + i));
    const std::string record =
        "{\"name\": \"item\", \"colour\": \"green\", \"stock\": " + std::to_string(i * i) +
        ", \"shelf\": \"" + std::to_string(i) + "\"}\n";
    samples.emplace_back(record.begin(), record.end());
  }
  return samples;
}

TEST(PrimeTrainer, TakesWhatManySamplesShareAndTheMostUsefulLast) {
  const std::vector<Bytes> samples = usual_and_odd();
  const Bytes prime = train(samples, 1200);
  EXPECT_LE(prime.size(), 1200u);
  EXPECT_GT(prime.size(), 700u);
  for (std::size_t i = 0; i < samples.size(); i += 2) EXPECT_FALSE(holds(prime, samples[i])) << i;
  EXPECT_TRUE(prime == train(samples, 1200));
  // What is chosen first, and so is all of a smaller prime, is the end of a larger one.
  const Bytes small = train(samples, 1100);
  EXPECT_TRUE(std::equal(small.end() - 200, small.end(), prime.end() - 200));
}

TEST(PrimeTrainer, CutsLongSamplesBetweenLines) {
  std::string log;
  for (unsigned i = 0; i < 400; ++i) log += "line number " + std::to_string(i) + " of a log\n";
  const Bytes prime = train({Bytes(log.begin(), log.end())}, 2048);
  ASSERT_GT(prime.size(), 1024u);
  EXPECT_LE(prime.size(), 2048u);
  EXPECT_EQ(prime.back(), '\n');
  EXPECT_EQ(std::string(prime.begin(), prime.begin() + 12), "line number ");
}

TEST(PrimeTrainer, ServesRecordsLikeItsSamples) {
  const std::vector<Bytes> samples = usual_and_odd();
  const Bytes record = samples[21];
  std::vector<Bytes> others = samples;
  others.erase(others.begin() + 21);
  CompressOptions options{.level = 1};
  const std::size_t alone = compress(record, options).value().size();
  options.prime = Prime::create(train(others, 2000)).value();
  // 28 bytes of a frame over a prime are its header, end and checksum.
  EXPECT_LT(compress(record, options).value().size(), alone * 4 / 5);
}

TEST(PrimeTrainer, RefusesWhatMakesNoPrime) {
  EXPECT_EQ(train_prime({}, 1000).status().code, Code::bad_argument);
  const Bytes nothing;
  const std::span<const std::uint8_t> views[] = {nothing, nothing};
  EXPECT_EQ(train_prime(views, 1000).status().code, Code::bad_argument);
  const Bytes something = text_bytes(1000);
  const std::span<const std::uint8_t> one[] = {something};
  EXPECT_EQ(train_prime(one, 255).status().code, Code::bad_argument);
  EXPECT_TRUE(train_prime(one, 256).ok());
}

}  // namespace
}  // namespace ssmz
