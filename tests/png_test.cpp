// SPDX-License-Identifier: Apache-2.0
// PNG files: their pixels are coded as a picture's, their chunks come back byte by byte.
#include "codec/transform/png.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base/little_endian.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/png_filters.hpp"
#include "codec/transform/png_interlace.hpp"
#include "tests/packed_size.hpp"
#include "tests/region_rig.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using test::Bytes;
using test::put;

constexpr unsigned width = 120, height = 90;

TransformLayout layout_of(unsigned channels) {
  return {
      .transform = Transform::png,
      .line = static_cast<std::uint16_t>(packed({6, DeflateWriter::zlib}) | (channels - 1) << pixel_bytes_at),
      .plain_size = 1,
      .row = width * channels};
}

/// Smooth, with noise; each row behind its filter's type, all five in turn.
Bytes plain_picture(unsigned channels, unsigned chunk) {
  Bytes plain;
  append_varint(chunk, plain);
  for (const unsigned byte : {0x78u, 0x9Cu, 0u}) plain.push_back(static_cast<std::uint8_t>(byte));
  for (unsigned y = 0; y < height; ++y) plain.push_back(static_cast<std::uint8_t>(y % 5));
  const Bytes noise = random_bytes(std::size_t{width} * height * channels);
  for (unsigned y = 0; y < height; ++y)
    for (unsigned x = 0; x < width; ++x)
      for (unsigned c = 0; c < channels; ++c)
        plain.push_back(
            static_cast<std::uint8_t>(x + y * (c + 1) / 2 + noise[(y * width + x) * channels + c] % 8));
  return plain;
}

Bytes chunks_of(const TransformLayout& layout, const Bytes& plain) {
  Bytes raw;
  (void)append_png(layout, plain, plain.size() * 8, raw);
  return raw;
}

Bytes png_file(unsigned channels, const Bytes& chunks) {
  Bytes file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  put(file, 13, 4, true);
  file = joined({file, bytes_of("IHDR")});
  put(file, width, 4, true);
  put(file, height, 4, true);
  const std::uint8_t colour = channels == 1 ? 0 : channels == 3 ? 2 : channels == 4 ? 6 : 4;
  file = joined({file, {8, colour, 0, 0, 0}, {1, 2, 3, 4}, chunks});
  return joined({file, {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82}});
}

TEST(Png, FiltersAreUndoneAndDone) {
  for (const std::size_t pixel : {1u, 3u, 8u}) {
    Bytes rows = random_bytes(24 * 20, static_cast<unsigned>(pixel));
    for (std::size_t y = 0; y < 20; ++y) rows[y * 24] = static_cast<std::uint8_t>(y * 7 % 5);
    const auto plain = without_filters(rows, 23, pixel);
    ASSERT_TRUE(plain);
    EXPECT_EQ(with_filters(*plain, 23, pixel), rows);
    rows[24] = 5;
    EXPECT_FALSE(without_filters(rows, 23, pixel));
    EXPECT_FALSE(with_filters(Bytes(24, 5), 23, pixel));
    EXPECT_FALSE(without_filters(Bytes(23), 23, pixel));
  }
  // Left, above and the corner above left: (10 + 20) / 2, and the one nearest to 10 + 20 - 5.
  EXPECT_EQ((*without_filters(Bytes{0, 5, 20, 3, 10, 1}, 2, 1)), (Bytes{0, 3, 5, 20, 12, 17}));
  EXPECT_EQ((*without_filters(Bytes{0, 5, 20, 4, 5, 1}, 2, 1)), (Bytes{0, 4, 5, 20, 10, 21}));
}

TEST(Png, ChunksComeBack) {
  for (const unsigned channels : {1u, 2u, 3u, 4u}) {
    for (const unsigned chunk : {100u, 8192u, 1u << 20}) {
      const Bytes plain = plain_picture(channels, chunk), raw = chunks_of(layout_of(channels), plain);
      const auto back = plain_of(layout_of(channels), raw);
      ASSERT_TRUE(back);
      EXPECT_EQ(std::min<std::size_t>(chunk, raw.size()),
                std::min<std::size_t>(png_front(*back)->chunk, raw.size()) + (chunk > raw.size() ? 12 : 0));
      EXPECT_TRUE(std::equal(back->end() - height * width * channels, back->end(),
                             plain.end() - height * width * channels));
      Bytes again;
      ASSERT_TRUE(append_written(layout_of(channels), *back, raw.size(), again));
      EXPECT_EQ(again, raw);
    }
  }
}

