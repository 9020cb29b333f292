// SPDX-License-Identifier: Apache-2.0
// Elementwise functions over 16 virtual lanes; the contract is in kernels.hpp.
#pragma once

#include "model/kernels/kernels.hpp"
#include "model/kernels/vector16_detail.hpp"

namespace ssmz::model {
namespace {

#ifdef SSMZ_VECTOR_DOUBLE

SSMZ_INLINE Vec exp(const Vec& x) {
  return each([&](std::size_t i) { return std::exp(x.r[i]); });
}
SSMZ_INLINE Vec sigmoid(const Vec& x) {
  return each([&](std::size_t i) { return 1.0 / (1.0 + std::exp(-x.r[i])); });
}
SSMZ_INLINE Vec softplus(const Vec& x) {
  return each([&](std::size_t i) { return std::log1p(std::exp(x.r[i])); });
}
SSMZ_INLINE Vec rough_rsqrt(const Vec& x) { return broadcast(1.0) / sqrt(x); }
SSMZ_INLINE Vec exp_not_positive(const Vec& x) { return exp(x); }
SSMZ_INLINE Vec decay_factor(const Vec& x) { return exp(x); }

#else

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
  return scale_by_power(p, n, shifted);
}

/// 1 / sqrt(x) for normal x > 0 by two Newton steps: error < 5e-6, several times faster than a root and a
/// division.
SSMZ_INLINE Vec rough_rsqrt(const Vec& x) {
  const Vec half = broadcast(-0.5f) * x, three_halves = broadcast(1.5f);
  Vec y = guess_rsqrt(x);
  y = y * fma(half * y, y, three_halves);
  return y * fma(half * y, y, three_halves);
}

SSMZ_INLINE Vec clamp(const Vec& x, Scalar low, Scalar high) {
  return least(greatest(x, broadcast(low)), broadcast(high));
}

SSMZ_INLINE Vec exp(const Vec& x) {
  const Vec value = exp_in_range(clamp(x, -87.0f, 88.0f));
  return zero_unless_greater(x, broadcast(-87.0f), value);
}

/// exp for x <= 0 or NaN, but 0 where x is not above `least`, which is -87 or more.
SSMZ_INLINE Vec exp_above(const Vec& x, float least) {
  const Vec low = broadcast(least);
  return zero_unless_greater(x, low, exp_in_range(greatest(x, low)));
}

/// exp for x <= 0 or NaN: the same bits, cheaper.
SSMZ_INLINE Vec exp_not_positive(const Vec& x) { return exp_above(x, -87.0f); }

/// exp for x <= 0, but 0 below e^-40: what is multiplied by it stays out of the denormals, which made
/// a scan's gradient 30 times as slow once its steps had grown to forget everything (100 MB of HTML in a
/// frame).
SSMZ_INLINE Vec decay_factor(const Vec& x) { return exp_above(x, -40.0f); }

SSMZ_INLINE Vec sigmoid(const Vec& x) {
  const Vec one = broadcast(1.0f);
  const Vec value = one / (one + exp_in_range(clamp(broadcast(0.0f) - x, -87.0f, 87.0f)));
  return zero_unless_greater(x, broadcast(-87.0f), value);
}

// log(1 + e^x) = max(x, 0) + log(1 + u), u = e^-|x|; log(1 + u) = 2 atanh(z), z = u / (2 + u) <= 1/3.
SSMZ_INLINE Vec softplus(const Vec& x) {
  const Vec zero = broadcast(0.0f);
  const Vec magnitude = abs(x);
  const Vec u = exp_not_positive(zero - magnitude);
  const Vec z = u / (u + broadcast(2.0f));
  const Vec w = z * z;
  Vec p = broadcast(2.0f / 13.0f);
  p = fma(p, w, broadcast(2.0f / 11.0f));
  p = fma(p, w, broadcast(2.0f / 9.0f));
  p = fma(p, w, broadcast(2.0f / 7.0f));
  p = fma(p, w, broadcast(2.0f / 5.0f));
  p = fma(p, w, broadcast(2.0f / 3.0f));
  p = fma(p, w, broadcast(2.0f));
  return fma(z, p, greatest(x, zero));
}

#endif

SSMZ_INLINE Vec silu(const Vec& x) { return x * sigmoid(x); }

/// The derivative of silu.
SSMZ_INLINE Vec silu_slope(const Vec& x) {
  const Vec s = sigmoid(x);
  return fma(x * s, broadcast(1.0f) - s, s);
}

SSMZ_INLINE Vec rsqrt(const Vec& x) { return broadcast(1.0f) / sqrt(x); }

/// x, or 0 where |x| <= 1e-30: keeps decaying sums out of the denormals, where some machines are slow.
SSMZ_INLINE Vec flush_tiny(const Vec& x) { return zero_unless_greater(abs(x), broadcast(1e-30f), x); }

void exp_map(const Scalar* x, Scalar* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) SSMZ_INLINE_LAMBDA { return exp(v); });
}
void sigmoid_map(const Scalar* x, Scalar* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) SSMZ_INLINE_LAMBDA { return sigmoid(v); });
}
void silu_map(const Scalar* x, Scalar* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) SSMZ_INLINE_LAMBDA { return silu(v); });
}
void softplus_map(const Scalar* x, Scalar* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) SSMZ_INLINE_LAMBDA { return softplus(v); });
}
void rsqrt_map(const Scalar* x, Scalar* y, std::size_t n) {
  map(x, y, n, [](const Vec& v) SSMZ_INLINE_LAMBDA { return rsqrt(v); });
}

