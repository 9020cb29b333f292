// SPDX-License-Identifier: Apache-2.0
// Follows typeset text: strings in parentheses, broken by numbers that move what comes next.
#pragma once

#include <array>
#include <cstdint>

#include "codec/bytes/glyph_rounding.hpp"

namespace ssmz::codec {

/// Page streams of PDF and what dvips writes, `[(W)83(ords)-333(bro)28(k)28(en)]TJ`: the letters alone make
/// text, the numbers alone depend on the letters around them and on the line. An escape (`\261`) is one
/// letter, a number that leaves room for a word space is a space, and so is a line's end. Reading data of
/// another kind does no harm: it is merely not active(). Cost: about ten instructions a byte. FORMAT.
class TypesetState {
 public:
  void push(std::uint8_t byte) noexcept;
  /// After bytes that were not pushed.
  void leave() noexcept { *this = {}; }

  /// Strings have lately been broken by numbers often enough.
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// What is known of the letter, or of what stands between strings, that is going on; in a string and in no
  /// escape 1.
  [[nodiscard]] std::uint64_t so_far() const noexcept { return so_far_; }
  /// The last `count` letters (1..8), newest lowest.
  [[nodiscard]] std::uint64_t letters(unsigned count) const noexcept {
    return count >= 8 ? letters_ : letters_ & ((std::uint64_t{1} << (8 * count)) - 1);
  }
  /// Hashes of the letters since the last space, and of the word before.
  [[nodiscard]] std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] std::uint64_t last_word() const noexcept { return last_word_; }
  /// Letters in the string so far, at most 255; of what stands between strings, its bytes.
  [[nodiscard]] unsigned length() const noexcept { return length_; }
  [[nodiscard]] bool in_string() const noexcept { return in_string_; }
  /// What stood between strings: hash of the k-th last (0: newest) that was a space within a line, of the
  /// newest within a word, of the newest that ended a line.
  [[nodiscard]] std::uint64_t space(unsigned k) const noexcept { return spaces_[k]; }
  [[nodiscard]] std::uint64_t kern() const noexcept { return kern_; }
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  [[nodiscard]] const GlyphRounding& glyphs() const noexcept { return glyphs_; }
  /// Between strings, if the number so far is as that of a space in this line would be: its next byte above
  /// bit 8, how surely the number is rounded so below; else 0.
  [[nodiscard]] unsigned expected() const noexcept;

  /// Where it stands, below places, to choose weights by.
  [[nodiscard]] unsigned place() const noexcept;
  static constexpr unsigned places = 512;

 private:
  void take_in_string(std::uint8_t byte) noexcept;
  void take_between(std::uint8_t byte) noexcept;
  void add_letter(std::uint8_t letter) noexcept;
  void end_word() noexcept;
  void begin_between() noexcept;
  void end_between() noexcept;

  bool active_ = false;
  bool in_string_ = false;
  bool escaped_ = false;     // a backslash came
  bool number_ = false;      // between strings nothing but a number so far
  std::uint8_t digits_ = 0;  // octal ones of the escape
  std::uint8_t escape_ = 0;  // their value
  std::uint8_t length_ = 0;
  std::int32_t value_ = 0;  // of the number's whole part
  bool negative_ = false, fraction_ = false;
  unsigned likeness_ = 0;  // 0..65535
  std::uint64_t so_far_ = 0;
  std::uint64_t letters_ = 0;
  std::uint64_t word_ = 0, last_word_ = 0, word_before_ = 0;  // the last: without its last letter
  std::array<std::uint64_t, 2> spaces_{};
  std::uint64_t kern_ = 0, line_ = 0;
  GlyphRounding glyphs_;
  std::array<char, 8> space_text_{};  // of the number that a space in this line would be
  bool as_space_ = false;             // what stands between strings began as it
};

}  // namespace ssmz::codec
