// SPDX-License-Identifier: Apache-2.0
// Classes of bytes by ASCII, whatever the locale. FORMAT.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace ssmz::codec {

[[nodiscard]] constexpr bool is_upper(std::uint8_t byte) noexcept { return byte >= 'A' && byte <= 'Z'; }
[[nodiscard]] constexpr bool is_lower(std::uint8_t byte) noexcept { return byte >= 'a' && byte <= 'z'; }
[[nodiscard]] constexpr bool is_digit(std::uint8_t byte) noexcept { return byte >= '0' && byte <= '9'; }
[[nodiscard]] constexpr std::uint8_t to_lower(std::uint8_t byte) noexcept {
  return is_upper(byte) ? static_cast<std::uint8_t>(byte | 0x20) : byte;
}

[[nodiscard]] inline bool begins_with(std::span<const std::uint8_t> text, std::string_view what) noexcept {
  return text.size() >= what.size() && std::equal(what.begin(), what.end(), text.begin());
}

/// Linear in `text`.
[[nodiscard]] inline bool contains(std::span<const std::uint8_t> text, std::string_view what) {
  return std::search(text.begin(), text.end(), what.begin(), what.end()) != text.end();
}

/// Bytes that a word may begin with and a spelled word may hold (in lower case): ASCII letters and what
/// UTF-8 writes all others with.
[[nodiscard]] constexpr bool is_letter(std::uint8_t byte) noexcept { return is_lower(byte) || byte >= 0x80; }

}  // namespace ssmz::codec
