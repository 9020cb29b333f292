// SPDX-License-Identifier: Apache-2.0
// Binary data in base64 (RFC 4648, section 4) on lines, and back.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

inline constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::uint8_t no_digit = 255;

/// [byte]: its value as a digit, or no_digit.
inline constexpr auto base64_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < base64_digits.size(); ++i)
    values[static_cast<std::uint8_t>(base64_digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

/// The bytes that digits stand for, whatever their lines; nothing if they are no base64.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::span<const std::uint8_t> raw);
/// append_written() of such a layout, but for the check of the size.
void append_base64(const TransformLayout& layout, std::span<const std::uint8_t> plain, std::size_t limit,
                   std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
