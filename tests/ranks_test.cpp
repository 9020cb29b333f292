// SPDX-License-Identifier: Apache-2.0
// Samples by their ranks: values of few come back and are smaller, others are left alone, hostile tables.
#include "codec/transform/ranks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "codec/base/little_endian.hpp"
#include "tests/region_rig.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using test::put;
using test::round_trip;

TransformLayout layout_of(const RankForm& form) {
  return {
      .transform = Transform::ranks, .kind = TransformLayout::blocks, .line = form.packed(), .plain_size = 1};
}

/// A smooth picture with noise, 8 bits a sample, `channels` side by side.
Bytes picture_of(std::size_t width, std::size_t height, unsigned channels) {
  const Bytes noise = random_bytes(width * height * channels);
  Bytes pixels;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const double x = static_cast<double>(i / channels % width), y = static_cast<double>(i / channels / width);
    const double light = 128 + 80 * std::sin(x / 19 + static_cast<double>(i % channels)) * std::cos(y / 23);
    pixels.push_back(static_cast<std::uint8_t>(light + noise[i] % 8));
  }
  return pixels;
}

/// Samples of two bytes, of 8-bit `samples` times `factor`.
Bytes widened(const Bytes& samples, unsigned factor, bool big_endian) {
  Bytes out;
  for (const std::uint8_t sample : samples) put(out, sample * factor, 2, big_endian);
  return out;
}

Bytes pgm(std::size_t width, std::size_t height, unsigned most, const Bytes& pixels) {
  const std::string header =
      "P5\n" + std::to_string(width) + " " + std::to_string(height) + "\n" + std::to_string(most) + "\n";
  return joined({Bytes(header.begin(), header.end()), pixels});
}

TEST(Ranks, SamplesOfFewValuesComeBack) {
  const Bytes pixels = picture_of(100, 60, 3);
  for (const unsigned factor : {2u, 16u, 256u, 257u})
    for (const bool big_endian : {false, true})
      for (const bool is_signed : {false, true})
        for (const bool centred : {false, true})
          for (const unsigned channels : {1u, 3u, 8u}) {
            const TransformLayout layout = layout_of({2, big_endian, is_signed, centred, channels});
            ASSERT_TRUE(valid_transform_layout(layout.packed()));
            const Bytes raw = widened(pixels, factor, big_endian);
            const std::optional<Bytes> plain = plain_of(layout, raw);
            ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
            const auto front = ranks_front(layout, *plain);
            ASSERT_TRUE(front);
            EXPECT_EQ(front->rank_bytes, 1u);
            EXPECT_EQ(plain->size(), front->size + pixels.size());
          }
}

// Each third value is missing, as of a picture made lighter.
TEST(Ranks, HistogramsWithGapsHaveTables) {
  Bytes raw;
  for (const std::uint8_t pixel : picture_of(100, 60, 1))
    raw.push_back(static_cast<std::uint8_t>(pixel / 2 * 3 / 2));
  const TransformLayout layout = layout_of({});
  const std::optional<Bytes> plain = plain_of(layout, raw);
  ASSERT_TRUE(plain);
  EXPECT_GT(ranks_front(layout, *plain)->size, 50u);
  EXPECT_LT(*std::max_element(plain->begin() + 200, plain->end()),
            *std::max_element(raw.begin(), raw.end()) * 7 / 10);
}

TEST(Ranks, OfSoundHaveSilenceInTheMiddle) {
  Bytes raw;
  for (const std::uint8_t sample : picture_of(100, 60, 1))
    put(raw, static_cast<std::uint16_t>((sample - 128) * 200), 2);
  const TransformLayout layout = layout_of({.sample_bytes = 2, .is_signed = true, .centred = true});
  const Bytes silence(200, 0);
  const Bytes content = joined({raw, silence});
  const std::optional<Bytes> plain = plain_of(layout, content);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->back(), 128u);
}

