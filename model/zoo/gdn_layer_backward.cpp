// SPDX-License-Identifier: Apache-2.0
// Backward of Gated DeltaNet's chunk form (LAYERS.md 0.5 and 6a).
#include "model/zoo/gdn_layer_detail.hpp"

namespace ssmz::model {

/// Output map, gate, head norm and direct path; leaves the gradient of the memory's output in to.o, v's part
/// in to.conv.
template <class Real>
void GdnLayer<Real>::finish_backward(const ChunkContext<Real>& context, const Real* parameters,
                                     const Tape& tape, const Real* dout, const Gradients& to,
                                     Real* gradient) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, width = value_width_, d = shape_.d;
  kernels.linear.gemm_tn(tape.gated, width, dout, d, gradient + at_.out, d, width, d, length, true);
  kernels.linear.gemm_nt(dout, d, parameters + at_.out, d, to.gated, width, length, width, d, false);
  for (std::size_t t = 0; t < length; ++t) {
    Real* dgated = to.gated + t * width;
    kernels.math.gate_backward(tape.normed + t * width, tape.in + t * in_width_ + conv_width_, dgated, dgated,
                               to.in + t * in_width_ + conv_width_, width);
  }
  std::fill_n(to.o, length * width, Real{0});
  kernels.block.rms_norm_backward(tape.o, parameters + at_.norm, tape.o_scale, to.gated, to.o,
                                  gradient + at_.norm, length * shape_.heads, shape_.values);
  if (context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, to.o, length * width);
  }
  for (std::size_t t = 0; t < length; ++t) {
    Real* dv = to.conv + t * conv_width_ + 2 * key_width_;
    const Real* dov = to.o + t * width;
    if (shape_.direct) {
      kernels.math.multiply(parameters + at_.direct, dov, dv, width);
      kernels.math.multiply_add(tape.conv + t * conv_width_ + 2 * key_width_, dov, gradient + at_.direct,
                                width);
    } else {
      std::fill_n(dv, width, Real{0});
    }
  }
}

/// One head: from to.o to to.q, to.k (added), to.beta, to.log_alpha (added) and v's part of to.conv (added).
template <class Real>
void GdnLayer<Real>::remember_backward(const ChunkContext<Real>& context, const Tape& tape, const Head& head,
                                       std::size_t h, const Gradients& to) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length, keys = shape_.keys, values = shape_.values, heads = shape_.heads;
  const auto& decay = head.chunk.decay;
  Real* dq = to.q + h * keys;
  Real* dk = to.k + h * keys;
  std::fill_n(to.since, length, Real{0});
  attend_backward(kernels, head.chunk, head.tape, to.o + h * values, value_width_,
                  {dq, key_width_, to.u, values, to.qk, to.between, to.since, to.rows});
  linear.gemm_nn(to.qk, length, head.chunk.k, key_width_, dq, key_width_, length, keys, length, true);
  linear.gemm_tn(to.qk, length, head.chunk.q, key_width_, dk, key_width_, length, keys, length, true);

  // The solve: G = (I + A)^-T dU, from the last row up, with the columns of -A as rows.
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t s = 0; s < length; ++s)
      to.solve[s * length + t] = s < t ? head.erase[t * length + s] : Real{0};
  }
  for (std::size_t t = length - 1; t-- > 0;) {
    linear.matvec_t(to.u + (t + 1) * values, values, length - 1 - t, values, to.solve + t * length + t + 1,
                    to.u + t * values, true);
  }
  // dA = -G U^T; A = beta M o KK^T, so its parts go to beta, M and KK^T.
  linear.gemm_nt(to.u, values, head.u, values, to.square, length, length, length, values, false);
  for (std::size_t t = 0; t < length; ++t) {
    const Real beta = tape.beta[t * heads + h];
    const Real* kk = head.kk + t * length;
    const Real* between = decay.between + t * length;
    Real* square = to.square + t * length;
    Real sum{0};
    for (std::size_t s = 0; s < t; ++s) {
      const Real da = -square[s];
      sum += da * between[s] * kk[s];
      to.between[t * length + s] += da * beta * kk[s];
      square[s] = da * beta * between[s];
    }
    std::fill(square + t, square + length, Real{0});
    // The right side: beta o (V - e o (K S_start)).
    const Real* g = to.u + t * values;
    const Real* recall = head.recall + t * values;
    const Real* v = tape.conv + t * conv_width_ + 2 * key_width_ + h * values;
    const Real g_recall = linear.dot(g, recall, values);
    to.beta[t * heads + h] = sum + (linear.dot(g, v, values) - decay.since[t] * g_recall);
    to.since[t] -= beta * g_recall;
    linear.axpy(beta, g, to.conv + t * conv_width_ + 2 * key_width_ + h * values, values);
    const Real fade = -beta * decay.since[t];
    for (std::size_t i = 0; i < values; ++i) to.rows[t * values + i] = fade * g[i];
  }
  linear.gemm_nn(to.square, length, head.chunk.k, key_width_, dk, key_width_, length, keys, length, true);
  linear.gemm_tn(to.square, length, head.chunk.k, key_width_, dk, key_width_, length, keys, length, true);
  linear.gemm_nt(to.rows, values, head.chunk.start, values, dk, key_width_, length, keys, values, true);
  decay_backward(decay, to.between, to.since, length, to.log_alpha + h, heads);
}

