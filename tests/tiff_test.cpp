// SPDX-License-Identifier: Apache-2.0
// Strips of TIFF files: their streams are coded as pixels, differences of rows come back.
#include <gtest/gtest.h>

#include <algorithm>

#include "codec/lzw/lzw.hpp"
#include "codec/transform/differences.hpp"
#include "codec/transform/lzw_coded.hpp"
#include "codec/transform/tiff_strips.hpp"
#include "tests/packed_size.hpp"
#include "tests/region_rig.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::Bytes;
using test::put;

struct TiffSample {
  unsigned width = 90, height = 60, channels = 3, sample_bytes = 1, rows_of_strip = 16;
  unsigned predictor = 2, photometric = 2, planar = 1, tile_width = 0;
  bool big_endian = false, directory_last = true;
};

TransformLayout layout_of(const TiffSample& is) {
  TransformLayout layout{
      .transform = Transform::differences, .kind = TransformLayout::blocks, .plain_size = 1};
  layout.line = DifferenceForm{is.channels, is.sample_bytes, is.big_endian && is.sample_bytes == 2}.packed();
  layout.row = is.width * is.channels * is.sample_bytes;
  return layout;
}

/// Smooth, with noise that wanders, so that neighbours of all sides tell more than what was before.
Bytes pixels_of(const TiffSample& is) {
  Bytes pixels;
  const std::size_t row = std::size_t{is.width} * is.channels;
  const Bytes noise = random_bytes(row * is.height);
  std::vector<int> values;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const int above = i >= row ? values[i - row] : 128 * 16;
    const int left = i % row >= is.channels ? values[i - is.channels] : above;
    values.push_back((above + left) / 2 + noise[i] % 64 - 31);
    const auto value = static_cast<unsigned>(values.back());
    if (is.sample_bytes == 1)
      put(pixels, value / 16 % 256, 1);
    else
      put(pixels, value * 8 + noise[i] / 64, 2, is.big_endian);
  }
  return pixels;
}

Bytes strip_of(const TiffSample& is, Bytes pixels) {
  if (is.predictor == 2) {
    Bytes written;
    append_differences(layout_of(is), pixels, written);
    pixels = written;
  }
  Bytes stream;
  EXPECT_TRUE(append_lzw({LzwForm::tiff, 8}, {.period = 3836}, pixels, 3 * pixels.size() + 1000, stream));
  return stream;
}

Bytes directory_of(const TiffSample& is, std::size_t at, const std::vector<std::size_t>& places,
                   const std::vector<std::size_t>& sizes) {
  struct Entry {
    unsigned tag, type, count;
    std::size_t value;
  };
  const auto pieces = static_cast<unsigned>(places.size());
  std::vector<Entry> entries = {{256, 4, 1, is.width},
                                {257, 4, 1, is.height},
                                {258, 3, 1, is.sample_bytes * 8},
                                {259, 3, 1, 5},
                                {262, 3, 1, is.photometric},
                                {273, 4, pieces, 0},
                                {277, 3, 1, is.channels},
                                {279, 4, pieces, 0},
                                {284, 3, 1, is.planar},
                                {317, 3, 1, is.predictor},
                                {322, 4, 1, is.tile_width}};
  const std::size_t lists = at + 2 + 12 * entries.size() + 4;
  entries[5].value = pieces == 1 ? places[0] : lists;
  entries[7].value = pieces == 1 ? sizes[0] : lists + 4 * places.size();
  Bytes out;
  put(out, entries.size(), 2, is.big_endian);
  for (const Entry& entry : entries) {
    put(out, entry.tag, 2, is.big_endian);
    put(out, entry.type, 2, is.big_endian);
    put(out, entry.count, 4, is.big_endian);
    put(out, entry.value, entry.type == 3 ? 2 : 4, is.big_endian);
    if (entry.type == 3) put(out, 0, 2);
  }
  put(out, 0, 4);
  for (const auto& list : {places, sizes})
    for (const std::size_t value : list) put(out, value, 4, is.big_endian);
  return out;
}

Bytes tiff_file(const TiffSample& is) {
  const Bytes pixels = pixels_of(is);
  const std::size_t strip = std::size_t{is.width} * is.channels * is.sample_bytes * is.rows_of_strip;
  std::vector<Bytes> strips;
  for (std::size_t at = 0; at < pixels.size(); at += strip)
    strips.push_back(strip_of(
        is, Bytes(pixels.begin() + static_cast<std::ptrdiff_t>(at),
                  pixels.begin() + static_cast<std::ptrdiff_t>(std::min(at + strip, pixels.size())))));
  const std::size_t directory_size =
      directory_of(is, 0, std::vector<std::size_t>(strips.size()), std::vector<std::size_t>(strips.size()))
          .size();
  std::vector<std::size_t> places, sizes;
  std::size_t at = 8 + (is.directory_last ? 0 : directory_size);
  for (const Bytes& stream : strips) {
    places.push_back(at);
    sizes.push_back(stream.size());
    at += stream.size();
  }
  const std::size_t directory_at = is.directory_last ? at : 8;
  Bytes file(2, is.big_endian ? 'M' : 'I');
  put(file, 42, 2, is.big_endian);
  put(file, directory_at, 4, is.big_endian);
  const Bytes directory = directory_of(is, directory_at, places, sizes);
  if (!is.directory_last) file = joined({file, directory});
  for (const Bytes& stream : strips) file = joined({file, stream});
  return is.directory_last ? joined({file, directory}) : file;
}

