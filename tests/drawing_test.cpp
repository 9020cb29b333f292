// SPDX-License-Identifier: Apache-2.0
// Drawings: what headers tell of palettes, and the way through the codec.
#include <gtest/gtest.h>

#include "codec/block/block_coder.hpp"
#include "codec/block/drawing_layout.hpp"
#include "codec/bytes/drawn_pixels.hpp"
#include "codec/image/picture_headers.hpp"
#include "codec/transform/transform_finder.hpp"
#include "tests/region_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using test::expect_goes_on;
using test::put;
using test::round_trip;

/// Tiles of a few patterns in colours whose numbers say nothing.
Bytes tiles(unsigned width, unsigned height, unsigned channels = 1) {
  const Bytes patterns = random_bytes(4 * 64, 3), choice = random_bytes(std::size_t{width} * height, 4),
              colours = random_bytes(std::size_t{16} * channels, 5);
  Bytes out;
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x) {
      const unsigned tile = choice[y / 8 * width + x / 8] % 4u;
      const unsigned colour = patterns[tile * 64 + y % 8 * 8 + x % 8] % 16u;
      for (unsigned c = 0; c < channels; ++c) out.push_back(colours[colour * channels + c]);
    }
  return out;
}

/// Neither grey nor rising.
Bytes palette(unsigned colours, unsigned bytes) { return random_bytes(std::size_t{colours} * bytes, 9); }

Bytes bmp(std::uint32_t width, std::uint32_t height, unsigned bits) {
  const unsigned colours = 1u << bits;
  return joined({test::bmp_header(width, height, bits, colours), palette(colours, 4)});
}

Bytes tga(std::uint32_t width, std::uint32_t height) {
  Bytes out = {0, 1, 1, 0, 0, 0, 1, 24, 0, 0, 0, 0};
  put(out, width, 2);
  put(out, height, 2);
  out.insert(out.end(), {8, 0});
  return joined({out, palette(256, 3)});
}

Bytes tiff(std::uint32_t width, std::uint32_t height) {
  Bytes out = bytes_of("II");
  put(out, 42, 2);
  put(out, 8, 4);
  const std::vector<std::array<std::uint32_t, 2>> entries = {
      {256, width}, {257, height}, {258, 8}, {259, 1}, {262, 3}, {273, 200}, {277, 1}, {279, width * height}};
  put(out, entries.size(), 2);
  for (const auto& [tag, value] : entries) {
    put(out, tag, 2);
    put(out, 4, 2);
    put(out, 1, 4);
    put(out, value, 4);
  }
  out.resize(200);
  return out;
}

BlockType drawing(std::uint32_t row) {
  return {BlockKind::drawing, DrawingLayout{.row_bytes = row}.packed()};
}

TEST(DrawingLayout, IsPackedAndChecked) {
  for (unsigned channels = 1; channels <= 4; ++channels)
    for (const std::uint32_t row : {1u, 3u, DrawingLayout::max_row})
      for (const bool goes_on : {false, true}) {
        const std::uint64_t packed = DrawingLayout{goes_on, channels, row}.packed();
        EXPECT_TRUE(valid_drawing_layout(packed));
        EXPECT_EQ(DrawingLayout::of(packed).packed(), packed);
      }
  EXPECT_FALSE(valid_drawing_layout(0));
  EXPECT_FALSE(valid_drawing_layout(7));
  EXPECT_FALSE(valid_drawing_layout(DrawingLayout{.row_bytes = DrawingLayout::max_row + 1}.packed()));
  EXPECT_FALSE(valid_drawing_layout(~std::uint64_t{0}));
}

TEST(DrawnPixels, AreThoseAround) {
  const unsigned row = 12, channels = 3;
  Bytes content = random_bytes(5 * row, 1);
  DrawnPixels pixels;
  pixels.set_layout({.channels = channels, .row_bytes = row}, 0);
  const std::size_t at = 4 * row + 7;  // the second byte of the third pixel
  pixels.look(at, [&](std::uint64_t k) { return k <= at ? unsigned{content[at - k]} : 0u; });
  const auto pixel = [&](unsigned x, unsigned y) {
    const std::uint8_t* const from = &content[y * row + x * channels];
    return std::uint32_t{from[0]} << 16 | from[1] << 8 | from[2];
  };
  EXPECT_EQ(pixels.pixel(DrawnPixels::w), pixel(1, 4));
  EXPECT_EQ(pixels.pixel(DrawnPixels::n), pixel(2, 3));
  EXPECT_EQ(pixels.pixel(DrawnPixels::ne), pixel(3, 3));
  EXPECT_EQ(pixels.pixel(DrawnPixels::nnw), pixel(1, 2));
  EXPECT_EQ(pixels.pixel(DrawnPixels::nnn), pixel(2, 1));
  EXPECT_EQ(pixels.sample(DrawnPixels::n), content[3 * row + 7]);
  EXPECT_EQ(pixels.channel(), 1u);
  EXPECT_EQ(pixels.here(), 1u << 8 | content[at - 1]);
  EXPECT_EQ(pixels.column(), 7u);
  // In a row of one pixel its right neighbour is the coming one, of which nothing is known.
  pixels.set_layout({.channels = 1, .row_bytes = 1}, 0);
  pixels.look(at, [&](std::uint64_t k) {
    EXPECT_GE(k, 1u);
    return 1u;
  });
}

