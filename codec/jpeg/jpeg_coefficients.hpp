// SPDX-License-Identifier: Apache-2.0
// All coefficients of a picture, for scans that each have a part of them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codec/jpeg/scan_place.hpp"

namespace ssmz::codec {

/// Takes memory for the rows of blocks up to the last that was asked for. Not thread-safe.
class JpegCoefficients {
 public:
  /// FORMAT. Blocks of a picture: 64 MiB, of 4:2:0 22 million pixels.
  static constexpr std::uint64_t most_blocks = std::uint64_t{1} << 19;

  JpegCoefficients() = default;
  explicit JpegCoefficients(const JpegHeader& header) {
    for (unsigned c = 0; c < header.count; ++c) columns_[c] = header.components[c].columns;
  }

  /// A component's block; zeros until it is written to.
  [[nodiscard]] JpegBlock& block(unsigned component, std::uint32_t row, std::uint32_t column) {
    while (row >= rows_[component].size()) rows_[component].emplace_back(columns_[component]);
    return rows_[component][row][column];
  }
  [[nodiscard]] const JpegBlock& at(unsigned component, std::uint32_t row, std::uint32_t column) const {
    static constexpr JpegBlock none{};
    return row < rows_[component].size() ? rows_[component][row][column] : none;
  }
  /// Of a component, those that there are.
  [[nodiscard]] std::vector<std::vector<JpegBlock>>& rows(unsigned component) { return rows_[component]; }

 private:
  std::array<std::uint32_t, JpegHeader::max_components> columns_{};
  std::array<std::vector<std::vector<JpegBlock>>, JpegHeader::max_components> rows_;
};

/// Calls for each MCU of a scan before_mcu(number), and for each of its blocks visit(place in the scan, row,
/// column), until one is false. A scan of one component has MCUs of one block. FORMAT.
template <class BeforeMcu, class Visit>
bool visit_blocks(const JpegHeader& header, const JpegScan& scan, BeforeMcu before_mcu, Visit visit) {
  const bool alone = scan.count == 1;
  const JpegComponent& only = header.components[scan.which[0]];
  const std::uint32_t columns = alone ? only.own_columns : header.mcu_columns;
  const std::uint32_t rows = alone ? only.own_rows : header.mcu_rows;
  std::uint64_t mcu = 0;
  for (std::uint32_t row = 0; row < rows; ++row)
    for (std::uint32_t column = 0; column < columns; ++column) {
      if (!before_mcu(mcu++)) return false;
      for (unsigned i = 0; i < scan.count; ++i) {
        const JpegComponent& component = header.components[scan.which[i]];
        const bool good =
            visit_component(alone ? 1 : component.across, alone ? 1 : component.down, row, column,
                            [&](std::uint32_t y, std::uint32_t x) { return visit(i, y, x); });
        if (!good) return false;
      }
    }
  return true;
}

}  // namespace ssmz::codec
