// SPDX-License-Identifier: Apache-2.0
// Reading strings, escapes and the numbers between them.
#include "codec/bytes/typeset_state.hpp"

#include <algorithm>
#include <charconv>

#include "codec/base/ascii.hpp"
#include "codec/base/hash.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned join_shift = 5,
                   byte_shift = 9;  // of the likeness: with a join it rises, with a byte falls
constexpr unsigned enter = 20000, leave_below = 8000;  // page streams have a join each 8 bytes: 43,000
constexpr unsigned longest_join = 10;                  // bytes between two strings of a word or line
constexpr std::int32_t most_value = 99'999;
constexpr std::uint64_t in_plain_string = 1;

bool is_numeric(std::uint8_t byte) { return is_digit(byte) || byte == '-' || byte == '.' || byte == ' '; }

}  // namespace

void TypesetState::push(std::uint8_t byte) noexcept {
  likeness_ -= likeness_ >> byte_shift;
  if (in_string_) {
    take_in_string(byte);
  } else {
    take_between(byte);
  }
  if (active_) active_ = likeness_ > leave_below;
}

void TypesetState::take_in_string(std::uint8_t byte) noexcept {
  if (escaped_) {
    if (byte >= '0' && byte <= '7') {
      escape_ = static_cast<std::uint8_t>(escape_ * 8u + (byte - '0'));
      so_far_ = hash_mix(so_far_, byte);
      if (++digits_ == 3) add_letter(escape_);
      return;
    }
    if (digits_ == 0) return add_letter(byte);
    add_letter(escape_);
  }
  if (byte == '\\') {
    escaped_ = true;
    digits_ = escape_ = 0;
    so_far_ = hash_mix(so_far_, byte);
  } else if (byte == ')') {
    begin_between();
  } else {
    add_letter(byte);
  }
}

void TypesetState::add_letter(std::uint8_t letter) noexcept {
  escaped_ = false;
  so_far_ = in_plain_string;
  length_ = static_cast<std::uint8_t>(std::min(length_ + 1, 255));
  if (active_) glyphs_.letter(letter);
  if (letter == ' ') return end_word();
  word_before_ = word_;
  letters_ = letters_ << 8 | letter;
  word_ = hash_mix(word_ + 1, letter);
}

void TypesetState::end_word() noexcept {
  if ((letters_ & 0xffu) == ' ') return;
  letters_ = letters_ << 8 | ' ';
  last_word_ = word_;
  word_ = 0;
}

void TypesetState::begin_between() noexcept {
  in_string_ = false;
  length_ = 0;
  number_ = true;
  negative_ = fraction_ = false;
  value_ = 0;
  so_far_ = 0;
  const std::int32_t space = glyphs_.space();
  as_space_ = space != 0;
  space_text_.fill('(');  // what comes behind it
  std::to_chars(space_text_.data(), space_text_.data() + space_text_.size(), space);
}

unsigned TypesetState::expected() const noexcept {
  if (in_string_ || !as_space_ || length_ >= space_text_.size()) return 0;
  return 1u << 16 | static_cast<std::uint8_t>(space_text_[length_]) << 8 | glyphs_.space_fraction();
}

void TypesetState::take_between(std::uint8_t byte) noexcept {
  if (byte == '(') return end_between();
  as_space_ = as_space_ && length_ < space_text_.size() && static_cast<char>(byte) == space_text_[length_];
  so_far_ = hash_mix(so_far_ + 2, byte);
  length_ = static_cast<std::uint8_t>(std::min(length_ + 1, 255));
  fraction_ = fraction_ || byte == '.';
  negative_ = negative_ || byte == '-';
  if (is_digit(byte) && !fraction_ && value_ < most_value / 10) value_ = value_ * 10 + (byte - '0');
  number_ = number_ && (is_numeric(byte) || (value_ > 0 && is_letter(to_lower(byte))));
}

// A word that is divided at a line's end goes on in the next.
void TypesetState::end_between() noexcept {
  const std::uint64_t all = so_far_;
  if (number_ && value_ > 0 && length_ <= longest_join) {
    likeness_ += (65535 - likeness_) >> join_shift;
    active_ = active_ || likeness_ > enter;
    if (active_ && fraction_)
      glyphs_.begin_line();
    else if (active_)
      glyphs_.number(negative_ ? -value_ : value_);
    if (value_ >= GlyphRounding::least_space) {
      spaces_[1] = spaces_[0];
      spaces_[0] = all;
      end_word();
    } else {
      kern_ = all;
    }
  } else {
    if (active_) glyphs_.begin_line();
    line_ = all;
    if ((letters_ & 0xffu) == '-') {
      letters_ >>= 8;
      word_ = word_before_;
    } else {
      end_word();
    }
  }
  in_string_ = true;
  escaped_ = false;
  length_ = 0;
  so_far_ = in_plain_string;
}

unsigned TypesetState::place() const noexcept {
  if (in_string_) return (escaped_ ? 7u : std::min<unsigned>(length_, 6)) * 32 + glyphs_.drift();
  const unsigned as_expected = as_space_ ? 8 + glyphs_.space_fraction() : glyphs_.drift() / 4;
  return 256 + std::min<unsigned>(length_, 15) * 16 + as_expected;
}

}  // namespace ssmz::codec