TEST(Ranks, OfSamplesWhoseValuesAllOccurAreNotMade) {
  EXPECT_FALSE(plain_of(layout_of({}), picture_of(100, 60, 1)));
  EXPECT_FALSE(plain_of(layout_of({}), random_bytes(10000)));
  EXPECT_FALSE(plain_of(layout_of({.sample_bytes = 2}), random_bytes(20000))) << "too few samples to know";
  EXPECT_FALSE(plain_of(layout_of({.sample_bytes = 2}), random_bytes(400000)));
  EXPECT_FALSE(plain_of(layout_of({.sample_bytes = 2}), Bytes(10001, 7))) << "a sample is cut";
  EXPECT_FALSE(plain_of(layout_of({}), Bytes()));
}

TEST(Ranks, HostileTablesGiveSomethingOrNothing) {
  const Bytes pixels = picture_of(40, 20, 2);
  const TransformLayout layout = layout_of({.sample_bytes = 2, .channels = 2});
  const Bytes raw = widened(pixels, 257, false);
  expect_something_or_nothing(layout, *plain_of(layout, raw), raw.size());
  Bytes out;
  const auto table = [](std::initializer_list<std::uint64_t> numbers, std::size_t ranks) {
    Bytes plain;
    for (const std::uint64_t number : numbers) append_varint(number, plain);
    plain.resize(plain.size() + ranks);
    return plain;
  };
  const TransformLayout one = layout_of({.sample_bytes = 2});
  EXPECT_TRUE(append_written(one, table({2 * 65535, 0, 0, 1}, 20), 20, out));
  for (const auto& hostile :
       {table({2 * 65536, 0, 0, 1}, 20), table({2 * 65535, 1, 0, 1}, 20), table({2 * 65535, 0, 1, 1}, 20),
        table({2 * 40000, 0, 0, 2}, 20), table({0, 0, 65536, 1}, 20), table({0, 0, 0, 0}, 20),
        table({2, 0, 0, 65536}, 20), table({3, 0, 0, 1, varint_limit - 1}, 20),
        table({varint_limit - 1, 0, 0, 1}, 20), table({0, varint_limit - 1, 0, 1}, 20),
        table({0, 1, 0, 1}, 20), table({0, 0, 0}, 0), table({201, 0, 0, 1}, 3)}) {
    out.clear();
    EXPECT_FALSE(append_written(one, hostile, 40, out) || append_written(one, hostile, 20, out));
  }
}

TEST(Ranks, LayoutsAreRefusedThatSayAThingTwice) {
  EXPECT_FALSE(valid_transform_layout(layout_of({.big_endian = true}).packed()));
  TransformLayout layout = layout_of({});
  layout.line = 128;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
  layout = layout_of({});
  layout.row = 1;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
  EXPECT_TRUE(can_write(layout_of({.sample_bytes = 2}), 2));
  EXPECT_FALSE(can_write(layout_of({.sample_bytes = 2}), 3));
}

TEST(Ranks, PicturesOf16BitsMadeFrom8TakeWhatTheseDo) {
  const Bytes pixels = picture_of(160, 100, 1);
  const std::size_t narrow = round_trip(pgm(160, 100, 255, pixels));
  for (const unsigned factor : {257u, 256u, 16u})
    EXPECT_LT(round_trip(pgm(160, 100, 65535, widened(pixels, factor, true))), narrow + 100) << factor;
}

TEST(Ranks, GoOnInTheNextWindow) {
  const Bytes pixels = picture_of(160, 400, 1);
  CompressOptions options;
  options.level = 1;
  options.frame_size = 30000;
  const Bytes content = pgm(160, 400, 65535, widened(pixels, 257, true));
  const Result<Bytes> frames = compress(content, options);
  ASSERT_TRUE(frames.ok());
  EXPECT_EQ(decompress(frames.value()).value(), content);
}

}  // namespace
}  // namespace ssmz::codec
