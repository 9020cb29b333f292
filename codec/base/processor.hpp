// SPDX-License-Identifier: Apache-2.0
// Processors whose instructions are words of four bytes.
#pragma once

#include <array>
#include <cstddef>
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

/// FORMAT. Calls by a distance; MIPS calls addresses (Arm ARM DDI 0487, C4.1, and DDI 0406, A5: BL; Power ISA
/// 3.1, 2.4: bl; SPARC V9, A.8).
[[nodiscard]] constexpr WordPattern call_pattern(Processor processor) noexcept {
  constexpr WordPattern power = {0xfc000003, 0x48000001};
  constexpr std::array<WordPattern, processors> calls = {
      {{0xfc000000, 0x94000000}, {0xff000000, 0xeb000000}, power, {}, power, {}, {0xc0000000, 0x40000000}}};
  return calls[static_cast<std::size_t>(processor)];
}

}  // namespace ssmz::codec
