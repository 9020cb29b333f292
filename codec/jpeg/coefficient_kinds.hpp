// SPDX-License-Identifier: Apache-2.0
// The kinds of decision of a block of JPEG, and buckets of what they depend on.
#pragma once

#include <bit>
#include <cstdint>

namespace ssmz::codec {

/// FORMAT. Places of the kinds that have several: of bits told so far.
inline constexpr unsigned kind_zero = 0, kind_sign = 1, kind_longer = 2, kind_first_bit = 10,
                          kind_more_bits = 15, kind_last = 18, kind_count = 24;

/// 0..15, two steps a doubling: for values up to 191. FORMAT.
[[nodiscard]] constexpr unsigned bucket(unsigned value) noexcept {
  if (value < 4) return value;
  const auto log = static_cast<unsigned>(std::bit_width(value)) - 1;
  const unsigned found = 2 * log + (value >> (log - 1) & 1u);
  return found < 15 ? found : 15;
}

}  // namespace ssmz::codec
