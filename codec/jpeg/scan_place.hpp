// SPDX-License-Identifier: Apache-2.0
// Where in a scan its reader or writer stands, and the coefficients of an MCU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/jpeg/jpeg_header.hpp"
#include "codec/jpeg/scan_bits.hpp"

namespace ssmz::codec {

/// Quantised coefficients of a block, in natural order; [0] is the DC itself, not its difference.
using JpegBlock = std::array<std::int16_t, 64>;

/// FORMAT. Blocks of an MCU, component by component, row by row.
using JpegMcu = std::array<JpegBlock, 10>;

/// FORMAT. Ranges of what is coded; T.81 allows baseline no more for AC and for differences of DC.
inline constexpr unsigned longest_dc_bits = 11, longest_ac_bits = 10;
inline constexpr int most_dc = (1 << 14) - 1;

/// Calls visit(row, column) for the blocks that a component has in the MCU of that place, until one is false.
template <class Visit>
bool visit_component(unsigned across, unsigned down, std::uint32_t mcu_row, std::uint32_t mcu_column,
                     Visit visit) {
  for (unsigned y = 0; y < down; ++y)
    for (unsigned x = 0; x < across; ++x)
      if (!visit(mcu_row * down + y, mcu_column * across + x)) return false;
  return true;
}

/// Calls visit(component, row, column) for each block of an MCU that has all components, in the order of
/// JpegMcu, until one is false.
template <class Visit>
bool visit_mcu(const JpegHeader& header, std::uint64_t mcu, Visit visit) {
  const auto row = static_cast<std::uint32_t>(mcu / header.mcu_columns);
  const auto column = static_cast<std::uint32_t>(mcu % header.mcu_columns);
  for (unsigned c = 0; c < header.count; ++c) {
    const JpegComponent& component = header.components[c];
    const bool good = visit_component(component.across, component.down, row, column,
                                      [&](std::uint32_t y, std::uint32_t x) { return visit(c, y, x); });
    if (!good) return false;
  }
  return true;
}

/// What the next MCU's coding depends on beside its coefficients.
struct ScanPlace {
  std::uint64_t mcu = 0;                                      ///< MCUs before it.
  std::array<std::int16_t, JpegHeader::max_components> dc{};  ///< The last ones.
  unsigned bit = 0;  ///< Bits of the current byte that have been used, 0..7.

  /// A restart marker stands before the next MCU.
  [[nodiscard]] bool restarts(const JpegHeader& header) const noexcept {
    return restarts_before(mcu, header.restart_interval);
  }
};

}  // namespace ssmz::codec
