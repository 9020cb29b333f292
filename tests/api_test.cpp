// SPDX-License-Identifier: Apache-2.0
// The public interface with the real model, on contents small enough to be quick.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::joined;
using test::random_bytes;
using test::record_bytes;
using test::text_bytes;

/// Small and quick.
CompressOptions quick() {
  CompressOptions options;
  options.level = 1;
  return options;
}

Bytes compressed(const Bytes& content, const CompressOptions& options = quick()) {
  Result<Bytes> frames = compress(content, options);
  EXPECT_TRUE(frames.ok()) << to_string(frames.status().code) << ": " << frames.status().detail;
  return frames.ok() ? std::move(frames).value() : Bytes{};
}

void expect_round_trip(const Bytes& content, const CompressOptions& options = quick()) {
  const Bytes frames = compressed(content, options);
  EXPECT_LE(frames.size(), compress_bound(content.size(), options.frame_size));
  const Result<Bytes> back = decompress(frames);
  ASSERT_TRUE(back.ok()) << to_string(back.status().code) << ": " << back.status().detail;
  EXPECT_TRUE(back.value() == content);
}

TEST(Api, GivesBackEveryKindOfContent) {
  for (const Bytes& content : {Bytes{}, Bytes{0x41}, Bytes{0xFF}, text_bytes(3), text_bytes(5000),
                               record_bytes(5000), random_bytes(5000), random_bytes(200000), Bytes(20000, 0),
                               joined({text_bytes(20000), record_bytes(20000), random_bytes(70000)})}) {
    expect_round_trip(content);
  }
}

TEST(Api, GivesBackContentsAtEveryLevel) {
  for (int level = lowest_level; level <= highest_level; ++level) {
    CompressOptions options;
    options.level = level;
    expect_round_trip(text_bytes(2000), options);
  }
}

TEST(Api, GivesBackAllBytesAndAllPairsOfBytes) {
  Bytes content;
  for (unsigned first = 0; first < 256; first += 3) {
    for (unsigned second = 0; second < 256; second += 5) {
      content.push_back(static_cast<std::uint8_t>(first));
      content.push_back(static_cast<std::uint8_t>(second));
    }
  }
  expect_round_trip(content);
}

// A block's last word may be spelled: the decoder's model
// must be told of its end before the next block comes.
TEST(Api, GivesBackBlocksThatEndInSpelledWords) {
  constexpr std::size_t segment = 8192;  // a multiple of what the planner gives one kind
  Bytes content;
  for (unsigned block = 0; block < 3; ++block) {
    const std::string_view last = "Zxqvkwzjqxzvkwjp";
    Bytes text = text_bytes(segment - last.size() - 1, block + 1);
    text.push_back(' ');
    text.insert(text.end(), last.begin(), last.end());
    content = joined({content, text, random_bytes(segment)});
  }
  expect_round_trip(content);
}

TEST(Api, RejectsLevelsAndThreadsOutOfRange) {
  CompressOptions options;
  for (const int level : {-1, 0, 10}) {
    options.level = level;
    EXPECT_EQ(compress(Bytes{1}, options).status().code, Code::bad_argument);
    EXPECT_EQ(memory_needed(level, 100).status().code, Code::bad_argument);
    EXPECT_EQ(usual_frame_size(level).status().code, Code::bad_argument);
  }
  options.level = 1;
  options.threads = most_threads + 1;
  EXPECT_EQ(compress(Bytes{1}, options).status().code, Code::bad_argument);
  DecompressOptions back;
  back.threads = most_threads + 1;
  EXPECT_EQ(decompress(Bytes{1}, back).status().code, Code::bad_argument);
}

TEST(Api, StreamsOneByteAtATimeToTheSameFrame) {
  const Bytes content = joined({text_bytes(700), random_bytes(300)});
  Result<Encoder> encoder = Encoder::create(quick());
  ASSERT_TRUE(encoder.ok());
  Bytes frames;
  for (const std::uint8_t& byte : content)
    ASSERT_TRUE(encoder.value().update(std::span(&byte, 1), frames).ok());
  ASSERT_TRUE(encoder.value().finish(frames).ok());
  EXPECT_TRUE(frames == compressed(content));

  Result<Decoder> decoder = Decoder::create();
  ASSERT_TRUE(decoder.ok());
  Bytes back;
  for (const std::uint8_t& byte : frames) ASSERT_TRUE(decoder.value().update(std::span(&byte, 1), back).ok());
  ASSERT_TRUE(decoder.value().finish(back).ok());
  EXPECT_TRUE(back == content);
}

