// SPDX-License-Identifier: Apache-2.0
// Copies of what came before in a frame: found, coded without the model, refused where none can be.
#include <algorithm>

#include "codec/frame/content_history.hpp"
#include "codec/frame/copy_finder.hpp"
#include "codec/frame/header.hpp"
#include "tests/frame_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::append_to;
using test::decode;
using test::decoder_options;
using test::encode;
using test::encoder_options;
using test::expect_decodes_to;

constexpr std::uint64_t reach = std::uint64_t{1} << 24;

std::vector<Copy> copies_in(const Bytes& content, std::uint64_t furthest = reach) {
  return CopyFinder(furthest).find(ContentHistory(furthest), content);
}

TEST(CopyFinder, FindsRepeatsFromTheirFirstByteToTheirLast) {
  Bytes content = joined({random_bytes(50000), {1, 2, 3}, random_bytes(50000), {9}, random_bytes(3000, 2)});
  content[50003 + 50000] = static_cast<std::uint8_t>(content[50000] ^ 1u);
  content[50002] = static_cast<std::uint8_t>(content.back() ^ 1u);
  EXPECT_EQ(copies_in(content), (std::vector<Copy>{{50003, 50000, 50003}}));
  EXPECT_TRUE(copies_in(content, 50002).empty()) << "out of reach";
  EXPECT_TRUE(copies_in(joined({random_bytes(50000), random_bytes(5000), random_bytes(50000, 3)})).empty())
      << "shorter than a copy is near by";
}

TEST(CopyFinder, FindsPeriodsOfAnyLength) {
  for (const std::size_t period : {1u, 2u, 3u, 7u, 64u, 300u, 1000u, 1025u, 5000u}) {
    const Bytes cycle = random_bytes(period, static_cast<unsigned>(period));
    Bytes content = random_bytes(777, 99);
    while (content.size() < 100000) content.insert(content.end(), cycle.begin(), cycle.end());
    const std::vector<Copy> copies = copies_in(content);
    ASSERT_EQ(copies.size(), 1u) << period;
    EXPECT_EQ(copies[0].distance % period, 0u) << period;
    EXPECT_LE(copies[0].distance, 2 * std::max<std::size_t>(period, 2048)) << period;
    EXPECT_LE(copies[0].at, 777 + 2 * period + 4096) << period;
    EXPECT_EQ(copies[0].at + copies[0].size, content.size()) << period;
  }
}

TEST(CopyFinder, FindsShorterRepeatsWhereNoMatchReaches) {
  const std::size_t far = std::size_t{5} << 20;
  const Bytes part = random_bytes(3000, 5);
  const Bytes content = joined({part, random_bytes(far, 6), part});
  EXPECT_EQ(copies_in(content), (std::vector<Copy>{{part.size() + far, part.size(), part.size() + far}}));
}

// For contents whose models have no matches.
TEST(CopyFinder, TellsShorterRepeatsApart) {
  const Bytes part = random_bytes(5000);
  const Bytes content = joined({part, random_bytes(999, 3), part, random_bytes(99, 4), random_bytes(800)});
  std::vector<Copy> shorter;
  EXPECT_TRUE(CopyFinder(reach).find(ContentHistory(reach), content, &shorter).empty());
  EXPECT_EQ(shorter, (std::vector<Copy>{{5999, 5000, 5999}}));
}

TEST(CopyFinder, GoesOnFromWindowToWindow) {
  const Bytes part = random_bytes(100000);
  const Bytes content = joined({part, part, part});
  ContentHistory history(reach);
  CopyFinder finder(reach);
  std::size_t copied = 0;
  for (std::size_t at = 0; at < content.size(); at += 50000) {
    const auto window = std::span(content).subspan(at, 50000);
    for (const Copy& copy : finder.find(history, window)) {
      EXPECT_EQ(copy.distance, part.size());
      copied += copy.size;
    }
    history.append(window);
  }
  EXPECT_EQ(copied, 200000u);
}

TEST(CopyFinder, TakesTheMemoryThatModelsReckonWith) {
  for (int level = min_level; level <= max_level; ++level) {
    const std::uint64_t furthest = copy_reach(*parameters_for(level, std::nullopt, 0));
    EXPECT_LE(furthest, most_reach);
    EXPECT_LE(CopyFinder::memory(furthest), furthest / 16);
    for (const std::uint64_t size : {1u, 1000u, 1u << 16, 1u << 20, 1u << 23})
      EXPECT_GE(copy_reach(*parameters_for(level, size, 0)), size) << "of " << level;
  }
}

TEST(ContentHistory, GivesWhatIsWithinReach) {
  const Bytes content = random_bytes(1000000);
  ContentHistory history(200000);
  for (std::size_t at = 0; at < content.size(); at += 10000) {
    history.append(std::span(content).subspan(at, 10000));
    const std::size_t size = at + 10000;
    Bytes last;
    history.read(size - std::min<std::size_t>(size, 200000), std::min<std::size_t>(size, 200000), last);
    ASSERT_TRUE(std::equal(last.rbegin(), last.rend(), content.rend() - static_cast<std::ptrdiff_t>(size)));
  }
  Bytes repeated;
  history.repeat(3, 8, repeated);
  const Bytes end(content.end() - 3, content.end());
  EXPECT_EQ(repeated, (Bytes{end[0], end[1], end[2], end[0], end[1], end[2], end[0], end[1]}));
}

