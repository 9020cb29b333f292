// SPDX-License-Identifier: Apache-2.0
// What the rounding of glyph widths adds up to in typeset lines, which foretells the numbers that mend it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Programs that write page streams keep exact positions, while a viewer adds up widths that were rounded to
/// thousandths of the letters' height. Where both differ by half a thousandth or more they write a number
/// that moves the next glyph, and other numbers (kerns, spaces) are rounded with what was left over. So
/// nearly all numbers of -1 and 1 and the last digits of the others follow from what each letter's width
/// loses, which is learned here from where numbers came and where none did. All values are thousandths times
/// `unit`. reymont's first 200,000 bytes: whether and which number comes takes 9,794 bytes by order 0, 7,068
/// by the last letter, 7,374 by drift() alone. Cost: some ten instructions a letter. FORMAT.
class GlyphRounding {
 public:
  static constexpr std::int32_t unit = 65536;

  /// A line begins at a position of its own.
  void begin_line() noexcept;
  /// A letter without a number before it, or after one.
  void letter(std::uint8_t letter) noexcept;
  /// A whole number, below 2^20 in absolute value: as written, so negative to the right.
  void number(std::int32_t number) noexcept;

  /// How far the exact position is ahead of the viewer's, in 0..drifts-1, the middle being none.
  [[nodiscard]] unsigned drift() const noexcept {
    return static_cast<unsigned>(std::clamp((drift_ + unit) / (2 * unit / int{drifts}), 0, int{drifts} - 1));
  }
  static constexpr unsigned drifts = 32;
  /// The number that a space in this line would be written as, 0 if there was none yet.
  [[nodiscard]] std::int32_t space() const noexcept { return space_ ? -rounded(space_ + drift_) : 0; }
  /// Which eighth of the rounding's interval that number comes from.
  [[nodiscard]] unsigned space_fraction() const noexcept {
    return static_cast<std::uint32_t>(space_ + drift_ + unit / 2) % unit / (unit / 8);
  }
  /// From here on a number is a space between words, in thousandths.
  static constexpr std::int32_t least_space = 150;

 private:
  struct Move {  // a distance that is asked for again and again
    std::int64_t value = 0;
    std::uint32_t count = 0;
  };
  static constexpr std::size_t most_recent = 3;

  static std::int32_t rounded(std::int64_t value) noexcept {
    return static_cast<std::int32_t>((value + unit / 2) >> 16);
  }
  static std::int64_t outside(std::int64_t value, std::int32_t number) noexcept;
  void mend(std::int32_t number) noexcept;
  void move(std::int32_t number) noexcept;

  std::array<std::int32_t, 256> errors_{};  // what a letter adds to the drift
  std::array<std::uint16_t, 256> counts_{};
  std::array<std::uint8_t, most_recent> recent_{};  // letters, newest first
  unsigned recent_count_ = 0;
  std::array<Move, 12> moves_{};  // newest first
  std::int32_t drift_ = 0;
  std::int64_t space_ = 0;
  bool open_ = false;  // a letter came, and no number yet
};

}  // namespace ssmz::codec