TEST(Differences, ComeBack) {
  for (unsigned channels = 1; channels <= 4; ++channels)
    for (const unsigned sample_bytes : {1u, 2u})
      for (const bool big_endian : {false, true})
        for (const std::size_t cut : {0u, 1u, 3u}) {
          const TransformLayout layout = layout_of(
              {.width = 9, .channels = channels, .sample_bytes = sample_bytes, .big_endian = big_endian});
          const Bytes raw = random_bytes(layout.row * 5 + cut);
          const auto plain = plain_of(layout, raw);
          ASSERT_TRUE(plain);
          EXPECT_EQ(plain->size(), raw.size());
          EXPECT_NE(*plain, raw);
        }
  TransformLayout layout = layout_of({.width = 2, .channels = 1});
  EXPECT_EQ(*plain_of(layout, Bytes{10, 5, 200, 100}), (Bytes{10, 15, 200, 44}));
  layout = layout_of({.width = 2, .channels = 2});
  EXPECT_EQ(*plain_of(layout, Bytes{10, 5, 1, 255}), (Bytes{10, 5, 11, 4}));
  layout = layout_of({.width = 2, .channels = 1, .sample_bytes = 2, .big_endian = true});
  EXPECT_EQ(*plain_of(layout, Bytes{1, 200, 0, 100}), (Bytes{1, 200, 2, 44}));
}

TEST(Differences, OtherLayoutsAreRefused) {
  const TransformLayout good = layout_of({});
  ASSERT_TRUE(valid_transform_layout(good.packed()));
  const auto with = [&](auto change) {
    TransformLayout layout = good;
    change(layout);
    return valid_transform_layout(layout.packed());
  };
  EXPECT_FALSE(with([](TransformLayout& layout) { layout.row = 0; }));
  EXPECT_FALSE(with([](TransformLayout& layout) { layout.row += 1; }));
  EXPECT_FALSE(with([](TransformLayout& layout) { layout.line |= 8; })) << "order of one byte";
  EXPECT_FALSE(with([](TransformLayout& layout) { layout.line |= 16; }));
  EXPECT_FALSE(with([](TransformLayout& layout) { layout.crlf = true; }));
  EXPECT_FALSE(with([](TransformLayout& layout) { layout.ends_line = true; }));
  EXPECT_TRUE(can_write({.transform = Transform::differences, .plain_size = 7}, 7));
  EXPECT_FALSE(can_write({.transform = Transform::differences, .plain_size = 7}, 8));
}

// As the same streams behind a directory that says they hold no pixels.
TEST(Tiff, StripsAreSmallerAsPixels) {
  for (const unsigned predictor : {1u, 2u}) {
    TiffSample sample{.predictor = predictor, .big_endian = predictor == 1, .directory_last = predictor == 2};
    const std::size_t pixels = packed_size(joined({text_bytes(99), tiff_file(sample)}));
    sample.photometric = 3;
    const std::size_t bytes = packed_size(joined({text_bytes(99), tiff_file(sample)}));
    EXPECT_LT(pixels * 100, bytes * 97) << predictor;
  }
}

TEST(Tiff, StripsOfLongSamplesComeBack) {
  for (const bool big_endian : {false, true})
    packed_size(tiff_file({.width = 200, .sample_bytes = 2, .big_endian = big_endian}));
}

std::vector<WrittenPart> parts_of(const Bytes& file) {
  std::vector<WrittenPart> parts = find_written_parts(file);
  EXPECT_FALSE(parts.empty());
  return parts;
}

TEST(Tiff, StripsHaveTheFormThatTheDirectorySays) {
  TiffSample sample{.big_endian = true};
  std::vector<WrittenPart> parts = parts_of(joined({Bytes(5), tiff_file(sample)}));
  ASSERT_EQ(parts.size(), 4u);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].pixels.row, 270u);
    EXPECT_EQ(parts[i].pixels.channels, 3u);
    EXPECT_TRUE(parts[i].pixels.differences);
    EXPECT_FALSE(parts[i].pixels.big_endian) << "of bytes";
    EXPECT_EQ(parts[i].pixels.goes_on, i > 0);
  }
  sample.planar = 2;
  EXPECT_EQ(parts_of(tiff_file(sample))[0].pixels.row, 90u);
  sample = {.tile_width = 32};
  EXPECT_EQ(parts_of(tiff_file(sample))[0].pixels.row, 96u);
  for (const TiffSample& other : {TiffSample{.photometric = 3}, TiffSample{.photometric = 6},
                                  TiffSample{.predictor = 3}, TiffSample{.tile_width = 50000}})
    EXPECT_EQ(parts_of(tiff_file(other))[0].pixels.channels, 0u);
}

// Each of many headers says that its list of strips is long, and its directory comes round: the time is
// bounded by the bytes.
TEST(Tiff, HeadersWithoutEndAreLeftAlone) {
  TiffSample sample{.directory_last = false};
  Bytes file = tiff_file(sample);
  std::vector<WrittenPart> parts = parts_of(file);
  // The directory's place as the next one.
  const std::size_t next = 8 + 2 + 12 * 11;
  file[next] = 8;
  set_tiff_pixels(file, parts);
  EXPECT_EQ(parts[0].pixels.channels, 3u);
  // A list beyond the file.
  file[8 + 2 + 12 * 5 + 7] = 0x7f;
  parts[0].pixels = {};
  set_tiff_pixels(file, parts);
  EXPECT_EQ(parts[0].pixels.channels, 0u);
  for (std::size_t size = 0; size < file.size(); size += 7)
    set_tiff_pixels(std::span(file).first(size), parts);
}

}  // namespace
}  // namespace ssmz::codec
