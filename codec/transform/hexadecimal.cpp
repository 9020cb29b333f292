// SPDX-License-Identifier: Apache-2.0
// Two digits for a byte.
#include "codec/transform/hexadecimal.hpp"

#include "codec/transform/line_shape.hpp"

namespace ssmz::codec {

std::optional<std::vector<std::uint8_t>> from_hexadecimal(const TransformLayout& layout,
                                                          std::span<const std::uint8_t> raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size() / 2);
  unsigned byte_so_far = 0;
  bool half = false;
  for (const std::uint8_t byte : raw) {
    if (ends_lines(byte)) continue;
    const unsigned value = hex_value(byte, layout.upper_case);
    if (value > 15) return std::nullopt;
    byte_so_far = byte_so_far << 4 | value;
    if (half) plain.push_back(static_cast<std::uint8_t>(byte_so_far));
    half = !half;
  }
  if (half) return std::nullopt;
  return plain;
}

void append_hexadecimal(const TransformLayout& layout, std::span<const std::uint8_t> plain, std::size_t limit,
                        std::vector<std::uint8_t>& raw) {
  LineWriter writer(layout, limit, raw);
  for (const std::uint8_t byte : plain)
    for (const unsigned value : {unsigned{byte} >> 4, byte & 15u})
      if (!writer.digit(hex_digit(value, layout.upper_case))) return;
  writer.finish();
}

}  // namespace ssmz::codec
