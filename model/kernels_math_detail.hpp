// SPDX-License-Identifier: Apache-2.0
// Elementwise functions and the optimiser over 16 virtual lanes; the contract is in kernels.hpp.
#pragma once

#include "model/kernels.hpp"
#include "model/vector16_detail.hpp"

namespace ssmz::model {
namespace {

// e^x = 2^n e^r, n = round(x / ln 2), |r| <= ln(2)/2; ln 2 is split so that n * high is exact. (e^r - 1 - r)
// / r^2 is interpolated at the five Chebyshev nodes of the interval (error 8e-9).
SSMZ_INLINE Vec exp_in_range(const Vec& x) {
  const Vec shift = broadcast(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const Vec shifted = fma(x, broadcast(1.44269504088896341f), shift);
  const Vec n = shifted - shift;
  Vec r = fma(n, broadcast(-0.693359375f), x);
  r = fma(n, broadcast(2.12194440e-4f), r);
  Vec p = broadcast(1.392619106e-03f);
  p = fma(p, r, broadcast(8.363185032e-03f));
  p = fma(p, r, broadcast(4.166655457e-02f));
  p = fma(p, r, broadcast(1.666657695e-01f));
  p = fma(p, r, broadcast(5.000000000e-01f));
  p = fma(p, r, broadcast(1.0f));
  p = fma(p, r, broadcast(1.0f));
  return scale_by_power(p, shifted);
}

SSMZ_INLINE Vec clamp(const Vec& x, float low, float high) {
  const Vec above = select_greater(x, broadcast(low), x, broadcast(low));
  return select_greater(broadcast(high), above, above, broadcast(high));
}

SSMZ_INLINE Vec exp(const Vec& x) {
  const Vec value = exp_in_range(clamp(x, -87.0f, 88.0f));
  return select_greater(x, broadcast(-87.0f), value, broadcast(0.0f));
}

SSMZ_INLINE Vec sigmoid(const Vec& x) {
  const Vec one = broadcast(1.0f);
  const Vec value = one / (one + exp_in_range(clamp(broadcast(0.0f) - x, -87.0f, 87.0f)));
  return select_greater(x, broadcast(-87.0f), value, broadcast(0.0f));
}

SSMZ_INLINE Vec silu(const Vec& x) { return x * sigmoid(x); }

// log(1 + e^x) = max(x, 0) + log(1 + u), u = e^-|x|; log(1 + u) = 2 atanh(z), z = u / (2 + u) <= 1/3.
SSMZ_INLINE Vec softplus(const Vec& x) {
  const Vec zero = broadcast(0.0f);
  const Vec magnitude = abs(x);
  const Vec u = exp(zero - magnitude);
  const Vec z = u / (u + broadcast(2.0f));
  const Vec w = z * z;
  Vec p = broadcast(2.0f / 13.0f);
  p = fma(p, w, broadcast(2.0f / 11.0f));
  p = fma(p, w, broadcast(2.0f / 9.0f));
  p = fma(p, w, broadcast(2.0f / 7.0f));
  p = fma(p, w, broadcast(2.0f / 5.0f));
  p = fma(p, w, broadcast(2.0f / 3.0f));
  p = fma(p, w, broadcast(2.0f));
  return fma(z, p, select_greater(x, zero, x, zero));
}

SSMZ_INLINE Vec rsqrt(const Vec& x) { return broadcast(1.0f) / sqrt(x); }

/// x, or 0 where |x| <= 1e-30: keeps decaying sums out of the denormals, where some machines are slow.
SSMZ_INLINE Vec flush_tiny(const Vec& x) {
  return select_greater(abs(x), broadcast(1e-30f), x, broadcast(0.0f));
}

void exp_map(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) { return exp(v); });
}
void sigmoid_map(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) { return sigmoid(v); });
}
void silu_map(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) { return silu(v); });
}
void softplus_map(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) { return softplus(v); });
}
void rsqrt_map(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) { return rsqrt(v); });
}

/// Weight, mean and square after one step with gradient g.
SSMZ_INLINE void adam_update(const AdamStep& step, const Vec& gradient, Vec& weight, Vec& mean, Vec& square) {
  const Vec g = gradient * broadcast(step.gradient_scale);
  const Vec g2 = g * g;
  mean = flush_tiny(fma(broadcast(step.beta1), mean - g, g));
  square = flush_tiny(fma(broadcast(step.beta2), square - g2, g2));
  const Vec root = fma(sqrt(square), broadcast(step.inverse_sqrt_c2), broadcast(step.epsilon));
  weight = fma(broadcast(-step.rate), mean / root, weight);
}

void adam(const AdamStep& step, float* weight, float* mean, float* square, float* gradient, std::size_t n) {
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

float sum_squares(const float* x, std::size_t n) {
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
