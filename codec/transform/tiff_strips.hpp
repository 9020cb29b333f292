// SPDX-License-Identifier: Apache-2.0
// Streams that are strips or tiles of TIFF files: what pixels they hold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// Gives the parts that are a strip's stream the form of its pixels, as a TIFF file in `content` says. Linear
/// in `content`. Not FORMAT.
void set_tiff_pixels(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
