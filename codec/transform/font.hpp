// SPDX-License-Identifier: Apache-2.0
// TrueType fonts (ISO/IEC 14496-22): where each glyph's outline stands, the box around it, the space on its
// left and the tables' checksums follow from the outlines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: outlines usually begin at multiples of 2 to its power, 0..2.
[[nodiscard]] bool valid_font_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout: a font from its first byte on, of the same size; what
/// follows from its outlines is its difference to that. Linear; nothing, or false, of what is no such font.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_font(const TransformLayout& layout,
                                                                 std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_font(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                               std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` that are fonts with outlines of TrueType.
void find_fonts(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