TEST(Api, InterleavedCodersDoNotDisturbEachOther) {
  const Bytes first = text_bytes(6000, 1);
  const Bytes second = text_bytes(6000, 2);
  Result<Encoder> a = Encoder::create(quick());
  Result<Encoder> b = Encoder::create(quick());
  Bytes out_a;
  Bytes out_b;
  for (std::size_t at = 0; at < first.size(); at += 1000) {
    ASSERT_TRUE(a.value().update(std::span(first).subspan(at, 1000), out_a).ok());
    ASSERT_TRUE(b.value().update(std::span(second).subspan(at, 1000), out_b).ok());
  }
  ASSERT_TRUE(a.value().finish(out_a).ok());
  ASSERT_TRUE(b.value().finish(out_b).ok());
  EXPECT_TRUE(out_a == compressed(first));
  EXPECT_TRUE(out_b == compressed(second));
}

TEST(Api, CodersInTwoThreadsGiveTheBytesTheyGiveAlone) {
  const Bytes first = text_bytes(6000, 1);
  const Bytes second = record_bytes(6000, 2);
  const Bytes alone_first = compressed(first);
  const Bytes alone_second = compressed(second);
  Bytes out;
  std::thread other([&] { out = compressed(second); });
  EXPECT_TRUE(compressed(first) == alone_first);
  other.join();
  EXPECT_TRUE(out == alone_second);
}

TEST(Api, KeepsOutputEqualForAnyThreadCount) {
  const Bytes content = text_bytes(5000);
  CompressOptions options = quick();
  options.frame_size = 2000;
  const Bytes one = compressed(content, options);
  for (const unsigned threads : {0u, 2u, 3u}) {
    options.threads = threads;
    EXPECT_TRUE(compressed(content, options) == one);
    DecompressOptions back;
    back.threads = threads;
    const Result<Bytes> again = decompress(one, back);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again.value() == content);
  }
}

TEST(Api, RefusesToDecodeBeyondTheMemoryLimitAndSaysHowMuchIsNeeded) {
  const Bytes frames = compressed(text_bytes(3000));
  DecompressOptions options;
  options.memory_limit = 1 << 20;
  Result<Decoder> decoder = Decoder::create(options);
  Bytes out;
  EXPECT_EQ(decoder.value().update(frames, out).code, Code::memory_limit);
  options.memory_limit = decoder.value().memory_needed();
  EXPECT_GT(options.memory_limit, 1u << 20);
  EXPECT_TRUE(decompress(frames, options).ok());
}

TEST(Api, RefusesToCompressIntoLessMemoryThanTheSmallestModelTakes) {
  CompressOptions options = quick();
  options.memory_limit = 1 << 20;
  EXPECT_EQ(compress(text_bytes(3000), options).status().code, Code::memory_limit);
}

TEST(Api, KeepsToTheMemoryLimitWithSmallerTables) {
  const std::uint64_t usual = memory_needed(5, 1 << 20).value();
  const std::uint64_t limited = memory_needed(5, 1 << 20, usual - 1).value();
  EXPECT_LT(limited, usual);
  EXPECT_GE(memory_needed(5, std::nullopt).value(), usual);
}

TEST(Api, NeverGivesMoreThanTheOutputLimit) {
  const Bytes frames = compressed(Bytes(5000, 7));
  DecompressOptions options;
  options.output_limit = 4999;
  EXPECT_EQ(decompress(frames, options).status().code, Code::output_limit);
  options.output_limit = 5000;
  EXPECT_TRUE(decompress(frames, options).ok());
}

TEST(Api, StopsWhenAskedTo) {
  CompressOptions options = quick();
  options.progress = [](std::uint64_t) { return false; };
  EXPECT_EQ(compress(text_bytes(3000), options).status().code, Code::cancelled);
  DecompressOptions back;
  back.progress = options.progress;
  EXPECT_EQ(decompress(compressed(text_bytes(3000)), back).status().code, Code::cancelled);
}

