// SPDX-License-Identifier: Apache-2.0
// Filters of rows of pixels in PNG (ISO/IEC 15948, section 9).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Filtered rows, each behind its type, to all types and then all rows without filters; nothing of an unknown
/// type, or if the rows are not whole. `row` bytes a row, `pixel` bytes a pixel, at least 1.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> without_filters(std::span<const std::uint8_t> rows,
                                                                       std::size_t row, std::size_t pixel);
/// The reverse.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> with_filters(std::span<const std::uint8_t> plain,
                                                                    std::size_t row, std::size_t pixel);

}  // namespace ssmz::codec
