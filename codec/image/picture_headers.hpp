// SPDX-License-Identifier: Apache-2.0
// Finds uncompressed pictures by the headers of their files: BMP, PNM, TIFF, TGA, and those of
// volume_headers.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// The picture whose header `in` begins with; sizes of 0 or beyond reason, palettes of colours and compressed
/// data give none. Reads only `in`. TGA, which has no magic, is looked for only if `whole`: the content
/// begins here. Not FORMAT.
[[nodiscard]] std::optional<FoundRegion> find_picture(std::span<const std::uint8_t> in, bool whole);
/// First bytes of the headers that have a magic.
inline constexpr std::string_view picture_first_bytes = "BPIMSXD\x5C";

}  // namespace ssmz::codec
