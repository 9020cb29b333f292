// SPDX-License-Identifier: Apache-2.0
// The blocks of a scan that later ones are predicted from: those of a row of MCUs and of the row above it.
#pragma once

#include <array>
#include <cstdint>

#include "codec/jpeg/scan_place.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// A block and what is asked of it often.
struct KeptBlock {
  JpegBlock values{};
  std::array<std::int16_t, 8> below{}, right{};  ///< Pixels at its borders, as of BorderPixels, with DC.
  std::array<std::int32_t, 8> right_sums{};      ///< [v]: of BorderSums, at its right border.
  std::array<std::int32_t, 8> below_sums{};      ///< [u]
  std::int16_t dc_miss = 0;                      ///< How far the prediction of its DC was off.
  std::uint8_t last = 0;      ///< Place in the zigzag of its last coefficient that is not 0; 0: none.
  std::uint8_t nonzeros = 0;  ///< Coefficients that are not 0, without DC.
  std::uint8_t there = 0;     ///< 0: the picture ends before it.
};

/// Of all components of one picture. Not thread-safe; copies are independent.
class BlockRows {
 public:
  BlockRows() : blocks_(JpegHeader::max_kept_blocks + 1) {}
  [[nodiscard]] static constexpr std::uint64_t memory() noexcept {
    return std::uint64_t{JpegHeader::max_kept_blocks + 1} * sizeof(KeptBlock);
  }

  /// A picture begins: nothing is above its first row.
  void begin(const JpegHeader& header);

  /// The block in a component's row and column, if it was coded already and is of the row or the last one;
  /// else one that is not there. row and column may be -1, column one beyond the last.
  [[nodiscard]] const KeptBlock& at(unsigned component, std::int64_t row, std::int64_t column) const noexcept;
  /// The block to be coded: it is there when it was finished.
  [[nodiscard]] KeptBlock& next(unsigned component, std::int64_t row, std::int64_t column) noexcept;

 private:
  struct Rows {
    std::size_t first = 0;  // of its blocks
    std::uint32_t columns = 0, rows = 1;
  };
  std::array<Rows, JpegHeader::max_components> components_{};
  model::Zeroed<KeptBlock> blocks_;  // [component][row modulo rows][column]; the last is none
};

}  // namespace ssmz::codec
