// SPDX-License-Identifier: Apache-2.0
// Escapes within, soft breaks around them.
#include "codec/transform/quoted.hpp"

#include <string_view>

#include "codec/base/ascii.hpp"
#include "codec/transform/escapes.hpp"
#include "codec/transform/soft_breaks.hpp"
#include "codec/transform/utf8.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t sign = '=';
constexpr std::uint32_t behind_ascii = 0x80, last_byte = 0xFF;

/// The sign itself.
std::string_view quoted_sign(const TransformLayout& layout) { return layout.upper_case ? "=3D" : "=3d"; }

/// But for soft breaks. False as append_quoted().
bool append_escaped(const TransformLayout& layout, Bytes plain, std::size_t most,
                    std::vector<std::uint8_t>& text) {
  const std::string_view quoted = quoted_sign(layout);
  while (!plain.empty() && text.size() <= most) {
    const std::optional<Character> character = character_at(plain);
    if (!character) return false;
    plain = plain.subspan(character->size);
    const std::uint32_t value = character->value;
    if (value >= behind_ascii) {
      if (escape_of(layout) == Escape::quoted_byte && value > last_byte) return false;
      append_escape(layout, value, text);
    } else if (value == sign) {
      text.insert(text.end(), quoted.begin(), quoted.end());
    } else {
      text.push_back(value == literal_mark ? sign : static_cast<std::uint8_t>(value));
    }
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> from_quoted(const TransformLayout& layout, Bytes raw) {
  const std::optional<std::vector<std::uint8_t>> unbroken = without_soft_breaks(layout, raw);
  if (!unbroken) return std::nullopt;
  const std::string_view quoted = quoted_sign(layout);
  std::vector<std::uint8_t> plain;
  plain.reserve(unbroken->size());
  for (Bytes text = *unbroken; !text.empty();) {
    if (text[0] >= behind_ascii) return std::nullopt;
    const std::optional<EscapeFound> escape = escape_at(layout, text);
    const bool is_sign = text[0] == sign, is_quoted_sign = is_sign && begins_with(text, quoted);
    if (escape)
      append_utf8(escape->value, plain);
    else
      plain.push_back(is_sign && !is_quoted_sign ? literal_mark : text[0]);
    text = text.subspan(escape ? escape->size : is_quoted_sign ? quoted.size() : 1);
  }
  return plain;
}

bool append_quoted(const TransformLayout& layout, Bytes plain, std::size_t limit,
                   std::vector<std::uint8_t>& raw) {
  // Each byte of what is written has at most one mark beside it.
  std::vector<std::uint8_t> text;
  return append_escaped(layout, plain, 2 * limit, text) && append_soft_broken(layout, text, limit, raw);
}

}  // namespace ssmz::codec
