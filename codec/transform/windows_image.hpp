// SPDX-License-Identifier: Apache-2.0
// Programs and libraries of Windows (PE Format, Microsoft): the list of where a loader relocates, which are
// the places that hold addresses, and the table of functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: what of an image is written in another way; one at least.
struct ImageForm {
  bool functions = false;    ///< The table of functions of an x86-64 image.
  bool relocations = false;  ///< The list of relocations, with which the part ends.
  bool wide_steps = false;   ///< Functions usually begin at multiples of 16, else of 4.
  bool rising = false;       ///< What unwinds them usually stands in their order.

  [[nodiscard]] std::uint16_t packed() const noexcept {
    return static_cast<std::uint16_t>((functions ? 1u : 0u) + (relocations ? 2u : 0u) +
                                      (wide_steps ? 4u : 0u) + (rising ? 8u : 0u));
  }
  [[nodiscard]] static ImageForm of(std::uint16_t line) noexcept {
    return {(line & 1u) != 0, (line & 2u) != 0, (line & 4u) != 0, (line & 8u) != 0};
  }
};

[[nodiscard]] bool valid_image_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. An image from its first byte on becomes: functions by
/// how far behind the last one's end they begin, how long they are, and maybe how far apart what unwinds them
/// is; instead of the list which of the words that look like addresses are not in it. Linear; nothing, or
/// false, of what is no such image.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_image(const TransformLayout& layout,
                                                                  std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_image(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                std::size_t size, std::vector<std::uint8_t>& raw);

/// Bytes of the image that `content` begins with, up to the last such table's end, which may lie behind the
/// content's; 0 if there is no image or no table.
[[nodiscard]] std::size_t image_extent(std::span<const std::uint8_t> content);

/// Appends the parts of `content` that are images, up to the last such table's end.
void find_images(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
