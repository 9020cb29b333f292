// SPDX-License-Identifier: Apache-2.0
// What a file's header says of the content behind it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/block/block_kind.hpp"

namespace ssmz::codec {

/// Bytes below which a block of its own does not pay.
inline constexpr std::uint64_t least_region = 4096;

/// A part of a window of content, with the type of its block. Not FORMAT.
struct Region {
  std::size_t at = 0;
  std::size_t size = 0;
  BlockType type;
};

/// Content that a header describes. What a header says is checked against nothing but itself: it may claim
/// more bytes than there are, and a wrong one costs size, not correctness. Not FORMAT.
struct FoundRegion {
  std::size_t offset = 0;  ///< From the header's first byte.
  std::uint64_t size = 0;  ///< Bytes, at least one row or frame.
  BlockType type;          ///< With a layout that does not go on.
  std::uint32_t unit = 1;  ///< Bytes of a row or frame: where it could begin anew.
};

}  // namespace ssmz::codec
