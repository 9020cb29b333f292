// SPDX-License-Identifier: Apache-2.0
// From probabilities of 16 bits, as maps hold them, to those of the range coder.
#pragma once

#include <algorithm>
#include <cstdint>

#include "codec/range/range_common.hpp"

namespace ssmz::codec {

/// Of a 1; `probability16`: 0..65535.
[[nodiscard]] constexpr std::uint32_t coder_probability(unsigned probability16) noexcept {
  return std::clamp(probability16 << (probability_bits - 16), 1u, probability_one - 1);
}

}  // namespace ssmz::codec
