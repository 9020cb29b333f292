// SPDX-License-Identifier: Apache-2.0
// Finds uncompressed pictures by the headers of their files: BMP, PNM, TIFF, TGA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/block/block_kind.hpp"

namespace ssmz::codec {

/// Content that a header describes. What a header says is checked against nothing but itself: it may claim
/// more bytes than there are, and a wrong one costs size, not correctness.
struct FoundRegion {
  std::size_t offset = 0;  ///< From the header's first byte.
  std::uint64_t size = 0;  ///< Bytes, at least one row.
  BlockType type;          ///< With a layout that begins a row.
  std::uint32_t unit = 1;  ///< Bytes of a row or frame: where it could begin anew.
};

/// The picture whose header `in` begins with; sizes of 0 or beyond reason, palettes of colours and compressed
/// data give none. Reads only `in`. TGA, which has no magic, is looked for only if `whole`: the content
/// begins here. Not FORMAT.
[[nodiscard]] std::optional<FoundRegion> find_picture(std::span<const std::uint8_t> in, bool whole);

}  // namespace ssmz::codec
