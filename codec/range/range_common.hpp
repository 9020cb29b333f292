// SPDX-License-Identifier: Apache-2.0
// Constants shared by the range encoder and decoder.
//
// A binary arithmetic coder with a 32-bit range and carry propagation (G. N. N. Martin, "Range encoding",
// 1979; the carry handling is Schindler's). A decision's probability has 22 bits: the surest one costs 3.4e-7
// bit. Products are 64 bits wide, so no precision is lost when the range is small.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// FORMAT. Probabilities handed to the coder are p / 2^probability_bits, p in 1..probability_one - 1.
inline constexpr unsigned probability_bits = 22;
inline constexpr std::uint32_t probability_one = 1u << probability_bits;

/// FORMAT. The range is at least this before every decision; it exceeds probability_one, so both parts are
/// never empty.
inline constexpr std::uint32_t range_floor = 1u << 24;
static_assert(range_floor > probability_one);

/// Part of `range` that stands for bit 1. `p1` in 1..probability_one - 1; the result is in 1..range - 1.
[[nodiscard]] constexpr std::uint32_t range_of_one(std::uint32_t range, std::uint32_t p1) noexcept {
  return static_cast<std::uint32_t>((std::uint64_t{range} * p1) >> probability_bits);
}

/// FORMAT. The value in [low, low + range) with the most trailing zero bytes: what an encoder ends on.
[[nodiscard]] constexpr std::uint64_t shortest_value(std::uint64_t low, std::uint32_t range) noexcept {
  for (unsigned zero_bits = 32; zero_bits > 0; zero_bits -= 8) {
    const std::uint64_t mask = (std::uint64_t{1} << zero_bits) - 1;
    const std::uint64_t value = (low + mask) & ~mask;
    if (value < low + range) return value;
  }
  return low;
}

}  // namespace ssmz::codec
