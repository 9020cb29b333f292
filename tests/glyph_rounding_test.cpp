// SPDX-License-Identifier: Apache-2.0
// From the numbers of a page the widths' errors are learned, and from them the numbers that come.
#include "codec/bytes/glyph_rounding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace ssmz::codec {
namespace {

/// Writes a page as a typesetter does that keeps exact positions, in thousandths of the letters' height.
struct Typesetter {
  double ahead = 0.0;  // of the viewer
  GlyphRounding glyphs;

  /// What a letter's width loses when it is rounded.
  static double lost(unsigned letter) { return std::fmod(letter * 0.377, 1.0) - 0.5; }
  /// The number that is written, 0 if none need be.
  int move(double distance) {
    const int number = -static_cast<int>(std::floor(ahead + distance + 0.5));
    ahead += distance + number;
    if (number) glyphs.number(number);
    return number;
  }
  void letter(unsigned letter) {
    ahead += lost(letter);
    glyphs.letter(static_cast<std::uint8_t>(letter));
  }
};

TEST(GlyphRounding, ForetellsWhichNumbersCome) {
  Typesetter page;
  constexpr unsigned middle = GlyphRounding::drifts / 2, half = GlyphRounding::drifts / 4;
  unsigned random = 1, mendings = 0, foreseen = 0, false_alarms = 0, spaces = 0, right_spaces = 0;
  for (unsigned line = 0; line < 400; ++line) {
    page.glyphs.begin_line();
    page.ahead = 0.0;
    const double space = 250.0 + line % 97 * 1.37;
    for (unsigned k = 1; k < 70; ++k) {
      random = random * 1664525u + 1013904223u;
      page.letter('a' + random / 65536 % 26);
      const unsigned drift = page.glyphs.drift();
      const bool alarm = drift < middle - half || drift >= middle + half;
      if (k % 6 == 0) {
        const int expected = page.glyphs.space();
        const int number = page.move(space);
        spaces += line > 200 && k > 6;
        right_spaces += line > 200 && k > 6 && number == expected;
        continue;
      }
      const bool came = page.move(0.0) != 0;
      if (line < 200) continue;
      mendings += came;
      foreseen += came && alarm;
      false_alarms += alarm && !came;
    }
  }
  EXPECT_GT(mendings, 2500u);
  EXPECT_GT(foreseen * 10, mendings * 8);
  EXPECT_LT(false_alarms * 5, mendings);
  EXPECT_GT(right_spaces * 10, spaces * 9);
}

TEST(GlyphRounding, AnyNumbersAreHarmless) {
  GlyphRounding glyphs;
  std::uint32_t random = 1;
  for (int i = 0; i < 100'000; ++i) {
    random = random * 1664525u + 1013904223u;
    glyphs.letter(static_cast<std::uint8_t>(random >> 24));
    const auto number = static_cast<std::int32_t>(random << 3) >> (11 + random % 20);
    if (random & 64u) glyphs.number(number);
    ASSERT_LT(glyphs.drift(), GlyphRounding::drifts);
    ASSERT_LT(glyphs.space_fraction(), 8u);
    ASSERT_LT(std::abs(glyphs.space()), 1 << 20);
  }
}

}  // namespace
}  // namespace ssmz::codec
