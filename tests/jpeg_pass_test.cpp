// SPDX-License-Identifier: Apache-2.0
// JPEG of several scans: read, written again, coded, cut, damaged, and hostile ones.
#include <gtest/gtest.h>

#include "codec/jpeg/jpeg_finder.hpp"
#include "codec/jpeg/pass_reader.hpp"
#include "codec/jpeg/scan_reader.hpp"
#include "codec/samples/found_region.hpp"
#include "tests/jpeg_pass_samples.hpp"
#include "tests/jpeg_rig.hpp"
#include "tests/region_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::joined;
using ssmz::test::text_bytes;
using test::Bytes;
using test::Coded;
using test::coded;
using test::coder;
using test::expect_decoded;
using test::flip_bits;
using test::pass_body;
using test::pass_segments;
using test::PassSample;
using test::PassSpec;
using test::start_of_scan;

std::vector<PassSample> samples() {
  std::vector<PassSample> all;
  for (const auto& script : {test::sequential_script(), test::usual_script(), test::odd_script()})
    for (const auto& sampling : std::vector<std::vector<std::uint8_t>>{
             {0x22, 0x11, 0x11}, {0x11, 0x11, 0x11}, {0x12, 0x21, 0x11}, {0x41, 0x11, 0x21}})
      for (const unsigned interval : {0u, 1u, 7u})
        all.push_back({.width = 121,
                       .height = 67,
                       .sampling = sampling,
                       .script = script,
                       .progressive = script.size() > 3,
                       .restart_interval = interval,
                       .padding = interval != 7});
  all.push_back({.sampling = {0x22}, .script = {{{0}, 0, 0, 0, 2}, {{0}, 1, 63, 0, 0}}});
  all.push_back({.sampling = {0x11, 0x11}, .script = {{{0, 1}, 0, 0, 0, 0}, {{1}, 5, 5, 0, 1}}});
  all.push_back({.most_run = 0});
  return all;
}

TEST(JpegPasses, OfLibjpegAreReadAndWrittenAgain) {
  const Bytes body = test::small_progressive_jpeg();
  JpegPicture picture;
  ASSERT_TRUE(read_jpeg_picture(body, picture));
  EXPECT_EQ(picture.scans.size(), 6u);
  EXPECT_EQ(picture.size, body.size() - 2);
  // Its coefficients are those of the same picture in one scan.
  const Bytes same = test::small_jpeg();
  const JpegHeader header = *read_jpeg_header(same);
  ScanReader reader(header, std::span(same).subspan(header.size));
  for (std::uint32_t column = 0; column < 2; ++column) {
    JpegMcu mcu{};
    ASSERT_TRUE(reader.read(mcu));
    EXPECT_EQ(picture.coefficients.at(0, 0, column), mcu[0]);
  }
}

TEST(JpegPasses, OfAllScriptsAreReadAndWrittenAgain) {
  for (const PassSample& sample : samples()) {
    const Bytes body = pass_body(sample);
    JpegPicture picture;
    ASSERT_TRUE(read_jpeg_picture(body, picture));
    EXPECT_EQ(picture.scans.size(), sample.script.size());
    EXPECT_EQ(picture.size, body.size() - 2);
    const auto found = find_jpeg(joined({body, text_bytes(500)}));
    ASSERT_EQ(found.has_value(), body.size() >= least_region);
    if (!found) continue;
    EXPECT_EQ(found->size, body.size());
    EXPECT_FALSE(found->goes_on);
  }
}

TEST(JpegPasses, AllScriptsComeBack) {
  for (const PassSample& sample : samples()) {
    const Bytes body = pass_body(sample);
    EXPECT_LT(test::round_trip(joined({text_bytes(99), body, text_bytes(99)})) * 10, body.size() * 9);
  }
  for (const int level : {4, 9}) test::round_trip(pass_body({}), level);
}

