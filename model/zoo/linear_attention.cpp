// SPDX-License-Identifier: Apache-2.0
// The chunk form of matrix memories.
#include "model/zoo/linear_attention.hpp"

namespace ssmz::model {

template <class Real>
void fill_decay(const Real* a, std::size_t stride, std::size_t length, const ChunkDecay<Real>& decay) {
  const Real tiny{1e-30f};
  Real since{1};
  for (std::size_t t = 0; t < length; ++t) {
    const Real factor = a[t * stride];
    Real* row = decay.between + t * length;
    const Real* above = t > 0 ? row - length : row;
    for (std::size_t s = 0; s < t; ++s) {
      const Real product = above[s] * factor;
      row[s] = product > tiny ? product : Real{0};
    }
    row[t] = Real{1};
    std::fill(row + t + 1, row + length, Real{0});
    since *= factor;
    since = since > tiny ? since : Real{0};
    decay.since[t] = since;
  }
}

template <class Real>
void decay_backward(const ChunkDecay<Real>& decay, const Real* dbetween, const Real* dsince,
                    std::size_t length, Real* dlog, std::size_t stride) {
  for (std::size_t t = 0; t < length; ++t) {
    const Real* row = decay.between + t * length;
    const Real* gradient = dbetween + t * length;
    Real sum{0};
    for (std::size_t s = 0; s < t; ++s) {
      sum += gradient[s] * row[s];
      dlog[(s + 1) * stride] += sum;
    }
  }
  Real sum{0};
  for (std::size_t t = length; t-- > 0;) {
    sum += dsince[t] * decay.since[t];
    dlog[t * stride] += sum;
  }
}

template <class Real>
void attend(const KernelTable<Real>& kernels, const HeadChunk<Real>& head, const HeadTape<Real>& tape,
            Real* y, std::size_t y_stride) {
  const std::size_t length = head.length, values = head.values;
  const auto& linear = kernels.linear;
  kernels.math.multiply(head.qk, head.decay.between, tape.weights, length * length);
  linear.gemm_nn(tape.weights, length, head.v, head.v_stride, y, y_stride, length, values, length, false);
  linear.gemm_nn(head.q, head.q_stride, head.start, values, tape.read, values, length, values, head.keys,
                 false);
  for (std::size_t t = 0; t < length; ++t) {
    linear.axpy(head.decay.since[t], tape.read + t * values, y + t * y_stride, values);
  }
}

template <class Real>
void advance_memory(const KernelTable<Real>& kernels, const HeadChunk<Real>& head, Real* end, Real* scratch) {
  const std::size_t length = head.length, keys = head.keys, values = head.values;
  const Real* last = head.decay.between + (length - 1) * length;
  for (std::size_t t = 0; t < length; ++t) {
    const Real* k = head.k + t * head.k_stride;
    for (std::size_t i = 0; i < keys; ++i) scratch[t * keys + i] = last[t] * k[i];
  }
  const Real kept = head.decay.since[length - 1];
  for (std::size_t i = 0; i < keys * values; ++i) end[i] = kept * head.start[i];
  kernels.linear.gemm_tn(scratch, keys, head.v, head.v_stride, end, values, keys, values, length, true);
}

template <class Real>
void attend_backward(const KernelTable<Real>& kernels, const HeadChunk<Real>& head,
                     const HeadTape<Real>& tape, const Real* dy, std::size_t dy_stride,
                     const HeadGradient<Real>& out) {
  const std::size_t length = head.length, values = head.values, square = length * length;
  const auto& linear = kernels.linear;
  linear.gemm_tn(tape.weights, length, dy, dy_stride, out.v, out.v_stride, length, values, length, false);
  Real* dweights = out.scratch;
  linear.gemm_nt(dy, dy_stride, head.v, head.v_stride, dweights, length, length, length, values, false);
  kernels.math.multiply(dweights, head.qk, out.between, square);
  kernels.math.multiply(dweights, head.decay.between, out.qk, square);
  Real* faded = out.scratch;  // e o dY
  for (std::size_t t = 0; t < length; ++t) {
    const Real* row = dy + t * dy_stride;
    out.since[t] += linear.dot(row, tape.read + t * values, values);
    for (std::size_t i = 0; i < values; ++i) faded[t * values + i] = head.decay.since[t] * row[i];
  }
  linear.gemm_nt(faded, values, head.start, values, out.q, out.q_stride, length, head.keys, values, true);
}

#define SSMZ_INSTANTIATE(Real)                                                                           \
  template void fill_decay(const Real*, std::size_t, std::size_t, const ChunkDecay<Real>&);              \
  template void decay_backward(const ChunkDecay<Real>&, const Real*, const Real*, std::size_t, Real*,    \
                               std::size_t);                                                             \
  template void attend(const KernelTable<Real>&, const HeadChunk<Real>&, const HeadTape<Real>&, Real*,   \
                       std::size_t);                                                                     \
  template void advance_memory(const KernelTable<Real>&, const HeadChunk<Real>&, Real*, Real*);          \
  template void attend_backward(const KernelTable<Real>&, const HeadChunk<Real>&, const HeadTape<Real>&, \
                                const Real*, std::size_t, const HeadGradient<Real>&);
SSMZ_INSTANTIATE(float)
SSMZ_INSTANTIATE(double)
#undef SSMZ_INSTANTIATE

}  // namespace ssmz::model
