// SPDX-License-Identifier: Apache-2.0
// Processors whose instructions are words of four bytes.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// In the order of FORMAT. AArch64; ARM (A32), PowerPC and MIPS, low byte first; PowerPC, MIPS and SPARC,
/// high byte first.
enum class Processor : std::uint8_t { a64, arm, powerpc_low, mips_low, powerpc, mips, sparc };
inline constexpr unsigned processors = 7;

/// How its words stand in memory.
[[nodiscard]] constexpr bool low_byte_first(Processor processor) noexcept {
  return processor < Processor::powerpc;
}

/// Whether some of a word's bits are what they are in words of one sort.
struct WordPattern {
  std::uint32_t mask = 0, value = 1;  ///< The default: of no word.
  [[nodiscard]] constexpr bool fits(std::uint32_t word) const noexcept { return (word & mask) == value; }
};

}  // namespace ssmz::codec
