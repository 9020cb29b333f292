// SPDX-License-Identifier: Apache-2.0
// The optimiser's kernels over 16 virtual lanes; the contract is in kernels.hpp.
#pragma once

#include "model/kernels/kernels.hpp"
#include "model/kernels/kernels_math_detail.hpp"
#include "model/kernels/vector16_detail.hpp"

namespace ssmz::model {
namespace {

/// Weight, mean and square after one step with gradient g.
SSMZ_INLINE void adam_update(const AdamStep& step, const Vec& gradient, Vec& weight, Vec& mean, Vec& square) {
  const Vec g = gradient * broadcast(step.gradient_scale);
  const Vec g2 = g * g;
  mean = flush_tiny(fma(broadcast(step.beta1), mean - g, g));
  square = flush_tiny(fma(broadcast(step.beta2), square - g2, g2));
  const Vec inverse_root =
      rough_rsqrt(fma(square, broadcast(step.inverse_c2), broadcast(step.epsilon_squared)));
  weight = fma(broadcast(-step.rate), mean * inverse_root, weight);
}

void adam(const AdamStep& step, Scalar* weight, Scalar* mean, Scalar* square, Scalar* gradient,
          std::size_t n) {
  const Vec zero = broadcast(0.0f);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Vec w = load(weight + i), m = load(mean + i), v = load(square + i);
    adam_update(step, load(gradient + i), w, m, v);
    store(weight + i, w);
    store(mean + i, m);
    store(square + i, v);
    store(gradient + i, zero);
  }
  if (i == n) return;
  const std::size_t rest = n - i;
  Vec w = load_part(weight + i, rest), m = load_part(mean + i, rest), v = load_part(square + i, rest);
  adam_update(step, load_part(gradient + i, rest), w, m, v);
  store_part(weight + i, w, rest);
  store_part(mean + i, m, rest);
  store_part(square + i, v, rest);
  store_part(gradient + i, zero, rest);
}

/// Weight and square after one step without momentum.
SSMZ_INLINE void adam_square_update(const AdamStep& step, const Vec& gradient, Vec& weight, Vec& square) {
  const Vec g = gradient * broadcast(step.gradient_scale);
  const Vec g2 = g * g;
  square = flush_tiny(fma(broadcast(step.beta2), square - g2, g2));
  const Vec inverse_root =
      rough_rsqrt(fma(square, broadcast(step.inverse_c2), broadcast(step.epsilon_squared)));
  weight = fma(broadcast(-step.rate), g * inverse_root, weight);
}

void adam_square(const AdamStep& step, Scalar* weight, Scalar* square, Scalar* gradient, std::size_t n) {
  const Vec zero = broadcast(0.0f);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Vec w = load(weight + i), v = load(square + i);
    adam_square_update(step, load(gradient + i), w, v);
    store(weight + i, w);
    store(square + i, v);
    store(gradient + i, zero);
  }
  if (i == n) return;
  const std::size_t rest = n - i;
  Vec w = load_part(weight + i, rest), v = load_part(square + i, rest);
  adam_square_update(step, load_part(gradient + i, rest), w, v);
  store_part(weight + i, w, rest);
  store_part(square + i, v, rest);
  store_part(gradient + i, zero, rest);
}

Scalar sum_squares(const Scalar* x, std::size_t n) {
  Vec total = broadcast(0.0f);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec value = load(x + i);
    total = fma(value, value, total);
  }
  if (i < n) {
    const Vec value = load_part(x + i, n - i);
    total = fma(value, value, total);
  }
  return sum(total);
}

}  // namespace
}  // namespace ssmz::model