void softmax(Scalar* x, std::size_t n) {
  const std::size_t full = n / kLanes * kLanes, rest = n - full;
  Scalar lanes[kLanes];
  Vec most = broadcast(x[0]);  // the maximum is exact in any order
  for (std::size_t i = 0; i < full; i += kLanes) {
    const Vec value = load(x + i);
    most = select_greater(value, most, value, most);
  }
  store(lanes, most);
  Scalar top = lanes[0];
  for (std::size_t i = 1; i < kLanes; ++i) top = lanes[i] > top ? lanes[i] : top;
  for (std::size_t i = full; i < n; ++i) top = x[i] > top ? x[i] : top;
  Vec total = broadcast(0.0f);
  for (std::size_t i = 0; i < full; i += kLanes) {
    const Vec value = exp(load(x + i) - broadcast(top));
    store(x + i, value);
    total = total + value;
  }
  if (rest > 0) {
    store_part(x + full, exp(load_part(x + full, rest) - broadcast(top)), rest);
    total = total + load_part(x + full, rest);  // lanes past the end add 0
  }
  const Vec scale = broadcast(Scalar{1} / sum(total));
  map(x, x, n, [&](const Vec& value) SSMZ_INLINE_LAMBDA { return value * scale; });
}

/// out[i] = function(a[i], b[i]) sixteen at a time.
template <class Function>
SSMZ_INLINE void map2(const Scalar* a, const Scalar* b, Scalar* out, std::size_t n, Function function) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, function(load(a + i), load(b + i)));
  if (i < n) store_part(out + i, function(load_part(a + i, n - i), load_part(b + i, n - i)), n - i);
}

void silu_backward(const Scalar* x, const Scalar* dy, Scalar* dx, std::size_t n) {
  map2(x, dy, dx, n,
       [](const Vec& value, const Vec& gradient) SSMZ_INLINE_LAMBDA { return gradient * silu_slope(value); });
}
void softplus_backward(const Scalar* x, const Scalar* dy, Scalar* dx, std::size_t n) {
  map2(x, dy, dx, n,
       [](const Vec& value, const Vec& gradient) SSMZ_INLINE_LAMBDA { return gradient * sigmoid(value); });
}
void multiply(const Scalar* a, const Scalar* b, Scalar* out, std::size_t n) {
  map2(a, b, out, n, [](const Vec& left, const Vec& right) SSMZ_INLINE_LAMBDA { return left * right; });
}
void multiply_add(const Scalar* a, const Scalar* b, Scalar* out, std::size_t n) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, fma(load(a + i), load(b + i), load(out + i)));
  const std::size_t rest = n - i;
  if (rest == 0) return;
  store_part(out + i, fma(load_part(a + i, rest), load_part(b + i, rest), load_part(out + i, rest)), rest);
}
void gate(const Scalar* y, const Scalar* z, Scalar* out, std::size_t n) {
  map2(y, z, out, n, [](const Vec& value, const Vec& by) SSMZ_INLINE_LAMBDA { return value * silu(by); });
}

SSMZ_INLINE void gate_gradient(const Vec& y, const Vec& z, const Vec& dout, Vec& dy, Vec& dz) {
  const Vec s = sigmoid(z);
  const Vec gated = z * s;
  dy = dout * gated;
  dz = dout * y * fma(gated, broadcast(1.0f) - s, s);
}
void gate_backward(const Scalar* y, const Scalar* z, const Scalar* dout, Scalar* dy, Scalar* dz,
                   std::size_t n) {
  Vec y_gradient, z_gradient;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    gate_gradient(load(y + i), load(z + i), load(dout + i), y_gradient, z_gradient);
    store(dy + i, y_gradient);
    store(dz + i, z_gradient);
  }
  const std::size_t rest = n - i;
  if (rest == 0) return;
  gate_gradient(load_part(y + i, rest), load_part(z + i, rest), load_part(dout + i, rest), y_gradient,
                z_gradient);
  store_part(dy + i, y_gradient, rest);
  store_part(dz + i, z_gradient, rest);
}

}  // namespace
}  // namespace ssmz::model
