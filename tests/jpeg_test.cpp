// SPDX-License-Identifier: Apache-2.0
// Blocks of JPEG: what they gain, the way through the codec, and damaged ones.
#include <gtest/gtest.h>

#include "tests/jpeg_rig.hpp"
#include "tests/jpeg_samples.hpp"
#include "tests/region_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::Bytes;
using test::Coded;
using test::coded;
using test::coder;
using test::expect_decoded;
using test::expect_goes_on;
using test::expect_stops_at_end;
using test::flip_bits;
using test::jpeg_body;
using test::jpeg_file;
using test::JpegSample;
using test::round_trip;

TEST(Jpeg, AllKindsComeBack) {
  for (const auto& sampling : std::vector<std::vector<std::uint8_t>>{
           {0x11}, {0x11, 0x11, 0x11}, {0x21, 0x11, 0x11}, {0x22, 0x11, 0x11}, {0x11, 0x11, 0x11, 0x11}})
    for (const unsigned interval : {0u, 5u}) {
      const JpegSample sample{
          .width = 251, .height = 203, .sampling = sampling, .restart_interval = interval};
      const Bytes file = jpeg_file(sample);
      EXPECT_LT(round_trip(file) * 100, file.size() * 97);
    }
  for (const int level : {4, 9}) round_trip(jpeg_file({}), level);
}

// By a model of bytes it does not shrink at all.
TEST(Jpeg, IsSmallerThanItsHuffmanCodes) {
  const Bytes file = jpeg_file({.width = 500, .height = 300});
  EXPECT_LT(round_trip(file) * 100, file.size() * 88);
  EXPECT_LT(round_trip(file, 5) * 100, file.size() * 86);
}

TEST(Jpeg, IsFoundAmongOthers) {
  const Bytes one = jpeg_file({.seed = 1}), two = jpeg_file({.width = 300, .sampling = {0x11}, .seed = 2});
  const Bytes tar =
      joined({text_bytes(512), one, Bytes(300), text_bytes(512), two, Bytes(700), text_bytes(4000)});
  RegionFinder finder;
  const auto regions = finder.find(tar);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].type, BlockType(BlockKind::jpeg));
  EXPECT_EQ(regions[0].at, 512u + 20u);
  EXPECT_EQ(regions[0].size, one.size() - 20);
  EXPECT_EQ(regions[1].at, 512 + one.size() + 300 + 512 + 20);
  round_trip(tar);
  // A copy is a copy.
  const std::size_t once = round_trip(one), twice = round_trip(joined({one, text_bytes(9), one}));
  EXPECT_LT(twice, once + 200);
}

TEST(Jpeg, GoesOnInTheNextWindow) {
  const Bytes content = joined({text_bytes(999), jpeg_file({}), text_bytes(5000)});
  const std::size_t end = content.size() - 5000;
  for (const std::size_t cut : {6000u, 6001u, 6002u})
    expect_goes_on(content, cut, 999 + 20, end, BlockKind::jpeg);
}

TEST(Jpeg, IsCodedInAnyPieces) {
  for (const unsigned interval : {0u, 3u}) {
    const Bytes body = jpeg_body({.restart_interval = interval, .padding = interval == 0});
    auto encoder = coder(), decoder = coder();
    std::size_t whole = coded(*coder(), BlockKind::jpeg, body).data.size(), sum = 0;
    std::uint64_t layout = 0;
    for (std::size_t at = 0; at < body.size(); layout = jpeg_goes_on) {
      const std::size_t size = std::min<std::size_t>(body.size() - at, at == 0 ? 3000 : 1 + at % 977);
      const Bytes piece(body.begin() + static_cast<std::ptrdiff_t>(at),
                        body.begin() + static_cast<std::ptrdiff_t>(at + size));
      const Coded block = coded(*encoder, {BlockKind::jpeg, layout}, piece);
      expect_decoded(*decoder, block);
      sum += block.data.size();
      at += size;
    }
    EXPECT_GT(sum, whole);
  }
}

// Anything is, only not to less.
TEST(Jpeg, OtherBytesComeBack) {
  const Bytes body = jpeg_body({.width = 100, .height = 80});
  std::vector<Bytes> contents = {{},
                                 {0xff},
                                 random_bytes(3000),
                                 text_bytes(500),
                                 joined({body, random_bytes(999)}),
                                 joined({body, body})};
  contents[0] = {7};
  for (std::size_t cut = 1; cut < body.size(); cut += 211)
    contents.emplace_back(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(cut));
  auto encoder = coder(), decoder = coder();
  for (const Bytes& content : contents) {
    expect_decoded(*decoder, coded(*encoder, BlockKind::jpeg, content));
    expect_decoded(*decoder, coded(*encoder, {BlockKind::jpeg, jpeg_goes_on}, content));
  }
}

TEST(Jpeg, ChangedBitsComeBack) {
  const Bytes body = jpeg_body({.width = 100, .height = 80, .restart_interval = 4});
  std::mt19937 random(5);
  auto encoder = coder(), decoder = coder();
  for (int time = 0; time < 60; ++time) {
    Bytes changed = body;
    flip_bits(changed, random);
    expect_decoded(*decoder, coded(*encoder, BlockKind::jpeg, changed));
  }
}

// An error, or as many bytes as were asked for; no more work than the data are worth.
TEST(Jpeg, DamagedBlocksEnd) {
  const Bytes body = jpeg_body({.width = 100, .height = 80, .restart_interval = 4});
  const Coded block = coded(*coder(), BlockKind::jpeg, body);
  std::mt19937 random(6);
  auto decoder = coder();
  for (int time = 0; time < 60; ++time) {
    Bytes data = block.data;
    flip_bits(data, random);
    if (time % 3 == 0) data.resize(random() % data.size());
    const std::size_t size = time % 2 ? body.size() : random() % (2 * body.size()) + 1;
    Bytes back;
    const Status status = decoder->decode({BlockKind::jpeg, random() % 2}, data, size, back, {});
    EXPECT_LE(back.size(), size);
    EXPECT_TRUE(!status.ok() || back.size() == size);
  }
}

TEST(Jpeg, StopsWithinAFewCoefficientsOfTheDatasEnd) { expect_stops_at_end(jpeg_body({})); }

TEST(Jpeg, StopsWhenItIsTold) {
  const Bytes body = jpeg_body({});
  Bytes data;
  const auto stop = [](std::uint64_t) { return false; };
  EXPECT_EQ(coder()->encode(BlockKind::jpeg, body, data, stop).code, Code::cancelled);
  const Coded block = coded(*coder(), BlockKind::jpeg, body);
  Bytes back;
  EXPECT_EQ(coder()->decode(block.type, block.data, body.size(), back, stop).code, Code::cancelled);
}

TEST(Jpeg, ImagesGoOnAsTheirCoder) {
  const Bytes first = jpeg_body({.seed = 1}), second = jpeg_body({.seed = 2});
  auto encoder = coder(), other = coder();
  coded(*encoder, BlockKind::jpeg, first);
  const auto image = encoder->make_image();
  ASSERT_TRUE(image.ok());
  ASSERT_TRUE(image.value() != nullptr);
  ASSERT_TRUE(other->start_from(*image.value()).ok());
  EXPECT_EQ(coded(*encoder, BlockKind::jpeg, second).data, coded(*other, BlockKind::jpeg, second).data);
}

}  // namespace
}  // namespace ssmz::codec
