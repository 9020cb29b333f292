// SPDX-License-Identifier: Apache-2.0
// Four digits of six bits for three bytes.
#include "codec/transform/base64.hpp"

#include <algorithm>

#include "codec/transform/line_shape.hpp"

namespace ssmz::codec {

std::optional<std::vector<std::uint8_t>> from_base64(std::span<const std::uint8_t> raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned digits = 0, padding = 0;
  for (const std::uint8_t byte : raw) {
    if (ends_lines(byte)) continue;
    const std::uint8_t value = base64_values[byte];
    if (byte == '=') {
      if (++padding > 2) return std::nullopt;
    } else if (value == no_digit || padding > 0) {
      return std::nullopt;
    }
    bits = bits << 6 | (byte == '=' ? 0u : value);
    if (++digits % 4 != 0) continue;
    for (unsigned i = 0; i < 3 - padding; ++i)
      plain.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
    bits = 0;
  }
  if (digits % 4 != 0) return std::nullopt;
  return plain;
}

void append_base64(const TransformLayout& layout, std::span<const std::uint8_t> plain, std::size_t limit,
                   std::vector<std::uint8_t>& raw) {
  LineWriter writer(layout, limit, raw);
  for (std::size_t at = 0; at < plain.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, plain.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? plain[at + i] : 0u);
    for (std::size_t i = 0; i < 4; ++i) {
      const char digit = i <= count ? base64_digits[bits >> (18 - 6 * i) & 63] : '=';
      if (!writer.digit(static_cast<std::uint8_t>(digit))) return;
    }
  }
  writer.finish();
}

}  // namespace ssmz::codec
