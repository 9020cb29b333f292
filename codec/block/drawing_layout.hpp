// SPDX-License-Identifier: Apache-2.0
// How the pixels of drawings lie in a block.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// FORMAT. Rows of pixels of one to four bytes: places in a palette, two or more of them a byte too, or the
/// samples of colours.
struct DrawingLayout {
  bool goes_on = false;         ///< Where the block of this layout before it ended, else it begins a row.
  unsigned channels = 1;        ///< Bytes of a pixel, 1..4.
  std::uint32_t row_bytes = 1;  ///< 1..max_row.

  static constexpr std::uint32_t max_row = 1u << 17;
  [[nodiscard]] constexpr std::uint64_t packed() const {
    return std::uint64_t{row_bytes} << 3 | (channels - 1) << 1 | (goes_on ? 1u : 0u);
  }
  [[nodiscard]] static constexpr DrawingLayout of(std::uint64_t packed) {
    return {(packed & 1u) != 0, static_cast<unsigned>(packed >> 1 & 3u) + 1,
            static_cast<std::uint32_t>(packed >> 3)};
  }
};
[[nodiscard]] constexpr bool valid_drawing_layout(std::uint64_t packed) {
  return packed >> 3 >= 1 && packed >> 3 <= DrawingLayout::max_row;
}

}  // namespace ssmz::codec
