// SPDX-License-Identifier: Apache-2.0
// Units of UTF-16 gathered to characters, characters to UTF-8, and the reverse.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/utf8.hpp"

namespace ssmz::codec {

inline constexpr std::uint32_t first_high = 0xD800, first_low = 0xDC00, behind_low = 0xE000;

[[nodiscard]] constexpr bool is_high(std::uint32_t unit) noexcept {
  return unit >= first_high && unit < first_low;
}
[[nodiscard]] constexpr bool is_low(std::uint32_t unit) noexcept {
  return unit >= first_low && unit < behind_low;
}

/// Units in turn to UTF-8.
class UnitsToUtf8 {
 public:
  explicit UnitsToUtf8(std::vector<std::uint8_t>& out) : out_(out) {}

  void unit(std::uint32_t value) {
    if (high_ && is_low(value)) {
      append_utf8(first_beyond + ((high_ - first_high) << 10) + (value - first_low), out_);
      high_ = 0;
      return;
    }
    finish();
    if (is_high(value))
      high_ = value;
    else
      append_utf8(value, out_);
  }
  /// What comes next is no low surrogate.
  void finish() {
    if (high_) append_utf8(high_, out_);
    high_ = 0;
  }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint32_t high_ = 0;  // waits for its partner
};

/// `unit(value)` for each unit of UTF-8 text while it returns true. False if the text is none.
template <class Unit>
[[nodiscard]] bool each_unit(std::span<const std::uint8_t> text, Unit&& unit) {
  while (!text.empty()) {
    const std::optional<Character> character = character_at(text);
    if (!character) return false;
    text = text.subspan(character->size);
    const std::uint32_t value = character->value;
    if (value < first_beyond) {
      if (!unit(value)) return true;
      continue;
    }
    const std::uint32_t beyond = value - first_beyond;
    if (!unit(first_high + (beyond >> 10)) || !unit(first_low + (beyond & 0x3FFu))) return true;
  }
  return true;
}

}  // namespace ssmz::codec
