// SPDX-License-Identifier: Apache-2.0
// What headers of pictures come to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/image/picture_model.hpp"
#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// Of a picture that a header tells of.
inline constexpr std::uint64_t most_rows = 1u << 24;

/// `rows` rows of `row` bytes from `offset` on; none if there are too few or too many of either, or if they
/// begin behind the data.
[[nodiscard]] inline std::optional<FoundRegion> rows_region(std::span<const std::uint8_t> in,
                                                            std::uint64_t offset, std::uint64_t row,
                                                            std::uint64_t rows, BlockType type) {
  if (row == 0 || rows == 0 || rows > most_rows || row * rows < least_region || offset >= in.size())
    return std::nullopt;
  return FoundRegion{static_cast<std::size_t>(offset), row * rows, type, static_cast<std::uint32_t>(row)};
}

/// The same of a picture of such samples; `is` without its row.
[[nodiscard]] inline std::optional<FoundRegion> picture_region(std::span<const std::uint8_t> in,
                                                               std::uint64_t offset, std::uint64_t row,
                                                               std::uint64_t rows, PictureLayout is) {
  if (row == 0 || row > PictureLayout::max_row || row % is.sample_bytes || is.channels < 1 || is.channels > 4)
    return std::nullopt;
  is.row_bytes = static_cast<std::uint32_t>(row);
  return rows_region(in, offset, row, rows, {BlockKind::picture, is.packed()});
}

}  // namespace ssmz::codec
