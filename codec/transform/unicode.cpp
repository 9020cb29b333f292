// SPDX-License-Identifier: Apache-2.0
// Units of UTF-16 gathered to characters, characters to UTF-8, and the reverse.
#include "codec/transform/unicode.hpp"

#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/utf8.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t first_high = 0xD800, first_low = 0xDC00, behind_low = 0xE000;
constexpr std::uint32_t first_beyond = 0x10000;

constexpr bool is_high(std::uint32_t unit) { return unit >= first_high && unit < first_low; }
constexpr bool is_low(std::uint32_t unit) { return unit >= first_low && unit < behind_low; }

/// Units in turn to UTF-8.
class UnitsToUtf8 {
 public:
  explicit UnitsToUtf8(std::vector<std::uint8_t>& out) : out_(out) {}

  void unit(std::uint32_t value) {
    if (high_ && is_low(value)) {
      append(first_beyond + ((high_ - first_high) << 10) + (value - first_low));
      high_ = 0;
      return;
    }
    finish();
    if (is_high(value))
      high_ = value;
    else
      append(value);
  }
  /// What comes next is no low surrogate.
  void finish() {
    if (high_) append(high_);
    high_ = 0;
  }

 private:
  void append(std::uint32_t character) { append_utf8(character, out_); }

  std::vector<std::uint8_t>& out_;
  std::uint32_t high_ = 0;  // waits for its partner
};

/// `unit(value)` for each unit of UTF-8 text while it returns true. False if the text is none.
template <class Unit>
bool each_unit(Bytes text, Unit&& unit) {
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

}  // namespace

std::optional<std::vector<std::uint8_t>> from_utf16(const TransformLayout& layout, Bytes raw) {
  if (raw.size() % 2 != 0) return std::nullopt;
  const bool big = layout.transform == Transform::utf16_big;
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size());
  UnitsToUtf8 units(plain);
  for (std::size_t at = 0; at < raw.size(); at += 2)
    units.unit(static_cast<std::uint32_t>(raw[at + !big] << 8 | raw[at + big]));
  units.finish();
  return plain;
}

bool append_utf16(const TransformLayout& layout, Bytes plain, std::size_t limit,
                  std::vector<std::uint8_t>& raw) {
  const bool big = layout.transform == Transform::utf16_big;
  const std::size_t most = raw.size() + limit;
  return each_unit(plain, [&](std::uint32_t unit) {
    const auto high = static_cast<std::uint8_t>(unit >> 8), low = static_cast<std::uint8_t>(unit);
    raw.push_back(big ? high : low);
    raw.push_back(big ? low : high);
    return raw.size() <= most;
  });
}

std::optional<std::uint16_t> json_escape(Bytes text, bool upper_case) noexcept {
  if (text.size() < json_escape_size || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  for (std::size_t i = 2; i < json_escape_size; ++i) {
    const unsigned value = hex_value(text[i], upper_case);
    if (value > 15) return std::nullopt;
    unit = unit << 4 | value;
  }
  return static_cast<std::uint16_t>(unit);
}

std::optional<std::vector<std::uint8_t>> from_json_escapes(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size());
  UnitsToUtf8 units(plain);
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] >= 0x80) return std::nullopt;
    const std::optional<std::uint16_t> unit = json_escape(raw.subspan(at), layout.upper_case);
    const bool escaped = unit && *unit >= 0x80;
    units.unit(escaped ? *unit : raw[at]);
    at += escaped ? json_escape_size : 1;
  }
  units.finish();
  return plain;
}

bool append_json_escapes(const TransformLayout& layout, Bytes plain, std::size_t limit,
                         std::vector<std::uint8_t>& raw) {
  const std::size_t most = raw.size() + limit;
  return each_unit(plain, [&](std::uint32_t unit) {
    if (unit < 0x80) {
      raw.push_back(static_cast<std::uint8_t>(unit));
      return raw.size() <= most;
    }
    raw.push_back('\\');
    raw.push_back('u');
    for (int shift = 12; shift >= 0; shift -= 4)
      raw.push_back(hex_digit(unit >> shift & 15u, layout.upper_case));
    return raw.size() <= most;
  });
}

}  // namespace ssmz::codec
