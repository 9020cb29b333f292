// SPDX-License-Identifier: Apache-2.0
// Where one of several beginnings of two bytes stands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ssmz::codec {

/// A set of pairs of neighbouring bytes. Sought in data where they are rare, a place takes some two cycles,
/// whatever is in the set; a first byte alone would be met too often, and each time the processor would have
/// guessed that it is not.
class BytePairs {
 public:
  constexpr void add(unsigned first, unsigned second) {
    words_[first | (second & 3u) << 8] |= std::uint64_t{1} << (second >> 2);
  }
  /// Of two letters.
  constexpr void add(std::string_view pair) {
    add(static_cast<std::uint8_t>(pair[0]), static_cast<std::uint8_t>(pair[1]));
  }

  [[nodiscard]] constexpr bool has(std::uint8_t first, std::uint8_t second) const noexcept {
    return (words_[first | (second & 3u) << 8] >> (second >> 2) & 1u) != 0;
  }
  /// Where the next one begins in `content`, from place `from` on; content.size() if nowhere.
  [[nodiscard]] std::size_t find(std::span<const std::uint8_t> content, std::size_t from) const noexcept {
    for (; from + 1 < content.size(); ++from)
      if (has(content[from], content[from + 1])) return from;
    return content.size();
  }

 private:
  std::array<std::uint64_t, 1024> words_{};  // of the first byte and two bits of the second: bits of the rest
};

}  // namespace ssmz::codec
