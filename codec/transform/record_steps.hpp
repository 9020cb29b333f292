// SPDX-License-Identifier: Apache-2.0
// Records of one size with a number that rises from each to the next, as a loader's relocations have (ELF
// gABI, "Relocation"): as plain bytes the number is the step.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout, whose `row` is the size of a record: the number that the record begins with.
struct StepForm {
  bool wide = false;  ///< Of 8 bytes, else of 4.
  bool big_endian = false;

  [[nodiscard]] std::uint16_t packed() const noexcept {
    return static_cast<std::uint16_t>((wide ? 1u : 0u) + (big_endian ? 2u : 0u));
  }
  [[nodiscard]] static StepForm of(std::uint16_t line) noexcept {
    return {(line & 1u) != 0, (line & 2u) != 0};
  }
};

[[nodiscard]] bool valid_steps_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. Any bytes are records; a cut one stays as it is.
[[nodiscard]] std::vector<std::uint8_t> from_steps(const TransformLayout& layout,
                                                   std::span<const std::uint8_t> raw);
void append_steps(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                  std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` that look like relocations of ELF files, those that say where the file was
/// meant to be loaded and those of procedures. Linear.
void find_steps(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
