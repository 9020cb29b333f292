// SPDX-License-Identifier: Apache-2.0
// Bytes and pairs by the table; what it does not have by escapes.
#include "codec/transform/charset.hpp"

#include <algorithm>

#include "codec/transform/charset_table.hpp"
#include "codec/transform/utf8.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT. A byte XX that stands for nothing is the low surrogate DCXX, hexadecimal.
constexpr std::uint32_t escapes = 0xDC00;

constexpr bool is_escape(std::uint32_t character) {
  return character >= escapes + 0x80 && character <= escapes + 0xFF;
}

/// `put(character)` for each of `raw`.
template <class Put>
void read(const CharsetTable& table, Bytes raw, Put&& put) {
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const std::uint8_t byte = raw[at];
    if (byte < 0x80) {
      put(byte);
      continue;
    }
    const std::uint16_t single = table.single(byte);
    const bool more = single == 0 && at + 1 < raw.size();
    const std::uint16_t pair = more ? table.pair(byte, raw[at + 1]) : std::uint16_t{0};
    if (single != 0 || pair != 0) {
      put(std::uint32_t{single} | pair);
      at += pair != 0;
      continue;
    }
    put(escapes + byte);
    // A pair that the set leaves free is skipped whole: its second byte begins no other.
    if (more && table.leads(byte) && raw[at + 1] >= 0x80) put(escapes + raw[++at]);
  }
}

const CharsetTable& table_of(const TransformLayout& layout) {
  return CharsetTable::of(static_cast<Charset>(layout.line));
}

}  // namespace

std::vector<std::uint8_t> from_charset(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size() + raw.size() / 2);
  read(table_of(layout), raw, [&](std::uint32_t character) { append_utf8(character, plain); });
  return plain;
}

bool append_charset(const TransformLayout& layout, Bytes plain, std::size_t limit,
                    std::vector<std::uint8_t>& raw) {
  const CharsetTable& table = table_of(layout);
  const std::size_t before = raw.size();
  for (Bytes text = plain; !text.empty();) {
    const std::optional<Character> character = character_at(text);
    if (!character) return false;
    text = text.subspan(character->size);
    const bool as_a_byte = character->value < 0x80 || is_escape(character->value);
    const std::uint32_t code = as_a_byte ? character->value & 0xFFu : table.code(character->value);
    if (code == 0 && !as_a_byte) return false;
    if (code > 0xFF) raw.push_back(static_cast<std::uint8_t>(code >> 8));
    raw.push_back(static_cast<std::uint8_t>(code));
    if (raw.size() - before > limit) return false;
  }
  // Escapes may stand for what has a character, or tear a pair apart: one text would have many forms.
  bool same = true;
  read(table, Bytes(raw).subspan(before), [&](std::uint32_t expected) {
    const std::optional<Character> is = same && !plain.empty() ? character_at(plain) : std::nullopt;
    same = is && is->value == expected;
    if (same) plain = plain.subspan(is->size);
  });
  return same && plain.empty();
}

}  // namespace ssmz::codec
