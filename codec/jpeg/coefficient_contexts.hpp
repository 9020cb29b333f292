// SPDX-License-Identifier: Apache-2.0
// The contexts of a coefficient, of a block's last one and of its DC.
#pragma once

#include <array>
#include <cstdint>

#include "codec/jpeg/block_rows.hpp"
#include "codec/jpeg/slot_groups.hpp"

namespace ssmz::codec {

/// The blocks that a block is predicted from, and what is known of itself so far.
struct Surroundings {
  const KeptBlock *above, *left, *corner, *right_above, *left_left;
  const KeptBlock* other;                             ///< At the same place in the component before.
  const KeptBlock* first;                             ///< In the first one.
  std::array<std::int32_t, 8> left_sums, above_sums;  ///< What is open at the borders.
};

/// What is known of a coefficient. Values are those of coefficients, with the sign that makes what is
/// expected positive.
struct CoefficientFeatures {
  unsigned k = 0;  ///< Place in the zigzag.
  unsigned component = 0;
  unsigned last = 0, nonzeros = 0;  ///< Of the block, and so far.
  unsigned around_nonzeros = 0;     ///< Of the blocks above and to the left.
  unsigned expected = 0, size = 0;  ///< From the borders, in quarters of a step; its bucket.
  int from_left = 0, from_above = 0;
  int above = 0, left = 0, corner = 0, right_above = 0, left_left = 0, other = 0, first = 0;
  std::array<int, 5> inner{};   ///< Of the next higher frequencies: across, down, both, two across, two down.
  std::array<int, 3> before{};  ///< Coded before it.
  unsigned around = 0, inside = 0;  ///< Buckets of how large those around and inside are.

  /// Sets the last two.
  void finish();
};

/// What is known of a DC: by how much of a step the prediction was rounded, in eighths; how far the two sides
/// are apart, in steps; buckets of how far all pixels are, and of what was missed around.
struct DcFeatures {
  unsigned component;
  int fraction, apart;
  unsigned spread, misses, last, nonzeros;
};

/// Each gives all contexts of a symbol to `groups`, the most telling first. FORMAT.
void list_coefficient(const CoefficientFeatures& f, const Surroundings& s, SlotGroups& groups);
void list_last(const Surroundings& s, unsigned component, SlotGroups& groups);
void list_dc(const DcFeatures& f, const Surroundings& s, SlotGroups& groups);

}  // namespace ssmz::codec