TEST(Api, TurnsExceptionsOfCallbacksIntoValues) {
  CompressOptions options = quick();
  options.progress = [](std::uint64_t) -> bool { throw 1; };
  Result<Encoder> encoder = Encoder::create(options);
  Bytes out;
  EXPECT_TRUE(encoder.value().update(text_bytes(3000), out).ok());
  EXPECT_FALSE(encoder.value().finish(out).ok());
  options.progress = {};
  EXPECT_FALSE(encoder.value().finish(out).ok()) << "a failure is final";
}

TEST(Api, UsesAnotherVocabularyAndSaysWhenItIsMissing) {
  const Bytes text = text_bytes(20000, 7);
  const TrainingText corpus[] = {{.bytes = text}};
  const Result<Bytes> trained = train_vocabulary(corpus, 512, [](const char*, double) { return true; });
  ASSERT_TRUE(trained.ok());
  const Result<Vocabulary> vocabulary = Vocabulary::parse(trained.value());
  ASSERT_TRUE(vocabulary.ok());
  const Bytes content = text_bytes(3000);
  CompressOptions options = quick();
  options.vocabulary = vocabulary.value();
  const Bytes frames = compressed(content, options);
  EXPECT_EQ(peek(frames).value().vocabulary, vocabulary.value().hash());

  Result<Decoder> without = Decoder::create();
  Bytes out;
  EXPECT_EQ(without.value().update(frames, out).code, Code::vocabulary_missing);
  EXPECT_EQ(without.value().vocabulary_needed(), vocabulary.value().hash());
  EXPECT_TRUE(out.empty());
  DecompressOptions with;
  with.vocabularies.push_back(vocabulary.value());
  const Result<Bytes> back = decompress(frames, with);
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(back.value() == content);
}

TEST(Api, NamesTheBuiltInVocabularyInFrames) {
  EXPECT_EQ(peek(compressed(text_bytes(3000))).value().vocabulary, Vocabulary::builtin().value().hash());
  EXPECT_EQ(Vocabulary::parse(text_bytes(100)).status().code, Code::vocabulary_damaged);
}

TEST(Api, PeeksAndInspectsWithoutDecoding) {
  const Bytes first = compressed(text_bytes(3000));
  const Bytes second = compressed(random_bytes(3000));
  const Result<FrameInfo> info = peek(std::span(first).first(std::min(first.size(), peek_size)));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info.value().level, 1);
  EXPECT_EQ(info.value().content_size, 3000u);
  const Result<std::vector<FrameInfo>> frames = inspect(joined({first, second}));
  ASSERT_TRUE(frames.ok());
  ASSERT_EQ(frames.value().size(), 2u);
  EXPECT_EQ(frames.value()[0].frame_size, first.size());
  EXPECT_EQ(frames.value()[0].memory_needed, info.value().memory_needed);
  EXPECT_EQ(frames.value()[1].offset, first.size());
  EXPECT_EQ(frames.value()[1].stored_bytes, 3000u);
  EXPECT_EQ(frames.value()[1].level, 0);
  EXPECT_EQ(inspect(joined({first, {1}})).status().code, Code::not_a_frame);
  EXPECT_EQ(inspect(Bytes(first.begin(), first.end() - 1)).status().code, Code::truncated);
  EXPECT_TRUE(is_frame(first));
  EXPECT_FALSE(is_frame(text_bytes(10)));
}

/// With the real model, which takes long to set up: all of the header, then samples. FrameTest tries every
/// byte.
TEST(Api, RejectsSingleByteCorruptions) {
  const Bytes frames = compressed(text_bytes(1500));
  DecompressOptions options;
  options.memory_limit = std::uint64_t{1} << 30;
  for (std::size_t at = 0; at < frames.size(); at += at < 30 || at + 12 > frames.size() ? 1 : 19) {
    Bytes damaged = frames;
    damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1 + at % 255));
    EXPECT_FALSE(decompress(damaged, options).ok()) << at;
  }
}

TEST(Api, RejectsEveryTruncation) {
  const Bytes frames = compressed(joined({text_bytes(300), random_bytes(100)}));
  for (std::size_t size = 0; size < frames.size(); size += size < 40 ? 1 : 17) {
    EXPECT_EQ(decompress(std::span(frames).first(size)).status().code, Code::truncated) << size;
  }
}

TEST(Api, VersionsAgree) {
  const std::string version = std::to_string(version_major) + "." + std::to_string(version_minor) + "." +
                              std::to_string(version_patch);
  EXPECT_EQ(version, version_string());
  EXPECT_EQ(frame_format_version(), 23u);
}

}  // namespace
}  // namespace ssmz
