// SPDX-License-Identifier: Apache-2.0
// Pictures in seven passes in PNG (ISO/IEC 15948, section 8.2: Adam7), each a smaller picture with filters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Rows of a picture of rows of `row` bytes, pixels of `pixel` bytes, whose passes have `size` bytes with
/// their filter types; nothing if none has.
[[nodiscard]] std::optional<std::size_t> interlaced_rows(std::size_t size, std::size_t row,
                                                         std::size_t pixel);

/// As without_filters() and with_filters(): the types of the rows of all passes, and then the picture row by
/// row. `row` must be a multiple of `pixel`.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> without_passes(std::span<const std::uint8_t> passes,
                                                                      std::size_t row, std::size_t pixel);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> with_passes(std::span<const std::uint8_t> plain,
                                                                   std::size_t row, std::size_t pixel);

}  // namespace ssmz::codec
