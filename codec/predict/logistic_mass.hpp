// SPDX-License-Identifier: Apache-2.0
// A logistic distribution around what is expected, as inputs of the mixers for a number's bits.
#pragma once

#include <algorithm>
#include <cstddef>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {

/// Share of the distribution below a bound, and above it: each is exact to a few digits where it is small.
struct LogisticMass {
  float below = 0.0f, above = 1.0f;
};

/// Scale of a logistic distribution whose mean error is 1: 1 / (2 ln 2).
inline constexpr double scale_per_mean_error = 0.72;

/// `z`: of the bound from the centre, in scales.
[[nodiscard]] inline LogisticMass logistic_mass(float z) noexcept {
  return {squash_near(z), squash_near(-z)};
}

/// Between two bounds; differences are taken on the side where they are small numbers. FORMAT.
[[nodiscard]] inline float mass_between(const LogisticMass& low, const LogisticMass& high) noexcept {
  return low.below > 0.5f ? low.above - high.above : high.below - low.below;
}

/// What lies above `middle`, of what lies between `low` and `high`; 1/2 of an interval that says nothing.
/// FORMAT.
[[nodiscard]] inline float upper_share(const LogisticMass& low, const LogisticMass& middle,
                                       const LogisticMass& high) noexcept {
  constexpr float least = 1e-6f;
  const float below = mass_between(low, middle), above = mass_between(middle, high), sum = below + above;
  return sum > least ? above / sum : 0.5f;
}

/// stretch() of a probability that is a float. FORMAT.
[[nodiscard]] inline float share_as_input(float share) noexcept {
  constexpr int entries = 1 << stretch_bits;
  const int index = std::clamp(static_cast<int>(share * static_cast<float>(entries)), 0, entries - 1);
  return stretch_table()[static_cast<std::size_t>(index)];
}

}  // namespace ssmz::codec