/// beta and alpha back to the gate columns of to.in and to the decay parameters; longhorn's part goes to
/// to.k.
template <class Real>
void GdnLayer<Real>::gates_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                    std::size_t length, const Tape& tape, const Gradients& to,
                                    Real* gradient) const {
  const std::size_t heads = shape_.heads, n = length * heads,
                    columns = in_width_ - conv_width_ - value_width_;
  const Real full = shape_.negative ? Real{2} : Real{1};
  for (std::size_t i = 0; i < n; ++i) {
    Real dbeta = to.beta[i];
    if (shape_.longhorn) {
      const Real dsquare = -dbeta * tape.beta[i] * tape.beta[i];
      kernels.linear.axpy(2 * dsquare, tape.k + i * shape_.keys, to.k + i * shape_.keys, shape_.keys);
      const Real shrink = Real{1} + tape.beta_raw[i] * tape.k_scale[i];
      dbeta /= shrink * shrink;
    }
    to.beta[i] = dbeta * tape.beta_raw[i] * (Real{1} - tape.beta_raw[i] / full);
    // log alpha = -exp(A_log) step, step = softplus(step_pre): d log alpha / d A_log = log alpha.
    const Real log_alpha = -weights.prepared[i % heads] * to.rows[i];
    gradient[at_.decay_log + i % heads] += to.log_alpha[i] * log_alpha;
    to.log_alpha[i] *= -weights.prepared[i % heads];
  }
  kernels.math.softplus_backward(tape.step_pre, to.log_alpha, to.log_alpha, n);
  for (std::size_t t = 0; t < length; ++t) {
    Real* gates = to.in + t * in_width_ + conv_width_ + value_width_;
    std::fill_n(gates, columns, Real{0});
    for (std::size_t h = 0; h < heads; ++h) {
      gates[h] = to.beta[t * heads + h];
      gates[heads + h] = to.log_alpha[t * heads + h];
      gradient[at_.step_bias + h] += to.log_alpha[t * heads + h];
    }
  }
}

/// Norms, convolution and input map.
template <class Real>
void GdnLayer<Real>::project_backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                      const Real* start, const Tape& tape, const Gradients& to, const Real* u,
                                      Real* du, Real* gradient) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, heads = shape_.heads, keys = shape_.keys, d = shape_.d;
  const Real query_scale = Real{1} / std::sqrt(static_cast<Real>(keys));
  const Real* p = weights.parameters;
  for (std::size_t t = 0; t < length; ++t) {
    const Real* conv = tape.conv + t * conv_width_;
    Real* dconv = to.conv + t * conv_width_;
    const Real* dk = to.k + t * key_width_;
    kernels.block.l2_norm_backward(conv, tape.q_scale + t * heads, to.q + t * key_width_, dconv, heads, keys,
                                   query_scale);
    if (shape_.longhorn) {
      std::copy_n(dk, key_width_, dconv + key_width_);
    } else {
      kernels.block.l2_norm_backward(conv + key_width_, tape.k_scale + t * heads, dk, dconv + key_width_,
                                     heads, keys, Real{1});
    }
  }
  kernels.block.convolve_backward(convolution(p, tape, start, length), tape.pre, to.conv, to.in, in_width_,
                                  gradient + at_.conv, nullptr);
  kernels.linear.gemm_tn(u, d, to.in, in_width_, gradient + at_.in, in_width_, d, in_width_, length, true);
  kernels.linear.gemm_nt(to.in, in_width_, p + at_.in, in_width_, du, d, length, d, in_width_, false);
}

template <class Real>
void GdnLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const std::size_t length = context.length;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients to = Gradients::carve(scratch, *this, length);
  std::fill_n(to.q, length * key_width_, Real{0});
  std::fill_n(to.k, length * key_width_, Real{0});
  std::fill_n(to.log_alpha, length * shape_.heads, Real{0});
  finish_backward(context, weights.parameters, tape, dout, to, gradient);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    remember_backward(context, tape, carve_head(tape, start, length, h), h, to);
  }
  context.kernels->math.softplus(tape.step_pre, to.rows, length * shape_.heads);
  gates_backward(*context.kernels, weights, length, tape, to, gradient);
  project_backward(context, weights, start, tape, to, u, du, gradient);
}

template class GdnLayer<float>;
template class GdnLayer<double>;

}  // namespace ssmz::model
