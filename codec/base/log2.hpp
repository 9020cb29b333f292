// SPDX-License-Identifier: Apache-2.0
// Base-2 logarithm in integers, the same on every machine.
#pragma once

#include <bit>
#include <cstdint>

namespace ssmz::codec {

/// floor(2^fraction_bits * log2(x)) for x >= 1, by squaring the mantissa once per fractional bit. Of x only
/// the upper 32 bits count; exact to one unit up to 12 fractional bits.
constexpr std::uint32_t log2_fixed(std::uint64_t x, unsigned fraction_bits) {
  const unsigned exponent = 63 - static_cast<unsigned>(std::countl_zero(x));
  std::uint64_t mantissa = exponent >= 31 ? x >> (exponent - 31) : x << (31 - exponent);
  std::uint32_t result = exponent;
  for (unsigned i = 0; i < fraction_bits; ++i) {
    mantissa = mantissa * mantissa >> 31;
    const std::uint32_t carry = mantissa >> 32 != 0;
    mantissa >>= carry;
    result = 2 * result + carry;
  }
  return result;
}

/// floor(16 * log2(x)) for x >= 1.
constexpr std::uint32_t log2_sixteenths(std::uint64_t x) { return log2_fixed(x, 4); }

}  // namespace ssmz::codec