TEST(Png, OfOtherChunksIsLeftAlone) {
  const TransformLayout layout = layout_of(3);
  const Bytes raw = chunks_of(layout, plain_picture(3, 8192));
  ASSERT_TRUE(plain_of(layout, raw));
  for (const std::size_t at : {std::size_t{3}, std::size_t{5}, std::size_t{8200}, raw.size() - 1}) {
    Bytes damaged = raw;  // a size, a name, a chunk's sum, the last one's
    ++damaged[at];
    EXPECT_FALSE(plain_of(layout, damaged)) << at;
  }
  EXPECT_FALSE(plain_of(layout, Bytes(raw.begin(), raw.end() - 1)));
  TransformLayout other = layout;
  other.row -= 3;
  EXPECT_FALSE(plain_of(other, raw));
  other.row = 0, other.line = packed({6, DeflateWriter::zlib});
  EXPECT_TRUE(plain_of(other, raw));
}

// Of every size up to what each pass has several rows and columns of.
TEST(Png, PassesAreUndoneAndDone) {
  for (const std::size_t pixel : {1u, 3u})
    for (std::size_t columns = 1; columns < 20; ++columns)
      for (std::size_t rows = 1; rows < 20; ++rows) {
        const std::size_t row = columns * pixel;
        // Types of all passes' rows, told by the rows alone.
        std::size_t types = 0;
        constexpr unsigned first[7][2] = {{0, 0}, {4, 0}, {0, 4}, {2, 0}, {0, 2}, {1, 0}, {0, 1}};
        constexpr unsigned step[7] = {8, 8, 8, 4, 4, 2, 2};
        for (unsigned pass = 0; pass < 7; ++pass)
          for (std::size_t y = first[pass][1]; columns > first[pass][0] && y < rows; y += step[pass]) ++types;
        Bytes plain = random_bytes(types + rows * row, static_cast<unsigned>(rows));
        for (std::size_t i = 0; i < types; ++i) plain[i] = static_cast<std::uint8_t>(i % 5);
        EXPECT_EQ(interlaced_rows(plain.size(), row, pixel), rows);
        const auto passes = with_passes(plain, row, pixel);
        ASSERT_TRUE(passes);
        EXPECT_EQ(without_passes(*passes, row, pixel), plain);
        plain[types - 1] = 5;
        EXPECT_FALSE(with_passes(plain, row, pixel));
      }
  // Six by two pixels, no filters: one of the first pass, one of the second, and so on.
  const Bytes plain = {0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  EXPECT_EQ(*with_passes(plain, 6, 1), (Bytes{0, 1, 0, 5, 0, 3, 0, 2, 4, 6, 0, 7, 8, 9, 10, 11, 12}));
  EXPECT_FALSE(with_passes(Bytes(16), 6, 1)) << "no number of rows";
  EXPECT_FALSE(without_passes(Bytes(16), 6, 1));
  EXPECT_FALSE(interlaced_rows(0, 6, 1));
}

TEST(Png, OfPassesIsSmallerAsPixels) {
  TransformLayout layout = layout_of(3);
  layout.line |= png_interlaced;
  ASSERT_TRUE(valid_transform_layout(layout.packed()));
  Bytes plain = plain_picture(3, 8192);
  const std::size_t front = png_front(plain)->size, pixels = width * height * 3;
  std::size_t types = 0;
  while (interlaced_rows(types + pixels, width * 3, 3) != height) ++types;
  Bytes filters;
  for (std::size_t i = 0; i < types; ++i) filters.push_back(static_cast<std::uint8_t>(i % 5));
  plain = joined({Bytes(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(front)), filters,
                  Bytes(plain.end() - static_cast<std::ptrdiff_t>(pixels), plain.end())});
  const Bytes chunks = chunks_of(layout, plain);
  EXPECT_EQ(*plain_of(layout, chunks), plain);
  Bytes file = png_file(3, chunks);
  const std::size_t stored = packed_size(file);
  file[28] = 1;
  EXPECT_LT(packed_size(file) * 10, stored * 9);
  layout.row += 1;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
}

TEST(Png, OfPalettesIsDrawn) {
  const Bytes file = png_file(1, chunks_of(layout_of(1), plain_picture(1, 8192)));
  const auto pixels = [](const Bytes& content) {
    std::vector<WrittenPart> parts;
    std::uint64_t plain_left = 1u << 20;
    find_pngs(content, parts, plain_left);
    EXPECT_EQ(parts.size(), 1u);
    return parts.empty() ? PixelForm{} : parts[0].pixels;
  };
  EXPECT_FALSE(pixels(file).drawn);
  Bytes palette = file;
  palette[25] = 3;  // the type of colour
  EXPECT_TRUE(pixels(palette).drawn);
  EXPECT_EQ(pixels(palette).row, width);
  Bytes halves = palette;
  halves[24] = 4;  // bits of a pixel, of which there are twice as many
  halves[19] = static_cast<std::uint8_t>(2 * width);
  EXPECT_TRUE(pixels(halves).drawn);
  EXPECT_EQ(pixels(halves).row, width);
}

TEST(Png, RefusesPlainBytesThatAreNone) {
  Bytes raw;
  EXPECT_FALSE(append_png(layout_of(1), Bytes{}, 100, raw));
  EXPECT_FALSE(append_png(layout_of(1), Bytes{0, 0x78, 0x9C, 0}, 100, raw));
  EXPECT_FALSE(append_png(layout_of(1), Bytes{9, 0x78, 0x9C, 200}, 100, raw));
  raw.clear();
  Bytes plain = plain_picture(1, 1);
  EXPECT_FALSE(append_png(layout_of(1), plain, 2000, raw));
  EXPECT_LE(raw.size(), 2100u) << "many small chunks stop at the limit";
}

TEST(Png, HasLayoutsInRangeOnly) {
  const auto valid = [](const TransformLayout& layout) {
    EXPECT_EQ(TransformLayout::unpacked(layout.packed()), layout);
    return valid_transform_layout(layout.packed());
  };
  TransformLayout layout = layout_of(3);
  EXPECT_TRUE(valid(layout));
  layout.row = (1u << 17) - 1;
  EXPECT_TRUE(valid(layout));
  layout.row = 0;
  EXPECT_FALSE(valid(layout)) << "bytes of a pixel that nothing is done with";
  layout = layout_of(3);
  layout.transform = Transform::deflated;
  EXPECT_FALSE(valid(layout));
  layout = layout_of(3);
  layout.crlf = true;
  EXPECT_FALSE(valid(layout));
}

TEST(Png, FileIsCodedAsItsPixelsAre) {
  for (const unsigned channels : {1u, 3u}) {
    const Bytes chunks = chunks_of(layout_of(channels), plain_picture(channels, 8192));
    const Bytes file = png_file(channels, chunks);
    const std::vector<WrittenPart> parts = find_written_parts(file);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].layout.transform, Transform::png);
    EXPECT_EQ(parts[0].layout.row, width * channels);
    EXPECT_EQ(parts[0].pixels.channels, channels);
    EXPECT_EQ(parts[0].size, chunks.size());
    EXPECT_LT(packed_size(file) * 8, file.size() * 7);
    // So is one among others, and one that is cut off is not.
    const Bytes two = joined({random_bytes(5000), file, file});
    EXPECT_EQ(find_written_parts(two).size(), 2u);
    EXPECT_TRUE(find_written_parts(Bytes(file.begin(), file.end() - 200)).empty());
  }
}

TEST(Png, OfSixteenBitsMadeFromEightTakesWhatTheseDo) {
  const Bytes narrow = plain_picture(1, 8192);
  const auto pixels = narrow.end() - width * height;
  Bytes wide(narrow.begin(), pixels);
  for (auto pixel = pixels; pixel != narrow.end(); ++pixel) wide.insert(wide.end(), 2, *pixel);
  Bytes file = png_file(2, chunks_of(layout_of(2), wide));
  file[24] = 16;
  file[25] = 0;  // grey
  EXPECT_LT(packed_size(file), packed_size(png_file(1, chunks_of(layout_of(1), narrow))) + 100);
}

}  // namespace
}  // namespace ssmz::codec
