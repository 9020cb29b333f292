// SPDX-License-Identifier: Apache-2.0
// Distances in machine code as the addresses that they lead to, byte by byte.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// What must be added (mod 256) to byte `at` (0..3, low byte first) of a distance to make it a byte of the
/// address, which is the distance plus `behind`, the position that it counts from. `known`: the address's
/// bytes below it: that they are less than those of `behind` is a carry. FORMAT.
[[nodiscard]] constexpr std::uint8_t to_address_byte(std::uint32_t known, unsigned at,
                                                     std::uint32_t behind) noexcept {
  const std::uint32_t below = at ? 0xffffffffu >> (8 * (4 - at)) : 0u;
  const std::uint32_t carry = (known & below) < (behind & below) ? 1u : 0u;
  return static_cast<std::uint8_t>((behind >> (8 * at)) + carry);
}

}  // namespace ssmz::codec