TEST(Drawing, HeadersTellOfPalettes) {
  const unsigned width = 101, height = 100;
  const auto found = [](const Bytes& content) {
    const auto region = find_picture(content, true);
    EXPECT_TRUE(region);
    return region ? region->type : BlockType{};
  };
  EXPECT_EQ(found(joined({bmp(width, height, 8), tiles(104, height)})), drawing(104));
  EXPECT_EQ(found(joined({bmp(width, height, 4), tiles(52, height)})), drawing(52));
  EXPECT_EQ(found(joined({tga(width, height), tiles(width, height)})), drawing(width));
  EXPECT_EQ(found(joined({tiff(width, height), tiles(width, height)})), drawing(width));
}

TEST(Drawing, HostileHeadersGiveNothingOrAValidLayout) {
  for (const std::uint32_t width : {0u, 1u, 0xffffu, 0x10000u, 0x3ffffu, 0x7fffffffu, 0xffffffffu})
    for (const std::uint32_t height : {0u, 1u, 0xffffu, 0x80000000u, 0xffffffffu})
      for (Bytes content :
           {bmp(width, height, 8), bmp(width, height, 4), tga(width, height), tiff(width, height)}) {
        content.resize(9000, 3);
        const auto region = find_picture(content, true);
        if (!region) continue;
        EXPECT_LT(region->offset, content.size());
        EXPECT_GT(region->size, 0u);
        EXPECT_EQ(region->type.kind, BlockKind::drawing);
        EXPECT_TRUE(valid_drawing_layout(region->type.layout));
      }
}

TEST(Drawing, IsSmallerByItsPixels) {
  const unsigned width = 120, height = 100;
  const Bytes pixels = tiles(width, height), file = joined({bmp(width, height, 8), pixels});
  for (const int level : {1, 4}) {
    // The same bytes, of which nothing tells that they are pixels.
    const std::size_t told = round_trip(file, level), untold = round_trip(joined({{1}, pixels}), level);
    EXPECT_LT((told - 1024) * 10, untold * 9) << "-" << level;
  }
}

TEST(Drawing, GoesOnOverWindowsAndBlocks) {
  const unsigned width = 120, height = 200;
  const Bytes head = bmp(width, height, 8), pixels = tiles(width, height);
  expect_goes_on(joined({head, pixels}), head.size() + 50 * width + 7, head.size(),
                 head.size() + pixels.size(), BlockKind::drawing);
  const ModelParameters parameters = *parameters_for(5, pixels.size(), 0);
  const auto vocabulary = Vocabulary::builtin();
  const auto sizes = [&](bool goes_on) {
    auto writer = BlockCoder::create(parameters, vocabulary).value();
    auto reader = BlockCoder::create(parameters, vocabulary).value();
    std::size_t size = 0;
    for (std::size_t at = 0; at < pixels.size(); at += 6007) {
      const std::size_t count = std::min<std::size_t>(6007, pixels.size() - at);
      const Bytes part(pixels.begin() + static_cast<std::ptrdiff_t>(at),
                       pixels.begin() + static_cast<std::ptrdiff_t>(at + count));
      const DrawingLayout layout{goes_on && at > 0, 1, width};
      Bytes coded, raw;
      EXPECT_TRUE(writer->encode({BlockKind::drawing, layout.packed()}, part, coded, {}).ok());
      EXPECT_TRUE(reader->decode({BlockKind::drawing, layout.packed()}, coded, count, raw, {}).ok());
      EXPECT_EQ(raw, part);
      size += coded.size();
    }
    return size;
  };
  EXPECT_NE(sizes(true), sizes(false));  // columns are counted from where the picture begins
}

TEST(Drawing, OfSeveralBytesAPixelComesBack) {
  for (unsigned channels = 2; channels <= 4; ++channels) {
    const Bytes pixels = tiles(64, 64, channels);
    const ModelParameters parameters = *parameters_for(2, pixels.size(), 0);
    const DrawingLayout layout{false, channels, 64 * channels};
    Bytes coded, raw;
    EXPECT_TRUE(BlockCoder::create(parameters, Vocabulary::builtin())
                    .value()
                    ->encode({BlockKind::drawing, layout.packed()}, pixels, coded, {})
                    .ok());
    EXPECT_TRUE(BlockCoder::create(parameters, Vocabulary::builtin())
                    .value()
                    ->decode({BlockKind::drawing, layout.packed()}, coded, pixels.size(), raw, {})
                    .ok());
    EXPECT_EQ(raw, pixels);
    EXPECT_LT(coded.size() * 8, pixels.size());
  }
}

}  // namespace
}  // namespace ssmz::codec
