// SPDX-License-Identifier: Apache-2.0
// RFC 3629, but for surrogates.
#include "codec/transform/utf8.hpp"

namespace ssmz::codec {

std::optional<Character> character_at(std::span<const std::uint8_t> text) noexcept {
  const std::uint8_t first = text[0];
  if (first < 0x80) return Character{first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return std::nullopt;
  std::uint32_t value = first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((text[i] & 0xC0u) != 0x80) return std::nullopt;
    value = value << 6 | (text[i] & 0x3Fu);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, first_beyond};
  if (value < least[size] || value > last_code_point) return std::nullopt;
  return Character{value, size};
}

void append_utf8(std::uint32_t character, std::vector<std::uint8_t>& out) {
  const auto more = [&](unsigned shift) {
    out.push_back(static_cast<std::uint8_t>(0x80u | (character >> shift & 0x3Fu)));
  };
  if (character < 0x80) return out.push_back(static_cast<std::uint8_t>(character));
  if (character < 0x800) {
    out.push_back(static_cast<std::uint8_t>(0xC0u | character >> 6));
  } else if (character < first_beyond) {
    out.push_back(static_cast<std::uint8_t>(0xE0u | character >> 12));
    more(6);
  } else {
    out.push_back(static_cast<std::uint8_t>(0xF0u | character >> 18));
    more(12);
    more(6);
  }
  more(0);
}

}  // namespace ssmz::codec
