// SPDX-License-Identifier: Apache-2.0
// Bytes two by two, or four by four, to units, units to UTF-8, and the reverse.
#include "codec/transform/unicode.hpp"

#include "codec/transform/utf16_units.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::optional<std::vector<std::uint8_t>> from_utf32(bool big, Bytes raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size() / 2);
  for (; !raw.empty(); raw = raw.subspan(4)) {
    std::uint32_t character = 0;
    for (unsigned i = 0; i < 4; ++i) character = character << 8 | raw[big ? i : 3 - i];
    if (character > last_code_point) return std::nullopt;
    append_utf8(character, plain);
  }
  return plain;
}

bool append_utf32(bool big, Bytes plain, std::size_t most, std::vector<std::uint8_t>& raw) {
  while (!plain.empty() && raw.size() <= most) {
    const std::optional<Character> character = character_at(plain);
    if (!character) return false;
    plain = plain.subspan(character->size);
    for (unsigned i = 0; i < 4; ++i)
      raw.push_back(static_cast<std::uint8_t>(character->value >> 8 * (big ? 3 - i : i)));
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> from_utf16(const TransformLayout& layout, Bytes raw) {
  if (raw.size() % unit_bytes(layout) != 0) return std::nullopt;
  const bool big = layout.transform == Transform::utf16_big;
  if (unit_bytes(layout) == 4) return from_utf32(big, raw);
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
  if (unit_bytes(layout) == 4) return append_utf32(big, plain, most, raw);
  return each_unit(plain, [&](std::uint32_t unit) {
    const auto high = static_cast<std::uint8_t>(unit >> 8), low = static_cast<std::uint8_t>(unit);
    raw.push_back(big ? high : low);
    raw.push_back(big ? low : high);
    return raw.size() <= most;
  });
}

}  // namespace ssmz::codec
