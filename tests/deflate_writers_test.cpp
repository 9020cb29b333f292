// SPDX-License-Identifier: Apache-2.0
// Deflate streams of writers that nobody predicts: any decisions come back, those of a likely writer cheaply.
#include <gtest/gtest.h>

#include <optional>

#include "codec/deflate/corrections.hpp"
#include "codec/deflate/deflate_walk.hpp"
#include "codec/deflate/inflate.hpp"
#include "tests/deflate_samples.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;
using test::Bytes;

constexpr std::size_t enough = std::size_t{1} << 22;

/// Decides by lot: mostly what is likely, else the contrary.
class LotIo final : public DecisionIo {
 public:
  LotIo(std::uint32_t seed, std::uint32_t seldom) : state_(seed), seldom_(seldom) {}
  unsigned code(bool, std::uint32_t p, const Position&) override {
    constexpr std::uint32_t half = probability_one / 2;
    if (p == half) return next() & 1;
    return (p > half) != (next() % seldom_ == 0);
  }

 private:
  std::uint32_t next() { return (state_ = state_ * 1664525u + 1013904223u) >> 8; }

  std::uint32_t state_, seldom_;
};

/// A stream of decisions by lot; nothing if they were none that can be.
std::optional<Bytes> stream_by_lot(DeflateParameters parameters, const Bytes& plain, std::uint32_t seed,
                                   std::uint32_t seldom) {
  LotIo io(seed, seldom);
  DecisionModels models;
  DeflateGuide guide;
  guide.code(io, models);
  Bytes stream;
  if (!walk_deflate(parameters, plain, guide, 2 * plain.size() + 1000, stream)) return std::nullopt;
  return stream;
}

std::size_t corrected_size(DeflateParameters as, const Bytes& stream, const Bytes& plain) {
  const std::optional<Corrections> corrections = corrections_of(as, stream, plain, enough);
  EXPECT_TRUE(corrections);
  if (!corrections) return enough;
  Bytes again;
  EXPECT_TRUE(append_deflated(as, *corrections, plain, stream.size(), again));
  EXPECT_EQ(again, stream);
  return corrections->size();
}

// Lengths, distances, forms, headers and ends of blocks that no writer has, in all places.
TEST(DeflateWriters, GiveBackDecisionsByLot) {
  const Bytes plain = joined({text_bytes(3000), random_bytes(100), Bytes(500, 0), record_bytes(1500)});
  unsigned streams = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    const auto writer = static_cast<DeflateWriter>(seed % 8);
    const auto level = static_cast<std::uint8_t>(1 + seed % 9);
    const std::optional<Bytes> stream = stream_by_lot({level, writer}, plain, seed, 20 + seed * seed);
    if (!stream) continue;
    ++streams;
    std::size_t work = 0;
    const std::optional<Inflated> inflated = inflate(*stream, enough, work);
    ASSERT_TRUE(inflated && inflated->size == stream->size());
    // A match that is none gives another content.
    ASSERT_EQ(inflated->plain.size(), plain.size());
    for (const DeflateWriter as : {DeflateWriter::zlib, DeflateWriter::frugal, DeflateWriter::hasty})
      corrected_size({5, as}, *stream, inflated->plain);
  }
  EXPECT_GT(streams, 100u);
}

TEST(DeflateWriters, TakeFewCorrectionsIfTheySeekTheFewestBits) {
  for (const Bytes& plain : {text_bytes(100000), record_bytes(100000), test::deflate_sample_content()}) {
    Bytes stream;
    ASSERT_TRUE(append_deflated({9, DeflateWriter::frugal}, {}, plain, enough, stream));
    EXPECT_LE(corrected_size({8, DeflateWriter::frugal}, stream, plain), stream.size() / 20);
    Bytes lazy;
    ASSERT_TRUE(append_deflated({8, DeflateWriter::chromium}, {}, plain, enough, lazy));
    EXPECT_LE(corrected_size({8, DeflateWriter::frugal}, lazy, plain), lazy.size() / 20);
  }
}

TEST(DeflateWriters, TakeSomeBytesForSomeDifferences) {
  const Bytes plain = test::deflate_sample_content();
  Bytes stream;
  ASSERT_TRUE(append_deflated({6, DeflateWriter::zlib}, {}, plain, enough, stream));
  EXPECT_LE(corrected_size({6, DeflateWriter::zlib_large}, stream, plain), 400u);
  EXPECT_LE(corrected_size({6, DeflateWriter::gzip}, stream, plain), 400u);
}

