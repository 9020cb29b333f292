// SPDX-License-Identifier: Apache-2.0
// What the rounding of glyph widths adds up to in typeset lines, which foretells the numbers that mend it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ssmz::codec {

/// Programs that write page streams keep exact positions, while a viewer adds up widths that were rounded to
/// thousandths of the letters' height. Where both differ by half a thousandth or more they write a number
/// that moves the next glyph, and other numbers (kerns, spaces) are rounded with what was left over. So
/// nearly all numbers of -1 and 1 and the last digits of the others follow from what each letter's width
/// loses, which is learned here from where numbers came and where none did. How wide exactly a line's spaces
/// are is not known at first: several guesses go side by side, each with its drift, and lose weight where
/// they are contradicted. All values are thousandths times `unit`. Cost: about a hundred instructions a
/// letter. FORMAT.
class GlyphRounding {
 public:
  static constexpr std::int32_t unit = 65536;

  GlyphRounding() { begin_line(); }

  /// A line begins at a position of its own.
  void begin_line() noexcept;
  /// A letter without a number before it, or after one.
  void letter(std::uint8_t letter) noexcept;
  /// A whole number, below 2^20 in absolute value: as written, so negative to the right.
  void number(std::int32_t number) noexcept;

  /// How far the exact position is ahead of the viewer's, in 0..drifts-1, the middle being none.
  [[nodiscard]] unsigned drift() const noexcept { return drift_bucket_; }
  static constexpr unsigned drifts = 32;
  /// How surely a number that mends the drift comes, in 0..forecasts-1.
  [[nodiscard]] unsigned forecast() const noexcept { return forecast_; }
  static constexpr unsigned forecasts = 8;
  /// The number that a space in this line would be written as, 0 if there was none yet.
  [[nodiscard]] std::int32_t space() const noexcept { return space_; }
  /// In 0..7: which part of the rounding's interval that number comes from.
  [[nodiscard]] unsigned space_fraction() const noexcept { return space_fraction_; }
  /// From here on a number is a space between words, in thousandths.
  static constexpr std::int32_t least_space = 150;

 private:
  struct Move {  // a distance that is asked for again and again
    std::int64_t value = 0;
    std::uint32_t count = 0;
  };
  static constexpr std::size_t most_recent = 2, guesses = 32;

  [[nodiscard]] std::int32_t mean() const noexcept;
  void learn(std::int32_t missing) noexcept;
  void judge(std::int32_t number) noexcept;
  void mend(std::int32_t number) noexcept;
  void move_by_space(std::int32_t number) noexcept;
  void move_by_kern(std::int32_t number) noexcept;
  void add(std::int32_t distance) noexcept;
  void foretell() noexcept;

  std::array<std::int32_t, 256> errors_{};  // what a letter adds to the drift
  std::array<std::uint16_t, 256> counts_{};
  std::array<std::uint8_t, most_recent> recent_{};  // letters, newest first
  unsigned recent_count_ = 0;
  std::array<Move, 12> kerns_{};                // newest first
  std::array<std::int32_t, guesses> drifts_{};  // of each guess
  std::array<std::int32_t, guesses> spaces_{};  // what it adds to space_base_, and ...
  std::array<std::uint32_t, guesses> weights_{};
  std::int32_t space_base_ = 0;  // the line's first space as it was written, 0: there was none
  std::int32_t space_ = 0;
  std::uint8_t space_fraction_ = 0, drift_bucket_ = 0, forecast_ = 0;
  bool open_ = false;  // a letter came, and no number yet
};

}  // namespace ssmz::codec
