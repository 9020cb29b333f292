// SPDX-License-Identifier: Apache-2.0
// How many bits are 1.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// Sums side by side: std::popcount is a call where the build target has no such instruction.
[[nodiscard]] constexpr unsigned ones_in(std::uint64_t bits) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101u;
  bits -= bits >> 1 & ones * 0x55;
  bits = (bits & ones * 0x33) + (bits >> 2 & ones * 0x33);
  return static_cast<unsigned>(((bits + (bits >> 4)) & ones * 0x0f) * ones >> 56);
}

}  // namespace ssmz::codec
