// SPDX-License-Identifier: Apache-2.0
// A block's pixels at its borders, and what those say of the blocks beside it.
#pragma once

#include <array>
#include <cstdint>

#include "codec/jpeg/scan_place.hpp"

namespace ssmz::codec {

/// Pixels in eighths, at the lines between blocks: half a pixel outwards of the outermost, along the slope of
/// the last two. FORMAT.
struct BorderPixels {
  std::array<std::int16_t, 8> above{}, below{}, left{}, right{};
};

/// Of a block as if its DC were 0. Integers only; any coefficients and steps.
[[nodiscard]] BorderPixels border_pixels(const JpegBlock& block, const std::array<std::uint16_t, 64>& steps);

}  // namespace ssmz::codec
