// SPDX-License-Identifier: Apache-2.0
// Finds uncompressed pictures by the headers of their files: BMP, PNM, TIFF, TGA, and those of
// volume_headers.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// The picture whose header `in` begins with; sizes of 0 or beyond reason, palettes of colours and compressed
/// data give none. Reads only `in`. TGA, which has no magic, is looked for only if `whole`: the content
/// begins here. Not FORMAT.
[[nodiscard]] std::optional<FoundRegion> find_picture(std::span<const std::uint8_t> in, bool whole);
/// What headers that have a magic begin with.
inline constexpr std::array<const char*, 10> picture_beginnings = {"BM", "P4", "P5", "P6", "II",
                                                                   "MM", "SI", "XT", "DI", "\x5C\x01"};

}  // namespace ssmz::codec