// Of 40,000 blocks nearly all are empty, so that runs are as long as a run can be; and of many known
// coefficients none becomes another, so that runs end as libjpeg's room for their bits does.
TEST(JpegPasses, LongestRunsComeBack) {
  const PassSample sample{
      .width = 1600, .height = 1600, .sampling = {0x11}, .script = {{{0}, 1, 63, 0, 1}, {{0}, 1, 63, 1, 0}}};
  JpegScript script;
  ASSERT_TRUE(script.add(joined({pass_segments(sample), start_of_scan({{0}, 1, 63, 0, 1})})));
  JpegCoefficients coefficients(script.picture());
  for (std::uint32_t column = 20; column < 200; ++column)
    for (unsigned k = 3; k < 40; ++k)
      coefficients.block(0, 0, column)[k] = static_cast<std::int16_t>(k % 2 ? 6 : -7);
  coefficients.block(0, 199, 199)[9] = 2;
  const Bytes body = pass_body(sample, &coefficients);
  JpegPicture picture;
  ASSERT_TRUE(read_jpeg_picture(body, picture));
  EXPECT_EQ(picture.size, body.size() - 2);
  EXPECT_EQ(picture.coefficients.at(0, 0, 30), coefficients.at(0, 0, 30));
  auto encoder = coder(), decoder = coder();
  expect_decoded(*decoder, coded(*encoder, BlockKind::jpeg, body));
}

// What is cut off is read up to its last whole scan, and no coefficient has what a later one says.
TEST(JpegPasses, CutAnywhereEndWithAWholeScan) {
  const Bytes body = pass_body({.width = 60, .height = 40, .restart_interval = 2});
  JpegPicture whole;
  ASSERT_TRUE(read_jpeg_picture(body, whole));
  for (std::size_t size = 0; size < whole.size; size += 1 + size % 3) {
    JpegPicture cut;
    const bool some = read_jpeg_picture(std::span(body).first(size), cut);
    std::size_t scans = 0;
    while (scans < whole.scans.size() &&
           whole.scans[scans].at + whole.scans[scans].segments + whole.scans[scans].data <= size)
      ++scans;
    ASSERT_EQ(cut.scans.size(), scans) << size;
    EXPECT_EQ(some, scans > 0);
    if (!some) continue;
    EXPECT_EQ(cut.size,
              whole.scans[scans - 1].at + whole.scans[scans - 1].segments + whole.scans[scans - 1].data);
    JpegPicture again;
    ASSERT_TRUE(read_jpeg_picture(std::span(body).first(cut.size), again));
    for (std::uint32_t row = 0; row < 5; ++row)
      for (std::uint32_t column = 0; column < 8; ++column)
        ASSERT_EQ(cut.coefficients.at(0, row, column), again.coefficients.at(0, row, column)) << size;
  }
}

TEST(JpegPasses, CutOnesComeBack) {
  const Bytes body = pass_body({.width = 100, .height = 80, .script = test::odd_script()});
  auto encoder = coder(), decoder = coder();
  for (std::size_t size = 1; size < body.size(); size += 173)
    expect_decoded(*decoder, coded(*encoder, BlockKind::jpeg,
                                   Bytes(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size))));
}

TEST(JpegPasses, ChangedBitsComeBack) {
  std::mt19937 random(5);
  auto encoder = coder(), decoder = coder();
  for (const auto& script : {test::usual_script(), test::odd_script()}) {
    const Bytes body = pass_body({.width = 60, .height = 50, .script = script, .restart_interval = 4});
    for (int time = 0; time < 60; ++time) {
      Bytes changed = body;
      flip_bits(changed, random);
      expect_decoded(*decoder, coded(*encoder, BlockKind::jpeg, changed));
    }
  }
}

// A scan of zeros told before a block's end, or of runs that are shorter than need be, is another's.
TEST(JpegPasses, WhatTheirWriterDoesNotWriteIsKeptAsBytes) {
  PassSample sample{.width = 16, .height = 8, .sampling = {0x11}, .script = {{{0}, 0, 0, 0, 0}}};
  Bytes body = pass_body(sample);
  body.resize(body.size() - 2);
  const std::size_t one = body.size();
  const Bytes start = start_of_scan({{0}, 1, 63, 0, 0});
  body.insert(body.end(), start.begin(), start.end());
  // Codes of all symbols in their order: a run of one block, twice.
  body.insert(body.end(), {0, 0, 0xff, 0xd9});
  JpegPicture picture;
  ASSERT_TRUE(read_jpeg_picture(body, picture));
  EXPECT_EQ(picture.scans.size(), 1u);
  EXPECT_EQ(picture.size, one);
  auto encoder = coder(), decoder = coder();
  expect_decoded(*decoder, coded(*encoder, BlockKind::jpeg, body));
  // A run of two is what it writes.
  body.resize(body.size() - 4);
  body.insert(body.end(), {16, 0x7f, 0xff, 0xd9});
  ASSERT_TRUE(read_jpeg_picture(body, picture));
  EXPECT_EQ(picture.size, body.size() - 2);
}

