// SPDX-License-Identifier: Apache-2.0
// Machine code of 32-bit instructions: as plain bytes the high one, which says what an instruction does, is
// first, and what leads elsewhere says where to instead of how far.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/base/processor.hpp"
#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. Bytes that TransformLayout::row counts the place of such a block in, modulo 2^17 of them.
inline constexpr std::size_t instruction_places = 512;

inline constexpr std::size_t instruction_size = 4;

/// The instruction that `bytes`, at least four, begin with.
[[nodiscard]] constexpr std::uint32_t instruction_at(std::span<const std::uint8_t> bytes,
                                                     bool low_first) noexcept {
  std::uint32_t word = 0;
  for (unsigned k = 0; k < instruction_size; ++k)
    word = word << 8 | bytes[low_first ? instruction_size - 1 - k : k];
  return word;
}

/// What leads elsewhere says where to; or it stays, as in object files, where the linker has yet to say it.
enum class InstructionTargets : std::uint8_t { addresses = 0, distances = 1 };

/// FORMAT. `line` of a layout.
[[nodiscard]] constexpr std::uint16_t instructions_line(Processor processor,
                                                        InstructionTargets targets) noexcept {
  return static_cast<std::uint16_t>(static_cast<unsigned>(targets) + 2 * static_cast<unsigned>(processor));
}
/// Of a valid layout.
[[nodiscard]] constexpr Processor processor_of(const TransformLayout& layout) noexcept {
  return static_cast<Processor>(layout.line / 2);
}

[[nodiscard]] bool valid_instructions_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. Any bytes are instructions; of a cut one they stay.
[[nodiscard]] std::vector<std::uint8_t> from_instructions(const TransformLayout& layout,
                                                          std::span<const std::uint8_t> raw);
void append_instructions(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                         std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` that look like code of one of these processors as compilers write it.
/// Linear, some hundred megabytes a second.
void find_instructions(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
