// SPDX-License-Identifier: Apache-2.0
// TrueType fonts: what follows from outlines is found to follow, and comes back.
#include "codec/transform/font.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "codec/base/ordered_numbers.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::expect_damage_is_seen;
using ssmz::test::expect_needs_all;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::text_bytes;

constexpr ByteOrder order{.big_endian = true};

void append(std::int64_t value, unsigned size, Bytes& bytes) {
  bytes.resize(bytes.size() + size);
  order.put(static_cast<std::uint64_t>(value), size, bytes, bytes.size() - size);
}

/// An outline of two contours with steps of all lengths, or, of some, of two other glyphs, and its box.
Bytes outline(std::mt19937& random, unsigned glyph) {
  const auto some = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
  Bytes bytes;
  if (glyph % 10 == 9) {
    append(-1, 2, bytes);
    for (const int side : {1, 2, 300, 400}) append(side + some(9), 2, bytes);
    append(0x21, 2, bytes), append(3, 2, bytes), append(100, 4, bytes);
    append(0x100 | 0x08, 2, bytes), append(4, 2, bytes), append(7, 2, bytes), append(0x4000, 2, bytes);
    append(3, 2, bytes), append(0x010203, 3, bytes);
    return bytes;
  }
  const int points = 6 + some(30);
  Bytes flags, xs, ys;
  int x = 0, y = 0, box[4] = {};
  bool repeats = false;
  std::uint8_t last = 0;
  for (int i = 0; i < points; ++i) {
    std::uint8_t flag = 1;
    const auto step = [&](int& value, Bytes& to, std::uint8_t is_short, std::uint8_t same) {
      const int by = some(3) == 0 ? 0 : some(2) == 0 ? some(256) - 128 : some(900) - 450;
      value += by;
      if (by == 0) {
        flag |= same;
      } else if (by > -256 && by < 256) {
        flag = static_cast<std::uint8_t>(flag | is_short | (by > 0 ? same : 0));
        append(by > 0 ? by : -by, 1, to);
      } else {
        append(by, 2, to);
      }
    };
    step(x, xs, 2, 16);
    step(y, ys, 4, 32);
    const bool same = i > 0 && flag == last;
    if (same && repeats && flags.back() < 200) {
      ++flags.back();
    } else if (same && !repeats && i > 2) {
      flags.back() |= 8u;
      flags.push_back(1);
      repeats = true;
    } else {
      flags.push_back(flag);
      repeats = false;
    }
    last = flag;
    const int sides[] = {x, y};
    for (unsigned k = 0; k < 2; ++k) {
      box[k] = i == 0 ? sides[k] : std::min(box[k], sides[k]);
      box[k + 2] = i == 0 ? sides[k] : std::max(box[k + 2], sides[k]);
    }
  }
  append(2, 2, bytes);
  for (const int side : box) append(side, 2, bytes);
  append(3, 2, bytes), append(points - 1, 2, bytes), append(1, 2, bytes), append(0xb0, 1, bytes);
  return joined({bytes, flags, xs, ys});
}

struct FontFile {
  Bytes bytes;
  std::size_t glyf = 0, loca = 0, hmtx = 0;
};