// An error, or as many bytes as were asked for; no more work than the data are worth.
TEST(JpegPasses, DamagedBlocksEnd) {
  const Bytes body = pass_body({.width = 100, .height = 80, .restart_interval = 4});
  const Coded block = coded(*coder(), BlockKind::jpeg, body);
  std::mt19937 random(6);
  auto decoder = coder();
  for (int time = 0; time < 90; ++time) {
    Bytes data = block.data;
    // Half of them in the segments, which come first.
    if (time % 2 == 0) {
      data.resize(400);
      flip_bits(data, random);
      data.insert(data.end(), block.data.begin() + 400, block.data.end());
    } else {
      flip_bits(data, random);
    }
    if (time % 3 == 0) data.resize(random() % data.size());
    const std::size_t size = time % 5 ? body.size() : random() % (2 * body.size()) + 1;
    Bytes back;
    const Status status = decoder->decode(BlockKind::jpeg, data, size, back, {});
    EXPECT_LE(back.size(), size);
    EXPECT_TRUE(!status.ok() || back.size() == size);
  }
  // A block that is too small for its scans.
  Bytes back;
  EXPECT_EQ(coder()->decode(BlockKind::jpeg, block.data, 700, back, {}).code, Code::data_damaged);
  EXPECT_LE(back.size(), 700u);
}

TEST(JpegPasses, StopWithinAFewCoefficientsOfTheDatasEnd) { test::expect_stops_at_end(pass_body({})); }

TEST(JpegPasses, StopWhenTheyAreTold) {
  const Bytes body = pass_body({});
  Bytes data, back;
  const auto stop = [](std::uint64_t) { return false; };
  EXPECT_EQ(coder()->encode(BlockKind::jpeg, body, data, stop).code, Code::cancelled);
  const Coded block = coded(*coder(), BlockKind::jpeg, body);
  EXPECT_EQ(coder()->decode(block.type, block.data, body.size(), back, stop).code, Code::cancelled);
}

// Whether scans may come so, of a picture of two components.
bool may_come(const std::vector<PassSpec>& script, bool progressive = true) {
  JpegScript added;
  Bytes segments = pass_segments({.sampling = {0x11, 0x11}, .progressive = progressive});
  for (const PassSpec& spec : script) {
    if (!added.add(joined({segments, start_of_scan(spec)}))) return false;
    segments.clear();
  }
  return true;
}

TEST(JpegScript, ScansThatDoNotFollowAreRefused) {
  EXPECT_TRUE(may_come({{{0, 1}, 0, 0, 0, 1}, {{1}, 0, 0, 1, 0}}));
  EXPECT_FALSE(may_come({{{0, 1}, 0, 0, 0, 1}, {{1}, 0, 0, 0, 0}})) << "told again";
  EXPECT_FALSE(may_come({{{0, 1}, 0, 0, 1, 0}})) << "refines nothing";
  EXPECT_FALSE(may_come({{{0}, 1, 9, 0, 2}, {{0}, 1, 9, 1, 0}})) << "a bit left out";
  EXPECT_FALSE(may_come({{{0}, 1, 9, 0, 3}, {{0}, 1, 9, 3, 1}})) << "two bits";
  EXPECT_FALSE(may_come({{{0}, 1, 9, 0, 1}, {{0}, 1, 10, 1, 0}})) << "refines more";
  EXPECT_FALSE(may_come({{{0, 1}, 1, 63, 0, 0}})) << "AC of two components";
  EXPECT_FALSE(may_come({{{0}, 0, 5, 0, 0}})) << "DC and AC";
  EXPECT_FALSE(may_come({{{0}, 9, 5, 0, 0}}));
  EXPECT_FALSE(may_come({{{0}, 9, 64, 0, 0}}));
  EXPECT_FALSE(may_come({{{0}, 0, 0, 0, 14}}));
  EXPECT_FALSE(may_come({{{1, 0}, 0, 0, 0, 0}})) << "falling";
  EXPECT_FALSE(may_come({{{0, 0}, 0, 0, 0, 0}})) << "one twice";
  EXPECT_FALSE(may_come({{{2}, 0, 0, 0, 0}})) << "none";
  EXPECT_TRUE(may_come({{{1}}, {{0}}}, false));
  EXPECT_FALSE(may_come({{{1}}, {{1}}}, false));
  EXPECT_FALSE(may_come({{{0}, 0, 0, 0, 0}}, false)) << "a part in a sequential picture";
}

