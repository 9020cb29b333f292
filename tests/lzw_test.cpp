// SPDX-License-Identifier: Apache-2.0
// LZW streams: as other programs write them, told clears, what is no stream, and files that hold some.
#include "codec/lzw/lzw.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/transform/lzw_coded.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::squares_bytes;
using Bytes = std::vector<std::uint8_t>;

constexpr LzwParameters tiff{LzwForm::tiff, 8}, gif{LzwForm::gif, 8};

Bytes stream_of(LzwParameters parameters, const Bytes& plain, const LzwClears& clears = {}) {
  Bytes stream;
  EXPECT_TRUE(append_lzw(parameters, clears, plain, 3 * plain.size() + 1000, stream));
  return stream;
}

std::optional<LzwContent> read(LzwParameters parameters, const Bytes& stream) {
  std::size_t work = 0;
  return read_lzw(parameters, stream, most_stream_plain, work);
}

TEST(Lzw, WritesWhatTheSpecificationsShow) {
  // ISO 32000-1, 7.4.4.2; a GIF of one pixel.
  EXPECT_EQ(stream_of(tiff, {45, 45, 45, 45, 45, 65, 45, 45, 45, 66}),
            (Bytes{0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01}));
  EXPECT_EQ(stream_of({LzwForm::gif, 2}, {0}), (Bytes{0x44, 0x01}));
}

TEST(Lzw, WritesWhatOthersDo) {
  const Bytes plain = squares_bytes(60000);
  // ncompress 4.2.4; libtiff 4.5 (pnmtotiff -lzw -rowsperstrip 300).
  const Bytes long_codes = stream_of({LzwForm::compress, 16}, plain);
  EXPECT_EQ(long_codes.size(), 15130u);
  EXPECT_EQ(checksum(long_codes), 0x23f5e00de30d1f17u);
  const Bytes strip = stream_of(tiff, plain, {.period = 3836});
  EXPECT_EQ(strip.size(), 15881u);
  EXPECT_EQ(checksum(strip), 0xc0e9f8991413c3d9u);
}

TEST(Lzw, ComesBackWithItsClears) {
  const Bytes plain = squares_bytes(30000);
  for (const LzwParameters parameters :
       {gif, tiff, LzwParameters{LzwForm::compress, 10}, {LzwForm::compress, 12}}) {
    for (const LzwClears& clears : std::vector<LzwClears>{
             {}, {.period = 100}, {.period = 300}, {.period = 3837}, {0, {500}}, {0, {0, 0, 700, 2}}}) {
      const Bytes stream = stream_of(parameters, plain, clears);
      const auto content =
          read(parameters, joined({stream, parameters.form == LzwForm::compress ? Bytes{} : Bytes{1, 2}}));
      ASSERT_TRUE(content) << static_cast<int>(parameters.form) << ' ' << clears.period;
      EXPECT_EQ(content->size, stream.size());
      EXPECT_EQ(content->plain, plain);
      EXPECT_EQ(content->clears.told, clears.told);
      EXPECT_EQ(content->clears.period, clears.period);
      const Bytes cut(stream.begin(), stream.end() - 1);
      if (parameters.form != LzwForm::compress) {
        EXPECT_FALSE(read(parameters, cut));
      }
    }
  }
}

TEST(Lzw, RefusesClearsThatDoNotComeAndSymbolsThatAreNone) {
  Bytes stream;
  EXPECT_FALSE(append_lzw(tiff, {0, {5000}}, squares_bytes(1000), 10000, stream));
  EXPECT_FALSE(append_lzw({LzwForm::gif, 4}, {}, Bytes{1, 16}, 100, stream));
  stream.clear();
  EXPECT_FALSE(append_lzw(tiff, {.period = 1}, squares_bytes(100000), 1000, stream));
  EXPECT_LE(stream.size(), 1010u);
  // A first code that clears nothing, a string before there is one, clears and little else.
  EXPECT_FALSE(read(tiff, Bytes{0x00, 0x0B, 0x60, 0x50}));
  EXPECT_FALSE(read(tiff, Bytes{0x80, 0x7F, 0xFF, 0xFF, 0xFF}));
  EXPECT_FALSE(read({LzwForm::compress, 16},
                    joined({stream_of({LzwForm::compress, 16}, {7}, {0, std::vector<std::uint64_t>(17)})})));
}

TransformLayout layout_of(LzwParameters parameters) {
  return {.transform = Transform::lzw, .line = packed(parameters), .plain_size = 1};
}