TEST(ContentHistory, RepeatsAnyDistanceForAnyLength) {
  const Bytes content = random_bytes(3000);
  ContentHistory history(1 << 20);
  history.append(content);
  for (const std::uint64_t distance : {1u, 2u, 3u, 64u, 65u, 999u, 3000u})
    for (const std::size_t count : {1u, 2u, 5u, 63u, 64u, 127u, 1998u, 65536u}) {
      Bytes repeated, expected = content;
      history.repeat(distance, count, repeated);
      for (std::size_t i = 0; i < count; ++i) expected.push_back(expected[expected.size() - distance]);
      ASSERT_TRUE(repeated == Bytes(expected.begin() + 3000, expected.end())) << distance << ' ' << count;
    }
}

TEST(FrameCopy, CostsAFewBytesAndComesBack) {
  const Bytes text = text_bytes(100000), noise = random_bytes(100000);
  const std::size_t once = encode(joined({text, noise})).size();
  const Bytes twice = joined({text, noise, text, noise, text_bytes(200, 7), text});
  const Bytes frames = encode(twice);
  EXPECT_LE(frames.size(), once + 400);
  expect_decodes_to(frames, twice);
  expect_decodes_to(frames, twice, decoder_options(), 1);
  EXPECT_EQ(frames, encode(twice, encoder_options(), 777));
}

TEST(FrameCopy, NeedsNoModel) {
  int made = 0;
  StreamEncoderOptions options = encoder_options();
  options.factory = test::fake_factory(&made);
  const Bytes noise = random_bytes(100000);
  const Bytes content = joined({noise, noise, Bytes(500000, noise.back())});
  const Bytes frames = encode(content, options);
  EXPECT_EQ(made, 0);
  EXPECT_LE(frames.size(), noise.size() + 64);
  expect_decodes_to(frames, content);
}

TEST(FrameCopy, ReachesOverWindows) {
  const Bytes part = joined({random_bytes(plan_window - 100000, 3), text_bytes(50000)});
  const Bytes content = joined({part, part, part});
  const Bytes frames = encode(content);
  EXPECT_LE(frames.size(), part.size());
  expect_decodes_to(frames, content);
}

TEST(FrameCopy, IsFoundWhereAnyByteIsChanged) {
  const Bytes cycle = random_bytes(100);
  Bytes content;
  while (content.size() < 30000) content.insert(content.end(), cycle.begin(), cycle.end());
  const Bytes frames = encode(content);
  EXPECT_LT(frames.size(), 1500u);
  for (std::size_t at = 0; at < frames.size(); ++at) {
    for (const unsigned change : {1u, 0x80u, 0xFFu}) {
      Bytes damaged = frames, out;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
      EXPECT_FALSE(decode(damaged, out).ok()) << at;
    }
  }
}

// The blocks `types` of `size` bytes each; those that are stored hold zeros.
Bytes frame_of(const std::vector<BlockType>& types, std::uint32_t size,
               std::optional<ModelParameters> model = {}) {
  FrameHeader header;
  header.has_checksum = false;
  if (model) header.model.emplace().parameters = *model;
  Bytes frame;
  append_frame_header(header, frame);
  for (const BlockType& type : types) {
    append_block_header({.type = type, .raw_size = size, .coded_size = size}, frame);
    if (type.kind == BlockKind::stored) frame.resize(frame.size() + size);
  }
  append_block_header({.role = BlockRole::end}, frame);
  return frame;
}

Code code_of(const Bytes& frames, StreamDecoderOptions options = decoder_options()) {
  Bytes out;
  return decode(frames, out, std::move(options)).code;
}

TEST(FrameCopy, RefusesWhatReachesTooFar) {
  const auto copy = [](std::uint64_t distance) { return BlockType{BlockKind::copy, distance}; };
  const BlockType stored = BlockKind::stored;
  expect_decodes_to(frame_of({stored, copy(1), copy(10), copy(30)}, 10), Bytes(40));
  EXPECT_EQ(code_of(frame_of({copy(1)}, 10)), Code::data_damaged) << "nothing is there";
  EXPECT_EQ(code_of(frame_of({stored, copy(11)}, 10)), Code::data_damaged) << "before the beginning";
  EXPECT_EQ(code_of(frame_of({stored, copy(0)}, 10)), Code::data_damaged);
  EXPECT_EQ(code_of(frame_of({stored, copy(std::uint64_t{1} << 62)}, 10)), Code::data_damaged);
  const std::uint64_t most = reach_without_model;
  EXPECT_EQ(code_of(frame_of({stored, copy(1), stored, copy(most)}, most)), Code::ok);
  EXPECT_EQ(code_of(frame_of({stored, copy(1), stored, copy(most + 1)}, most)), Code::data_damaged);
  const ModelParameters small{.level = 1, .table_log2 = least_table_log2};
  const auto furthest = static_cast<std::uint32_t>(copy_reach(small));
  EXPECT_EQ(code_of(frame_of({stored, stored, copy(furthest)}, furthest, small)), Code::ok);
  EXPECT_EQ(code_of(frame_of({stored, stored, copy(furthest + 1)}, furthest, small)), Code::data_damaged);
}

TEST(FrameCopy, IsRefusedWhereItsReachMayNotBeHeld) {
  const ModelParameters parameters = *parameters_for(1, std::nullopt, 0);
  StreamDecoderOptions options = decoder_options();
  options.frame_memory_limit = memory_needed(parameters) - 1;
  const BlockType stored = BlockKind::stored;
  EXPECT_EQ(code_of(frame_of({stored, stored}, 10, parameters), options), Code::ok);
  EXPECT_EQ(code_of(frame_of({stored, {BlockKind::copy, 1}}, 10, parameters), options), Code::memory_limit);
  options.frame_memory_limit = memory_needed(parameters);
  EXPECT_EQ(code_of(frame_of({stored, {BlockKind::copy, 1}}, 10, parameters), options), Code::ok);
}

}  // namespace
}  // namespace ssmz::codec
