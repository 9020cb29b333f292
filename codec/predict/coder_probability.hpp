// SPDX-License-Identifier: Apache-2.0
// From probabilities of 16 bits, as maps hold them, and of mixers to those of the range coder.
#pragma once

#include <algorithm>
#include <cstdint>

#include "codec/range/range_common.hpp"

namespace ssmz::codec {

/// Of a 1; `probability16`: 0..65535.
[[nodiscard]] constexpr std::uint32_t coder_probability(unsigned probability16) noexcept {
  return std::clamp(probability16 << (probability_bits - 16), 1u, probability_one - 1);
}

/// Of a 1; `p`: 0..1.
[[nodiscard]] inline std::uint32_t coder_probability(float p) noexcept {
  const auto scaled = static_cast<std::int64_t>(p * static_cast<float>(probability_one));
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(scaled, 1, probability_one - 1));
}

}  // namespace ssmz::codec
