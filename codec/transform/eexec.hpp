// SPDX-License-Identifier: Apache-2.0
// The encrypted part of a Type 1 font program, as PFB, PFA and PDF files have it (Adobe Type 1 Font Format,
// version 1.1, chapter 7). The keys are known to all: it hides a font from who cannot program, and from
// models.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: 1 if the charstrings within the part are encrypted once more.
[[nodiscard]] bool valid_eexec_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. Any bytes are plain, and any are encrypted.
[[nodiscard]] std::vector<std::uint8_t> from_eexec(const TransformLayout& layout,
                                                   std::span<const std::uint8_t> raw);
void append_eexec(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                  std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` behind the operator eexec, and one that it begins with, as what the digits
/// of a PFA file stand for does. Linear: parts do not overlap.
void find_eexec(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
