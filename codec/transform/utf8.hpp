// SPDX-License-Identifier: Apache-2.0
// UTF-8, one character at a time; surrogates are characters of three bytes like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// What takes four bytes of UTF-8 and two units of UTF-16 begins here.
inline constexpr std::uint32_t first_beyond = 0x10000;
/// The last number that is a character's.
inline constexpr std::uint32_t last_code_point = 0x10FFFF;

struct Character {
  std::uint32_t value = 0;
  std::size_t size = 0;  ///< Bytes.
};

/// The character that `text`, which is not empty, begins with; nothing if none does.
[[nodiscard]] std::optional<Character> character_at(std::span<const std::uint8_t> text) noexcept;

/// `character` is at most last_code_point.
void append_utf8(std::uint32_t character, std::vector<std::uint8_t>& out);

}  // namespace ssmz::codec
