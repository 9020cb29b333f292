// SPDX-License-Identifier: Apache-2.0
// Backward of Mamba-2's chunk form (LAYERS.md 0.5 and 3).
#include "model/zoo/ssd_layer.hpp"

namespace ssmz::model {

/// Output map, norm, gate and skip; leaves the gradient of the memory's output in to.y, x's part in to.conv.
template <class Real>
void SsdLayer<Real>::finish_backward(const ChunkContext<Real>& context, const Real* parameters,
                                     const Tape& tape, const Real* dout, const Gradients& to,
                                     Real* gradient) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, d = shape_.d;
  kernels.linear.gemm_tn(tape.normed, width_, dout, d, gradient + at_.out, d, width_, d, length, true);
  kernels.linear.gemm_nt(dout, d, parameters + at_.out, d, to.normed, width_, length, width_, d, false);
  std::fill_n(to.gated, length * width_, Real{0});
  kernels.block.rms_norm_backward(tape.gated, parameters + at_.norm, tape.scale, to.normed, to.gated,
                                  gradient + at_.norm, length, width_);
  for (std::size_t t = 0; t < length; ++t) {
    Real* dy = to.y + t * width_;
    kernels.math.gate_backward(tape.y + t * width_, tape.in + t * in_width_ + conv_width_,
                               to.gated + t * width_, dy, to.in + t * in_width_ + conv_width_, width_);
    if (context.memory_out_gradient != nullptr) {
      kernels.linear.axpy(Real{1}, context.memory_out_gradient + t * width_, dy, width_);
    }
    kernels.math.multiply(parameters + at_.skip, dy, to.conv + t * conv_width_, width_);
    kernels.math.multiply_add(tape.conv + t * conv_width_, dy, gradient + at_.skip, width_);
  }
}

/// All heads: from to.y to to.v, to.log_decay and the B and C parts of to.conv.
template <class Real>
void SsdLayer<Real>::heads_backward(const ChunkContext<Real>& context, const Real* start, const Tape& tape,
                                    const Gradients& to) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length, states = shape_.states, values = shape_.values,
                    heads = shape_.heads;
  Real* db = to.conv + width_;
  Real* dc = db + states;
  for (std::size_t t = 0; t < length; ++t) std::fill_n(db + t * conv_width_, 2 * states, Real{0});
  std::fill_n(to.log_decay, length * heads, Real{0});
  std::fill_n(to.qk, length * length, Real{0});
  for (std::size_t h = 0; h < heads; ++h) {
    const Head head = carve_head(tape, start, length, h);
    std::fill_n(to.since, length, Real{0});
    attend_backward(
        kernels, head.chunk, head.tape, to.y + h * values, width_,
        {dc, conv_width_, to.v + h * values, width_, to.head_qk, to.between, to.since, to.scratch});
    linear.axpy(Real{1}, to.head_qk, to.qk, length * length);
    decay_backward(head.chunk.decay, to.between, to.since, length, to.log_decay + h, heads);
  }
  const Real* b = tape.conv + width_;
  const Real* c = b + states;
  linear.gemm_nn(to.qk, length, b, conv_width_, dc, conv_width_, length, states, length, true);
  linear.gemm_tn(to.qk, length, c, conv_width_, db, conv_width_, length, states, length, true);
}

/// v = step x and the decays back to x's part of to.conv, the step columns of to.in and the parameters.
template <class Real>
void SsdLayer<Real>::steps_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                    std::size_t length, const Tape& tape, const Gradients& to,
                                    Real* gradient) const {
  const std::size_t heads = shape_.heads, values = shape_.values, n = length * heads;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = i / heads * conv_width_ + i % heads * values;
    const Real* dv = to.v + i * values;
    kernels.linear.axpy(tape.step[i], dv, to.conv + at, values);
    // log a = -exp(A_log) step, so its derivative by A_log is itself.
    const Real rate = -weights.prepared[i % heads];
    gradient[at_.decay_log + i % heads] += to.log_decay[i] * (rate * tape.step[i]);
    to.step[i] = kernels.linear.dot(dv, tape.conv + at, values) + rate * to.log_decay[i];
  }
  kernels.math.softplus_backward(tape.step_pre, to.step, to.step, n);
  for (std::size_t t = 0; t < length; ++t) {
    Real* columns = to.in + t * in_width_ + conv_width_ + width_;
    std::fill_n(columns, in_width_ - conv_width_ - width_, Real{0});
    for (std::size_t h = 0; h < heads; ++h) {
      columns[h] = to.step[t * heads + h];
      gradient[at_.step_bias + h] += columns[h];
    }
  }
}

template <class Real>
void SsdLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, d = shape_.d;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients to = carve_gradients(scratch, length);
  finish_backward(context, p, tape, dout, to, gradient);
  heads_backward(context, start, tape, to);
  steps_backward(kernels, weights, length, tape, to, gradient);
  kernels.block.convolve_backward(convolution(p, tape, start, length), tape.pre, to.conv, to.in, in_width_,
                                  gradient + at_.conv_weight, gradient + at_.conv_bias);
  kernels.linear.gemm_tn(u, d, to.in, in_width_, gradient + at_.in, in_width_, d, in_width_, length, true);
  kernels.linear.gemm_nt(to.in, in_width_, p + at_.in, in_width_, du, d, length, d, in_width_, false);
}

template class SsdLayer<float>;
template class SsdLayer<double>;

}  // namespace ssmz::model
