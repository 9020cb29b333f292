// SPDX-License-Identifier: Apache-2.0
// Rows of pixels of which each sample is the difference to that of the pixel on the left, as predictor 2 of
// TIFF 6.0 (section 14) has them in each strip.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout.
struct DifferenceForm {
  unsigned channels = 1;      ///< 1..4
  unsigned sample_bytes = 1;  ///< 1 or 2
  bool big_endian = false;    ///< Of samples of two bytes.

  [[nodiscard]] std::uint16_t packed() const noexcept {
    return static_cast<std::uint16_t>((channels - 1) | (sample_bytes - 1) << 2 | unsigned{big_endian} << 3);
  }
};
[[nodiscard]] bool valid_differences_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. Any bytes are differences, and a row may be cut.
[[nodiscard]] std::vector<std::uint8_t> from_differences(const TransformLayout& layout,
                                                         std::span<const std::uint8_t> raw);
void append_differences(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                        std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
