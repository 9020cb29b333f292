// SPDX-License-Identifier: Apache-2.0
// Norm and short convolution over 16 virtual lanes; the contract is in kernels.hpp.
#pragma once

#include "model/kernels/kernels.hpp"
#include "model/kernels/kernels_math_detail.hpp"
#include "model/kernels/vector16_detail.hpp"

namespace ssmz::model {
namespace {

/// load or load_part, store or store_part, by what is left of a row.
SSMZ_INLINE Vec load_upto(const Scalar* p, std::size_t left) {
  return left >= kLanes ? load(p) : load_part(p, left);
}
SSMZ_INLINE void store_upto(Scalar* p, const Vec& v, std::size_t left) {
  if (left >= kLanes) {
    store(p, v);
  } else {
    store_part(p, v, left);
  }
}

void rms_norm(const Scalar* x, const Scalar* weight, Scalar* y, Scalar* scales, std::size_t rows,
              std::size_t n, Scalar epsilon) {
  for (std::size_t row = 0; row < rows; ++row, x += n, y += n) {
    Vec squares = broadcast(0.0f);
    for (std::size_t i = 0; i < n; i += kLanes) {
      const Vec value = load_upto(x + i, n - i);
      squares = fma(value, value, squares);
    }
    scales[row] = Scalar{1} / std::sqrt(sum(squares) / static_cast<Scalar>(n) + epsilon);
    const Vec scale = broadcast(scales[row]);
    for (std::size_t i = 0; i < n; i += kLanes) {
      store_upto(y + i, load_upto(x + i, n - i) * scale * load_upto(weight + i, n - i), n - i);
    }
  }
}

void rms_norm_backward(const Scalar* x, const Scalar* weight, const Scalar* scales, const Scalar* dy,
                       Scalar* dx, Scalar* dweight, std::size_t rows, std::size_t n) {
  for (std::size_t row = 0; row < rows; ++row, x += n, dy += n, dx += n) {
    const Vec scale = broadcast(scales[row]);
    Vec products = broadcast(0.0f);
    for (std::size_t i = 0; i < n; i += kLanes) {
      const Vec value = load_upto(x + i, n - i), gradient = load_upto(dy + i, n - i);
      products = fma(value, gradient * load_upto(weight + i, n - i), products);
      store_upto(dweight + i, fma(gradient, value * scale, load_upto(dweight + i, n - i)), n - i);
    }
    const Scalar cube = scales[row] * scales[row] * scales[row];
    const Vec pull = broadcast(-cube * sum(products) / static_cast<Scalar>(n));
    for (std::size_t i = 0; i < n; i += kLanes) {
      const Vec gradient = load_upto(dy + i, n - i) * load_upto(weight + i, n - i);
      const Vec direct = fma(scale, gradient, load_upto(dx + i, n - i));
      store_upto(dx + i, fma(pull, load_upto(x + i, n - i), direct), n - i);
    }
  }
}

void l2_norm(const Scalar* x, Scalar* y, Scalar* scales, std::size_t rows, std::size_t n, Scalar epsilon,
             Scalar factor) {
  for (std::size_t row = 0; row < rows; ++row, x += n, y += n) {
    Vec squares = broadcast(0.0f);
    for (std::size_t i = 0; i < n; i += kLanes) {
      const Vec value = load_upto(x + i, n - i);
      squares = fma(value, value, squares);
    }
    scales[row] = Scalar{1} / std::sqrt(sum(squares) + epsilon);
    const Vec scale = broadcast(scales[row] * factor);
    for (std::size_t i = 0; i < n; i += kLanes) store_upto(y + i, load_upto(x + i, n - i) * scale, n - i);
  }
}

void l2_norm_backward(const Scalar* x, const Scalar* scales, const Scalar* dy, Scalar* dx, std::size_t rows,
                      std::size_t n, Scalar factor) {
  for (std::size_t row = 0; row < rows; ++row, x += n, dy += n, dx += n) {
    Vec products = broadcast(0.0f);
    for (std::size_t i = 0; i < n; i += kLanes) {
      products = fma(load_upto(x + i, n - i), load_upto(dy + i, n - i), products);
    }
    const Scalar scale = scales[row] * factor;
    const Vec direct = broadcast(scale), pull = broadcast(-scale * scales[row] * scales[row] * sum(products));
    for (std::size_t i = 0; i < n; i += kLanes) {
      store_upto(dx + i, fma(pull, load_upto(x + i, n - i), direct * load_upto(dy + i, n - i)), n - i);
    }
  }
}

/// The four taps of one channel group.
struct Taps {
  Vec weight[4];
  Vec input[3];  ///< The inputs before the present one, oldest first.
};

SSMZ_INLINE Taps load_taps(const Convolution<Scalar>& in, std::size_t i, std::size_t left) {
  Taps taps;
  for (std::size_t k = 0; k < 4; ++k) taps.weight[k] = load_upto(in.weight + k * in.width + i, left);
  for (std::size_t k = 0; k < 3; ++k) taps.input[k] = load_upto(in.tail + k * in.width + i, left);
  return taps;
}

void convolve(const Convolution<Scalar>& in, Scalar* pre, Scalar* y, Scalar* tail) {
  for (std::size_t i = 0; i < in.width; i += kLanes) {
    const std::size_t left = in.width - i;
    Taps taps = load_taps(in, i, left);
    const Vec bias = in.bias != nullptr ? load_upto(in.bias + i, left) : broadcast(0.0f);
    for (std::size_t t = 0; t < in.length; ++t) {
      const Vec x = load_upto(in.x + t * in.stride + i, left);
      Vec sum_of_taps = bias;
      for (std::size_t k = 0; k < 3; ++k) sum_of_taps = fma(taps.weight[k], taps.input[k], sum_of_taps);
      sum_of_taps = fma(taps.weight[3], x, sum_of_taps);
      store_upto(pre + t * in.width + i, sum_of_taps, left);
      store_upto(y + t * in.width + i, silu(sum_of_taps), left);
      taps.input[0] = taps.input[1];
      taps.input[1] = taps.input[2];
      taps.input[2] = x;
    }
    if (tail == nullptr) continue;
    for (std::size_t k = 0; k < 3; ++k) store_upto(tail + k * in.width + i, taps.input[k], left);
  }
}

/// The input `t` of a channel group, from the tail if t is negative.
SSMZ_INLINE Vec input_at(const Convolution<Scalar>& in, std::ptrdiff_t t, std::size_t i, std::size_t left) {
  const Scalar* row = t >= 0 ? in.x + static_cast<std::size_t>(t) * in.stride
                             : in.tail + static_cast<std::size_t>(t + 3) * in.width;
  return load_upto(row + i, left);
}

SSMZ_INLINE void add_to(Scalar* p, const Vec& v, std::size_t left) {
  store_upto(p, load_upto(p, left) + v, left);
}

void convolve_backward(const Convolution<Scalar>& in, const Scalar* pre, const Scalar* dy, Scalar* dx,
                       std::size_t dx_stride, Scalar* dweight, Scalar* dbias) {
  const Vec zero = broadcast(0.0f);
  for (std::size_t i = 0; i < in.width; i += kLanes) {
    const std::size_t left = in.width - i;
    const Taps taps = load_taps(in, i, left);
    Vec weight_gradient[4] = {zero, zero, zero, zero};
    Vec bias_gradient = zero;
    Vec later[3] = {zero, zero, zero};  // gradients of pre at t+1, t+2, t+3
    for (std::size_t t = in.length; t-- > 0;) {
      const Vec slope = silu_slope(load_upto(pre + t * in.width + i, left));
      const Vec gradient = load_upto(dy + t * in.width + i, left) * slope;
      for (std::size_t k = 0; k < 4; ++k) {
        const auto source = static_cast<std::ptrdiff_t>(t + k) - 3;
        weight_gradient[k] = fma(gradient, input_at(in, source, i, left), weight_gradient[k]);
      }
      bias_gradient = bias_gradient + gradient;
      Vec input_gradient = taps.weight[3] * gradient;
      for (std::size_t k = 0; k < 3; ++k) input_gradient = fma(taps.weight[2 - k], later[k], input_gradient);
      store_upto(dx + t * dx_stride + i, input_gradient, left);
      later[2] = later[1];
      later[1] = later[0];
      later[0] = gradient;
    }
    for (std::size_t k = 0; k < 4; ++k) add_to(dweight + k * in.width + i, weight_gradient[k], left);
    if (dbias != nullptr) add_to(dbias + i, bias_gradient, left);
  }
}

}  // namespace
}  // namespace ssmz::model
