// SPDX-License-Identifier: Apache-2.0
// Escapes of bytes, of units of UTF-16, of characters.
#include "codec/transform/escapes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/base/ascii.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/utf16_units.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t first_escaped = 0x80;

/// What digits follow.
std::string_view opening(Escape form) {
  switch (form) {
    case Escape::json: return "\\u";
    case Escape::percent: return "%";
    case Escape::byte: return "\\x";
    case Escape::decimal: return "&#";
    case Escape::hexadecimal: return "&#x";
    case Escape::octal: return "\\";
    case Escape::quoted:
    case Escape::quoted_byte: return "=";
  }
  return "";
}

struct Digits {
  unsigned count, base;
};
/// Of a byte, or of a unit of UTF-16.
Digits digits_of(Escape form) {
  if (form == Escape::json) return {4, 16};
  return form == Escape::octal ? Digits{3, 8} : Digits{2, 16};
}

/// The number at the beginning of `text` behind the opening; nothing if none stands there.
std::optional<std::uint32_t> number_at(const TransformLayout& layout, Bytes text) {
  const std::string_view open = opening(escape_of(layout));
  const Digits digits = digits_of(escape_of(layout));
  if (text.size() < open.size() + digits.count || !begins_with(text, open)) return std::nullopt;
  std::uint32_t value = 0;
  for (const std::uint8_t byte : text.subspan(open.size(), digits.count)) {
    const unsigned digit = hex_value(byte, layout.upper_case);
    if (digit >= digits.base) return std::nullopt;
    value = value * digits.base + digit;
  }
  return value;
}

std::optional<EscapeFound> unit_at(const TransformLayout& layout, Bytes text) {
  const std::optional<std::uint32_t> unit = number_at(layout, text);
  if (!unit || *unit < first_escaped) return std::nullopt;
  return EscapeFound{*unit, opening(Escape::json).size() + digits_of(Escape::json).count};
}

/// A byte that is a character.
std::optional<EscapeFound> byte_at(const TransformLayout& layout, Bytes text) {
  const std::optional<std::uint32_t> byte = number_at(layout, text);
  if (!byte || *byte < first_escaped) return std::nullopt;
  return EscapeFound{*byte, opening(Escape::quoted_byte).size() + digits_of(Escape::quoted_byte).count};
}

/// As many escapes as the character has bytes.
std::optional<EscapeFound> bytes_at(const TransformLayout& layout, Bytes text) {
  const Escape form = escape_of(layout);
  const std::size_t each = opening(form).size() + digits_of(form).count;
  std::array<std::uint8_t, 4> bytes{};
  std::size_t count = 0;
  for (; count < bytes.size(); text = text.subspan(each)) {
    const std::optional<std::uint32_t> byte = number_at(layout, text);
    if (!byte || *byte < first_escaped || *byte > 0xFF) break;
    bytes[count++] = static_cast<std::uint8_t>(*byte);
  }
  const std::optional<Character> character =
      count > 0 ? character_at(std::span(bytes).first(count)) : std::nullopt;
  if (!character) return std::nullopt;
  return EscapeFound{character->value, character->size * each};
}

/// Digits of the shortest form, and a semicolon.
std::optional<EscapeFound> reference_at(const TransformLayout& layout, Bytes text) {
  const std::string_view open = opening(escape_of(layout));
  if (!begins_with(text, open)) return std::nullopt;
  const unsigned base = escape_of(layout) == Escape::decimal ? 10 : 16;
  std::uint32_t value = 0;
  for (std::size_t at = open.size(); at < std::min(text.size(), longest_escape); ++at) {
    if (text[at] == ';' && value >= first_escaped) return EscapeFound{value, at + 1};
    const unsigned digit = hex_value(text[at], layout.upper_case);
    value = value * base + digit;
    if (digit >= base || value == 0 || value > last_code_point) return std::nullopt;
  }
  return std::nullopt;
}

void append_digits(std::uint32_t value, unsigned base, unsigned least, bool upper_case,
                   std::vector<std::uint8_t>& raw) {
  std::array<std::uint8_t, 8> digits{};
  std::size_t count = 0;
  for (; value != 0 || count < least; value /= base) digits[count++] = hex_digit(value % base, upper_case);
  raw.insert(raw.end(), digits.rend() - static_cast<std::ptrdiff_t>(count), digits.rend());
}

}  // namespace

void append_escape(const TransformLayout& layout, std::uint32_t value, std::vector<std::uint8_t>& raw) {
  const Escape form = escape_of(layout);
  const std::string_view open = opening(form);
  const auto append = [&](std::uint32_t number, unsigned base, unsigned least) {
    raw.insert(raw.end(), open.begin(), open.end());
    append_digits(number, base, least, layout.upper_case, raw);
  };
  const Digits digits = digits_of(form);
  switch (form) {
    case Escape::json: return append(value, digits.base, digits.count);
    case Escape::percent:
    case Escape::byte:
    case Escape::octal:
    case Escape::quoted: {
      std::vector<std::uint8_t> bytes;
      append_utf8(value, bytes);
      for (const std::uint8_t byte : bytes) append(byte, digits.base, digits.count);
      return;
    }
    case Escape::quoted_byte: return append(value, digits.base, digits.count);
    case Escape::decimal:
    case Escape::hexadecimal: append(value, form == Escape::decimal ? 10 : 16, 1); raw.push_back(';');
  }
}

std::uint8_t escape_lead(const TransformLayout& layout) noexcept {
  return static_cast<std::uint8_t>(opening(escape_of(layout)).front());
}

std::optional<EscapeFound> escape_at(const TransformLayout& layout, Bytes text) noexcept {
  if (text.empty() || text[0] != escape_lead(layout)) return std::nullopt;
  switch (escape_of(layout)) {
    case Escape::json: return unit_at(layout, text);
    case Escape::percent:
    case Escape::byte:
    case Escape::octal:
    case Escape::quoted: return bytes_at(layout, text);
    case Escape::quoted_byte: return byte_at(layout, text);
    case Escape::decimal:
    case Escape::hexadecimal: return reference_at(layout, text);
  }
  return std::nullopt;
}

std::optional<std::vector<std::uint8_t>> from_escapes(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size());
  UnitsToUtf8 units(plain);
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] >= first_escaped) return std::nullopt;
    const std::optional<EscapeFound> escape = escape_at(layout, raw.subspan(at));
    const std::uint32_t value = escape ? escape->value : raw[at];
    if (escape_of(layout) == Escape::json)
      units.unit(value);
    else
      append_utf8(value, plain);
    at += escape ? escape->size : 1;
  }
  units.finish();
  return plain;
}

bool append_escapes(const TransformLayout& layout, Bytes plain, std::size_t limit,
                    std::vector<std::uint8_t>& raw) {
  const std::size_t most = raw.size() + limit;
  const auto append = [&](std::uint32_t value) {
    if (value < first_escaped)
      raw.push_back(static_cast<std::uint8_t>(value));
    else
      append_escape(layout, value, raw);
    return raw.size() <= most;
  };
  if (escape_of(layout) == Escape::json) return each_unit(plain, append);
  while (!plain.empty()) {
    const std::optional<Character> character = character_at(plain);
    if (!character) return false;
    plain = plain.subspan(character->size);
    if (!append(character->value)) return true;
  }
  return true;
}

}  // namespace ssmz::codec