TEST(DeflateWriters, AreFoundAmongThemselves) {
  const Bytes plain = test::deflate_sample_content();
  for (const DeflateParameters by : {DeflateParameters{6, DeflateWriter::chromium},
                                     {1, DeflateWriter::chromium},
                                     {1, DeflateWriter::hasty}}) {
    Bytes stream;
    ASSERT_TRUE(append_deflated(by, {}, plain, enough, stream));
    const std::optional<CorrectedStream> found = best_corrections(stream, plain, {}, stream.size() / 5);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->parameters, by);
    EXPECT_TRUE(found->corrections.empty());
  }
  Bytes stream;
  ASSERT_TRUE(append_deflated({9, DeflateWriter::frugal}, {}, plain, enough, stream));
  const std::optional<CorrectedStream> found = best_corrections(stream, plain, {}, stream.size() / 5);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parameters.writer, DeflateWriter::frugal);
}

// Whatever corrections say, a decoder ends, and what it takes is a stream of so many bytes.
TEST(DeflateWriters, EndWhateverCorrectionsSay) {
  const Bytes plain = joined({text_bytes(4000), Bytes(1000, 5), random_bytes(200)});
  Bytes by;
  ASSERT_TRUE(append_deflated({1}, {}, plain, enough, by));
  for (const DeflateWriter writer : {DeflateWriter::zlib, DeflateWriter::frugal, DeflateWriter::hasty}) {
    const std::optional<Corrections> corrections = corrections_of({5, writer}, by, plain, enough);
    ASSERT_TRUE(corrections);
    const Bytes random = random_bytes(400, 77);
    for (std::size_t i = 0; i < 400; ++i) {
      Bytes damaged = *corrections;
      damaged[random[i] * std::size_t{7919} % damaged.size()] ^= static_cast<std::uint8_t>(1u << i % 8);
      if (i % 4 == 0) damaged = random_bytes(1 + i, static_cast<std::uint32_t>(i));
      Bytes stream;
      if (!append_deflated({5, writer}, damaged, plain, 4 * by.size(), stream)) continue;
      std::size_t work = 0;
      const std::optional<Inflated> inflated = inflate(stream, enough, work);
      ASSERT_TRUE(inflated);
      EXPECT_EQ(inflated->plain.size(), plain.size());
    }
  }
}

// A search looks at no more places than its level allows, and all together at no more than the format does.
TEST(DeflateWriters, LookAtFewPlaces) {
  Bytes hostile;
  for (unsigned i = 0; hostile.size() < 60000; ++i) {
    hostile.insert(hostile.end(), {1, 2, 3});
    hostile.push_back(static_cast<std::uint8_t>(i));
    hostile.push_back(static_cast<std::uint8_t>(i >> 8));
  }
  for (const Bytes& plain : {Bytes(60000, 0), hostile}) {
    const std::unique_ptr<TokenPredictor> predictor = make_predictor({8, DeflateWriter::frugal}, plain);
    while (predictor->position() < plain.size()) predictor->take(predictor->predict().likely);
    EXPECT_LE(predictor->looked_at(), 512 * plain.size());
    Bytes stream;
    EXPECT_TRUE(append_deflated({9, DeflateWriter::frugal}, {}, plain, enough, stream));
  }
}

/// A stream by lot of something like `plain`, which is told.
struct Drawn {
  Bytes stream, plain;
};
Drawn drawn(const Bytes& plain, std::uint32_t seldom) {
  for (std::uint32_t seed = 1; seed < 100; ++seed) {
    const std::optional<Bytes> stream = stream_by_lot({8, DeflateWriter::frugal}, plain, seed, seldom);
    std::size_t work = 0;
    const std::optional<Inflated> inflated = stream ? inflate(*stream, enough, work) : std::nullopt;
    if (inflated) return {*stream, inflated->plain};
  }
  ADD_FAILURE() << "no stream";
  return {};
}

TEST(DeflateWriters, MakeFramesOfTheirContentAndCorrections) {
  const Drawn text = drawn(text_bytes(40000), 1000);
  const std::size_t corrections = corrected_size({8, DeflateWriter::frugal}, text.stream, text.plain);
  EXPECT_GT(corrections, 48u);  // not coded with the content
  EXPECT_LE(ssmz::test::packed_size(joined({{0x78, 0x9C}, text.stream, {1, 2, 3, 4}})),
            ssmz::test::packed_size(text.plain) + corrections + 100);
}

// What a stream's corrections take is more than models gain on what deflate hardly makes smaller.
TEST(DeflateWriters, LeaveNoiseAsItIs) {
  Bytes noise = random_bytes(8000, 5);
  for (std::uint8_t& byte : noise) byte &= 0x7F;
  const Drawn by_lot = drawn(noise, 1000);
  const Bytes content = joined({{0x78, 0x9C}, by_lot.stream, {1, 2, 3, 4}});
  EXPECT_LE(ssmz::test::packed_size(content), content.size() + content.size() / 1000 + 40);
}

}  // namespace
}  // namespace ssmz::codec
