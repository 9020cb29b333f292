// SPDX-License-Identifier: Apache-2.0
// Binary data in hexadecimal digits on lines, and back.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/base/ascii.hpp"
#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// The letters of digits beyond 9.
[[nodiscard]] constexpr std::uint8_t first_hex_letter(bool upper_case) noexcept {
  return upper_case ? 'A' : 'a';
}
/// Value of a digit in the case asked for; 16 if it is none.
[[nodiscard]] constexpr unsigned hex_value(std::uint8_t byte, bool upper_case) noexcept {
  if (is_digit(byte)) return byte - '0';
  const unsigned letter = byte - unsigned{first_hex_letter(upper_case)};
  return letter < 6 ? letter + 10 : 16;
}
[[nodiscard]] constexpr std::uint8_t hex_digit(unsigned value, bool upper_case) noexcept {
  return static_cast<std::uint8_t>(value < 10 ? '0' + value : first_hex_letter(upper_case) + value - 10);
}

/// The bytes that digits stand for, whatever their lines; nothing if there is anything else.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hexadecimal(const TransformLayout& layout,
                                                                        std::span<const std::uint8_t> raw);
/// append_written() of such a layout, but for the check of the size.
void append_hexadecimal(const TransformLayout& layout, std::span<const std::uint8_t> plain, std::size_t limit,
                        std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
