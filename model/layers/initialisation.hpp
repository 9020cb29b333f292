// SPDX-License-Identifier: Apache-2.0
// Draws of initial parameters that several layers share (LAYERS.md 0.4). FORMAT, order of the draws included
#pragma once

#include <cstddef>

#include "model/base/math.hpp"
#include "model/base/random.hpp"

namespace ssmz::model {

/// Uniform in +-scale / sqrt(fan_in), the usual start of a linear map.
template <class Real>
void draw_linear(Random& random, std::size_t fan_in, float scale, Real* weights, std::size_t n) {
  const float bound = scale * rsqrt(static_cast<float>(fan_in));
  for (std::size_t i = 0; i < n; ++i) weights[i] = random.uniform(-bound, bound);
}

/// Biases b with softplus(b) spread evenly in the logarithm over [low, high]: step sizes of the Mamba family.
template <class Real>
void draw_step_bias(Random& random, float low, float high, Real* bias, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float step = exp(random.uniform(log(low), log(high)));
    bias[i] = inverse_softplus(step > 1e-4f ? step : 1e-4f);
  }
}

}  // namespace ssmz::model