/// Of 200 glyphs, the fifth of which is empty.
FontFile font(bool wide, std::size_t alignment, unsigned glyphs = 200) {
  std::mt19937 random(2);
  Bytes glyf, loca, hmtx, head(54, 0), hhea(36, 0), maxp(32, 0);
  const auto place = [&] {
    append(static_cast<std::int64_t>(wide ? glyf.size() : glyf.size() / 2), wide ? 4 : 2, loca);
  };
  for (unsigned i = 0; i < glyphs; ++i) {
    place();
    const Bytes is = i == 5 ? Bytes() : outline(random, i);
    append(600, 2, hmtx);
    append(is.empty() ? 0 : static_cast<std::int64_t>(order.get(is, 2, 2)), 2, hmtx);
    glyf.insert(glyf.end(), is.begin(), is.end());
    glyf.resize((glyf.size() + alignment - 1) / alignment * alignment);
  }
  place();
  order.put(wide ? 1 : 0, 2, head, 50);
  order.put(0x12345678, 4, head, 8);
  order.put(glyphs, 2, maxp, 4);
  order.put(glyphs, 2, hhea, 34);
  FontFile file;
  const std::pair<std::string_view, const Bytes&> tables[] = {{"glyf", glyf}, {"head", head}, {"hhea", hhea},
                                                              {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}};
  append(0x00010000, 4, file.bytes), append(6, 2, file.bytes), append(0, 6, file.bytes);
  std::size_t at = 12 + 16 * 6;
  for (const auto& [name, table] : tables) {
    file.bytes.insert(file.bytes.end(), name.begin(), name.end());
    std::uint32_t sum = 0;
    for (std::size_t k = 0; k < table.size(); ++k) sum += std::uint32_t{table[k]} << (24 - 8 * (k % 4));
    if (name == "head") sum -= 0x12345678;
    append(sum, 4, file.bytes), append(static_cast<std::int64_t>(at), 4, file.bytes);
    append(static_cast<std::int64_t>(table.size()), 4, file.bytes);
    if (name == "glyf") file.glyf = at;
    if (name == "loca") file.loca = at;
    if (name == "hmtx") file.hmtx = at;
    at += (table.size() + 3) / 4 * 4;
  }
  for (const auto& entry : tables) {
    file.bytes.insert(file.bytes.end(), entry.second.begin(), entry.second.end());
    if (entry.first != "maxp") file.bytes.resize((file.bytes.size() + 3) / 4 * 4);
  }
  return file;
}

constexpr auto parts_in = ssmz::test::parts_by<find_fonts>;

TEST(Font, IsFoundAndWhatFollowsIsZero) {
  for (const bool wide : {false, true})
    for (const unsigned power : {1u, 2u}) {
      const FontFile file = font(wide, std::size_t{1} << power);
      const Bytes content = joined({text_bytes(77), file.bytes, text_bytes(30)});
      const auto parts = parts_in(content);
      ASSERT_EQ(parts.size(), 1u);
      EXPECT_EQ(parts[0].at, 77u);
      EXPECT_EQ(parts[0].size, file.bytes.size());
      EXPECT_EQ(parts[0].layout.line, power);
      const std::optional<Bytes> plain = plain_of(parts[0].layout, file.bytes);
      ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
      const unsigned size = wide ? 4 : 2;
      for (std::size_t i = 1; i <= 200; ++i)
        EXPECT_EQ(order.get(*plain, file.loca + size * i, size), i == 6 ? 1u : 0u) << i;
      for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(order.get(*plain, file.hmtx + 4 * i + 2, 2), 0u);
      for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(order.word(*plain, 12 + 16 * i + 4), 0u) << "sums";
      for (unsigned side = 0; side < 4; ++side) EXPECT_EQ(order.get(*plain, file.glyf + 2 + 2 * side, 2), 0u);
      EXPECT_TRUE(parts_in(*plain).empty()) << "it is turned once";
    }
}

TEST(Font, BecomesSmaller) {
  const FontFile file = font(true, 4, 600);
  Bytes other = file.bytes;
  other[0] = 1;
  EXPECT_LT(packed_size(file.bytes) * 100, packed_size(other) * 92);
}

TEST(Font, OthersComeBackOrAreLeftAlone) {
  const FontFile file = font(false, 2, 60);
  expect_damage_is_seen<find_fonts>(file.bytes, 0, 1);
  expect_something_or_nothing({.transform = Transform::font, .line = 1}, file.bytes, file.bytes.size());
  expect_needs_all<find_fonts>(file.bytes, 31);
}

TEST(Font, GlyphsThatShareLongOutlinesAreRefused) {
  // All are the same one of 65,535 points in 600 bytes.
  FontFile file = font(true, 4);
  Bytes flags;
  for (unsigned k = 0; k < 257; ++k) flags.push_back(0x39), flags.push_back(0xff);
  Bytes long_one(10, 0);
  order.put(1, 2, long_one, 0);
  append(65534, 2, long_one), append(0, 2, long_one);
  const Bytes outline_bytes = joined({long_one, flags});
  std::copy(outline_bytes.begin(), outline_bytes.end(),
            file.bytes.begin() + static_cast<std::ptrdiff_t>(file.glyf));
  for (std::size_t i = 0; i <= 200; ++i) order.put(0, 4, file.bytes, file.loca + 4 * i);
  const TransformLayout layout{.transform = Transform::font, .line = 2};
  EXPECT_FALSE(plain_of(layout, file.bytes));
}

}  // namespace
}  // namespace ssmz::codec