TEST(Lzw, HasLayoutsInRangeOnly) {
  const auto valid = [](const TransformLayout& layout) { return valid_transform_layout(layout.packed()); };
  EXPECT_TRUE(valid(layout_of({LzwForm::gif, 2})));
  EXPECT_TRUE(valid(layout_of({LzwForm::compress, 16})));
  EXPECT_FALSE(valid(layout_of({LzwForm::gif, 1})));
  EXPECT_FALSE(valid(layout_of({LzwForm::gif, 9})));
  EXPECT_FALSE(valid(layout_of({LzwForm::tiff, 7})));
  EXPECT_FALSE(valid(layout_of({LzwForm::compress, 9})));
  EXPECT_FALSE(valid(layout_of({static_cast<LzwForm>(3), 8})));
  TransformLayout layout = layout_of(gif);
  layout.crlf = true;
  EXPECT_FALSE(valid(layout));
}

/// In sub-blocks.
Bytes image_of(const Bytes& plain, std::size_t sub_block) {
  Bytes front, raw;
  append_varint(sub_block, front);
  append_varint(4000, front);
  EXPECT_TRUE(append_lzw_block(layout_of(gif), joined({front, plain}), 2 * plain.size(), raw));
  return raw;
}

TEST(Lzw, SubBlocksComeBackOrAreLeftAlone) {
  const Bytes plain = squares_bytes(20000);
  for (const std::size_t sub_block : {1u, 100u, 255u}) {
    const Bytes raw = image_of(plain, sub_block);
    const auto back = plain_of(layout_of(gif), raw);
    ASSERT_TRUE(back) << sub_block;
    EXPECT_TRUE(std::equal(plain.begin(), plain.end(), back->end() - 20000));
    Bytes other = raw;
    other[0] = 0;
    EXPECT_FALSE(plain_of(layout_of(gif), other));
    EXPECT_FALSE(plain_of(layout_of(gif), Bytes(raw.begin(), raw.end() - 1)));
    EXPECT_FALSE(plain_of(layout_of(gif), joined({raw, {0}})));
  }
  Bytes raw;
  for (const Bytes& front :
       {Bytes{}, Bytes{0, 0, 0, 1}, Bytes{0x80, 2, 0, 0, 1}, Bytes{9, 0, 100, 1}, Bytes{9, 0}})
    EXPECT_FALSE(append_lzw_block(layout_of(gif), front, 100, raw));
}

TEST(Lzw, StreamsAreFoundInFiles) {
  const Bytes plain = squares_bytes(20000), noise = random_bytes(3000), image = image_of(plain, 255);
  const Bytes strip = stream_of(tiff, plain, {.period = 3836});
  Bytes header = bytes_of("GIF89a");
  header = joined({header, {200, 0, 100, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6}, {0x21, 0xF9, 4, 0, 0, 0, 0, 0}});
  const Bytes descriptor = {0x2C, 0, 0, 0, 0, 200, 0, 100, 0, 0, 8};
  const Bytes file =
      joined({noise, header, descriptor, image, descriptor, image, {0x3B}, noise, strip, strip, noise});
  const std::vector<WrittenPart> parts = find_written_parts(file);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].at, 3000 + header.size() + descriptor.size());
  for (const unsigned i : {0u, 1u}) {
    EXPECT_EQ(parts[i].size, image.size());
    EXPECT_TRUE(parts[i].pixels.drawn);
    EXPECT_EQ(parts[i].pixels.row, 200u);
  }
  for (const unsigned i : {2u, 3u}) EXPECT_EQ(parts[i].size, strip.size());
  const Bytes compressed = joined({{0x1F, 0x9D, 0x90}, stream_of({LzwForm::compress, 16}, plain)});
  EXPECT_EQ(find_written_parts(compressed).size(), 1u);
  // Another header in front of it: no stream that we write, and it comes back as it was.
  (void)packed_size(joined({{0x1F, 0x9D, 0x8C}, compressed}));
  EXPECT_LT(packed_size(file), file.size() - 2 * image.size());
  EXPECT_LT(packed_size(compressed) * 4, compressed.size() * 3);
}

TEST(Lzw, LooksInVainNotForLong) {
  // Each byte begins what may be a stream of literals.
  Bytes hostile;
  while (hostile.size() < 300000) hostile.insert(hostile.end(), {0x80, 0x00});
  std::vector<WrittenPart> parts;
  std::uint64_t plain_left = 1 << 20;
  find_lzw(hostile, parts, plain_left);
  find_lzw(Bytes(300000, 0x80), parts, plain_left);
  Bytes zeros(300000);
  for (std::size_t at = 0; at < zeros.size(); at += 64) zeros[at] = 0x80;
  find_lzw(zeros, parts, plain_left);
  EXPECT_TRUE(parts.empty());
}

}  // namespace
}  // namespace ssmz::codec
