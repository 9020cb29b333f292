// SPDX-License-Identifier: Apache-2.0
// What RFC 1951 fixes: symbols of lengths and distances, fixed codes, the order of code lengths' lengths.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ssmz::codec {

inline constexpr unsigned least_match = 3, most_match = 258, deflate_window = 32768;
inline constexpr unsigned end_symbol = 256, literal_symbols = 286, distance_symbols = 30;
inline constexpr unsigned code_length_symbols = 19, longest_code = 15, longest_code_length_code = 7;
inline constexpr unsigned repeat_last = 16, repeat_zero = 17, repeat_zero_long = 18;
inline constexpr std::array<std::uint8_t, code_length_symbols> code_length_order = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

/// Values are of the format.
enum class DeflateBlock : std::uint8_t { stored = 0, fixed = 1, dynamic = 2 };

/// A byte as it is (length 0), or a match.
struct DeflateToken {
  std::uint16_t length = 0;
  std::uint16_t distance = 0;
  friend bool operator==(const DeflateToken&, const DeflateToken&) = default;
};

/// A symbol with the bits behind it.
struct DeflateSymbol {
  unsigned symbol = 0, extra_bits = 0, extra = 0;
  friend bool operator==(const DeflateSymbol&, const DeflateSymbol&) = default;
};

/// `length` 3..258.
[[nodiscard]] constexpr DeflateSymbol length_symbol(unsigned length) noexcept {
  const unsigned over = length - least_match;
  if (length == most_match) return {285, 0, 0};
  if (over < 8) return {257 + over, 0, 0};
  const unsigned bits = std::min(static_cast<unsigned>(std::bit_width(over)) - 3, 5u);
  return {257 + 4 * (bits + 1) + (over >> bits & 3), bits, over & ((1u << bits) - 1)};
}

/// `distance` 1..32768.
[[nodiscard]] constexpr DeflateSymbol distance_symbol(unsigned distance) noexcept {
  const unsigned over = distance - 1;
  if (over < 4) return {over, 0, 0};
  const unsigned bits = std::min(static_cast<unsigned>(std::bit_width(over)) - 2, 13u);
  return {2 * (bits + 1) + (over >> bits & 1), bits, over & ((1u << bits) - 1)};
}

/// Least length, or distance, of a symbol, and its extra bits; `symbol` 257..285, or 0..29.
struct SymbolRange {
  unsigned first = 0, extra_bits = 0;
};
[[nodiscard]] constexpr SymbolRange lengths_of(unsigned symbol) noexcept {
  if (symbol == 285) return {most_match, 0};
  if (symbol < 265) return {symbol - 254, 0};
  const unsigned bits = (symbol - 261) / 4;
  return {least_match + ((4 + (symbol - 261) % 4) << bits), bits};
}
[[nodiscard]] constexpr SymbolRange distances_of(unsigned symbol) noexcept {
  if (symbol < 4) return {symbol + 1, 0};
  const unsigned bits = symbol / 2 - 1;
  return {1 + ((2 + symbol % 2) << bits), bits};
}

/// How often the symbols repeat_last, repeat_zero and repeat_zero_long repeat, at least, and their extra
/// bits.
struct RunRange {
  unsigned least = 0, extra_bits = 0;
};
[[nodiscard]] constexpr RunRange runs_of(unsigned symbol) noexcept {
  if (symbol == repeat_last) return {3, 2};
  return symbol == repeat_zero ? RunRange{3, 3} : RunRange{11, 7};
}

/// Bits of each symbol's code; 0: it has none.
struct CodeLengths {
  std::array<std::uint8_t, literal_symbols + 2> literals{};
  std::array<std::uint8_t, distance_symbols + 2> distances{};
  friend bool operator==(const CodeLengths&, const CodeLengths&) = default;
};

inline constexpr CodeLengths fixed_code_lengths = [] {
  CodeLengths lengths;
  for (unsigned i = 0; i < lengths.literals.size(); ++i)
    lengths.literals[i] = static_cast<std::uint8_t>(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  lengths.distances.fill(5);
  return lengths;
}();

}  // namespace ssmz::codec
