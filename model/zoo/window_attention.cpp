// SPDX-License-Identifier: Apache-2.0
// Window attention over a chunk.
#include "model/zoo/window_attention.hpp"

#include <cmath>

namespace ssmz::model {
namespace {

constexpr float kMasked = -1e30f;

/// The keys token t of the chunk sees: [first, last].
struct Seen {
  std::size_t first, last;
};
Seen seen_by(std::size_t t, std::size_t past, std::size_t window) {
  const std::size_t last = past + t;
  return {last + 1 > window ? last + 1 - window : 0, last};
}

}  // namespace

template <class Real>
void attend_window(const KernelTable<Real>& kernels, const WindowHead<Real>& head, Real* probabilities,
                   Real* y, std::size_t y_stride) {
  const std::size_t keys = head.past + head.length, row = window_row(head.past, head.length);
  const Real scale = Real{1} / std::sqrt(static_cast<Real>(head.width));
  kernels.linear.gemm_nt(head.q, head.q_stride, head.keys, head.stride, probabilities, row, head.length, keys,
                         head.width, false);
  for (std::size_t t = 0; t < head.length; ++t) {
    Real* p = probabilities + t * row;
    const Seen seen = seen_by(t, head.past, head.window);
    for (std::size_t j = seen.first; j <= seen.last; ++j) p[j] = p[j] * scale + head.bias[seen.last - j];
    std::fill(p, p + seen.first, Real{kMasked});
    std::fill(p + seen.last + 1, p + row, Real{kMasked});
    kernels.math.softmax(p, row);
  }
  kernels.linear.gemm_nn(probabilities, row, head.values, head.stride, y, y_stride, head.length, head.width,
                         keys, false);
}

template <class Real>
void attend_window_backward(const KernelTable<Real>& kernels, const WindowHead<Real>& head,
                            const Real* probabilities, const Real* dy, std::size_t dy_stride,
                            const WindowGradient<Real>& out) {
  const std::size_t past = head.past, length = head.length, keys = past + length,
                    row = window_row(past, length);
  const Real scale = Real{1} / std::sqrt(static_cast<Real>(head.width));
  const auto& linear = kernels.linear;
  Real* ds = out.scratch;
  linear.gemm_nt(dy, dy_stride, head.values, head.stride, ds, row, length, keys, head.width, false);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* p = probabilities + t * row;
    Real* gradient = ds + t * row;
    const Seen seen = seen_by(t, past, head.window);
    std::fill(gradient + keys, gradient + row, Real{0});
    const Real mean = linear.dot(p, gradient, row);
    for (std::size_t j = 0; j < keys; ++j) gradient[j] = p[j] * (gradient[j] - mean);
    for (std::size_t j = seen.first; j <= seen.last; ++j) out.bias[seen.last - j] += gradient[j];
    for (std::size_t j = 0; j < keys; ++j) gradient[j] *= scale;
  }
  linear.gemm_nn(ds, row, head.keys, head.stride, out.q, out.stride, length, head.width, keys, false);
  linear.gemm_tn(ds + past, row, head.q, head.q_stride, out.k, out.stride, length, head.width, length, false);
  linear.gemm_tn(probabilities + past, row, dy, dy_stride, out.v, out.stride, length, head.width, length,
                 false);
}

#define SSMZ_INSTANTIATE(Real)                                                                               \
  template void attend_window(const KernelTable<Real>&, const WindowHead<Real>&, Real*, Real*, std::size_t); \
  template void attend_window_backward(const KernelTable<Real>&, const WindowHead<Real>&, const Real*,       \
                                       const Real*, std::size_t, const WindowGradient<Real>&);
SSMZ_INSTANTIATE(float)
SSMZ_INSTANTIATE(double)
#undef SSMZ_INSTANTIATE

}  // namespace ssmz::model