TEST(JpegScript, HasAtMostSoManyScans) {
  std::vector<PassSpec> script;
  for (unsigned component = 0; component < 2; ++component)
    for (unsigned k = 1; k < 64; ++k) script.push_back({{component}, k, k, 0, 1});
  script.push_back({{0}, 0, 0, 0, 0});
  script.push_back({{1}, 0, 0, 0, 0});
  ASSERT_EQ(script.size(), JpegScript::most_scans);
  EXPECT_TRUE(may_come(script));
  script.push_back({{0}, 1, 1, 1, 0});
  EXPECT_FALSE(may_come(script));
}

TEST(JpegScript, PicturesThatAreTooLargeAreNoneOfIts) {
  const auto worth = [](unsigned width, unsigned height, std::uint64_t bytes) {
    JpegScript script;
    const PassSample sample{.width = width, .height = height, .sampling = {0x11}};
    return script.add(joined({pass_segments(sample), start_of_scan({{0}, 0, 0, 0, 0})})) &&
           script.worth(bytes);
  };
  EXPECT_TRUE(worth(8192, 4096, 1 << 24));
  EXPECT_FALSE(worth(8192, 4104, 1 << 24)) << "coefficients of more than 64 MiB";
  EXPECT_FALSE(worth(65535, 65535, 1 << 24));
  EXPECT_TRUE(worth(800, 800, 1250));
  EXPECT_FALSE(worth(800, 808, 1250)) << "less than a bit a block";
  JpegPicture picture;
  const Bytes hostile = joined({pass_segments({.width = 65535, .height = 65535, .sampling = {0x11}}),
                                start_of_scan({{0}, 0, 0, 0, 0}), Bytes(9000)});
  EXPECT_FALSE(read_jpeg_picture(hostile, picture));
  EXPECT_FALSE(find_jpeg(hostile).has_value());
  // One that says it is large takes memory as it comes: 1,024 blocks of a byte each a row.
  const Bytes claims = joined({pass_segments({.width = 8192, .height = 4096, .sampling = {0x11}}),
                               start_of_scan({{0}, 0, 0, 0, 0}), Bytes(70000)});
  EXPECT_FALSE(read_jpeg_picture(claims, picture));
  EXPECT_LE(picture.coefficients.rows(0).size(), 70u);
}

// Values that other coefficients than T.81's would have are refused, as they are read.
TEST(JpegPasses, CoefficientsOutOfRangeEndThePicture) {
  const auto scans = [](PassSpec spec, const Bytes& data) {
    JpegPicture picture;
    const Bytes body =
        joined({pass_segments({.width = 8, .height = 8, .sampling = {0x11}}), start_of_scan(spec), data});
    return read_jpeg_picture(body, picture) ? picture.scans.size() : 0;
  };
  // The codes of all symbols are the symbols.
  EXPECT_EQ(scans({{0}, 0, 0, 0, 0}, {11, 0xfe, 0x1f}), 1u) << "DC of 11 bits";
  EXPECT_EQ(scans({{0}, 0, 0, 0, 0}, {12, 0xfe, 0x1f}), 0u) << "12";
  EXPECT_EQ(scans({{0}, 0, 0, 0, 13}, {2, 0xff, 0}), 0u) << "3 * 2^13";
  EXPECT_EQ(scans({{0}, 1, 1, 0, 0}, {10, 0xfe, 0x3f}), 1u) << "AC of 10 bits";
  EXPECT_EQ(scans({{0}, 1, 1, 0, 1}, {10, 0xfe, 0x3f}), 0u) << "and one more";
  EXPECT_EQ(scans({{0}, 5, 5, 0, 0}, {0x11, 0x7f}), 0u) << "a run beyond the last";
  EXPECT_EQ(scans({{0}, 1, 63, 0, 0}, {0xe0, 0xfe, 0xff}), 0u) << "more blocks than there are";
}

}  // namespace
}  // namespace ssmz::codec
