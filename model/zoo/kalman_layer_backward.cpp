// SPDX-License-Identifier: Apache-2.0
// Gated KalmaNet backward: implicit gradient of the solve, and of the ridge (LAYERS.md 6b).
#include <cmath>

#include "model/base/math.hpp"
#include "model/zoo/cholesky.hpp"
#include "model/zoo/kalman_layer.hpp"

namespace ssmz::model {
template <class Real>
typename KalmanLayer<Real>::Gradients KalmanLayer<Real>::carve_gradients(Carver<Real>& carver,
                                                                         S length) const {
  Gradients g;
  g.act = carver.take(length * 3 * e_);
  g.proj = carver.take(length * in_.width());
  for (Real** piece : {&g.o, &g.q, &g.unit}) *piece = carver.take(length * e_);
  for (Real** piece : {&g.gram, &g.cross}) *piece = carver.take(square());
  for (Real** piece : {&g.beta, &g.decay, &g.mix}) *piece = carver.take(length * shape_.heads);
  g.rows = carver.take(4 * shape_.width);
  g.scratch = carver.take(2 * length * e_);
  return g;
}

/// From the gradient of o to those of q, c, G and U as they stand after the token.
template <class Real>
void KalmanLayer<Real>::read_backward(const KernelTable<Real>& kernels, S t, S head, const Tape& tape,
                                      const Gradients& g) const {
  const S w = shape_.width, row = t * shape_.heads + head, at = row * w, block = head * w * w;
  const auto& linear = kernels.linear;
  const Real *gram = tape.gram + t * square() + block, *factor = tape.factor + t * square() + block;
  const Real *q = tape.q + at, *x = tape.x + at, *dout = g.o + at;
  const Real share = tape.mix[row], scale = Real{rsqrt(static_cast<float>(w))};
  Real *dread = g.rows, *y = g.rows + w, *dq = g.q + at, *dgram = g.gram + block;
  linear.gemm_tn(tape.read + at, w, dout, w, g.cross + block, w, w, w, 1, true);
  linear.matvec(tape.cross + t * square() + block, w, w, w, dout, dread, false);
  for (S j = 0; j < w; ++j) dread[j] *= scale;
  g.mix[row] = linear.dot(dread, x, w) - linear.dot(dread, q, w);
  for (S j = 0; j < w; ++j) y[j] = share * dread[j];
  cholesky_solve(kernels, w, factor, y, y);
  for (S j = 0; j < w; ++j) dq[j] = (Real{1} - share) * dread[j] + y[j];
  const Real norm = std::sqrt(kernels.optimiser.sum_squares(gram, w * w));
  if (Real{kKalmanRidge} * norm > Real{kKalmanLeastRidge}) {
    linear.axpy(-(Real{kKalmanRidge} * linear.dot(y, x, w) / norm), gram, dgram, w * w);
  }
  for (S j = 0; j < w; ++j) y[j] = -y[j];
  linear.gemm_tn(y, w, x, w, dgram, w, w, w, 1, true);
}

/// From the gradients of G and U after the token to those before it, and of k, v, g.
template <class Real>
void KalmanLayer<Real>::remember_backward(const KernelTable<Real>& kernels, S t, S head, const Real* start,
                                          const Real* p, const Tape& tape, const Gradients& g,
                                          Real* gradient) const {
  const S w = shape_.width, row = t * shape_.heads + head, at = row * w, block = head * w * w;
  const auto& linear = kernels.linear;
  Real *dgram = g.gram + block, *dcross = g.cross + block, *dk = g.rows + 2 * w, *dv = g.rows + 3 * w;
  const Real *k = tape.k + at, *v = tape.v + at, *dout = g.o + at;
  const Real* gram = t == 0 ? start + block : tape.gram + (t - 1) * square() + block;
  const Real* cross = t == 0 ? start + square() + block : tape.cross + (t - 1) * square() + block;
  linear.matvec(dgram, w, w, w, k, dk, false);
  linear.matvec_t(dgram, w, w, w, k, dk, true);
  linear.matvec(dcross, w, w, w, v, dk, true);
  linear.matvec_t(dcross, w, w, w, k, dv, false);
  g.decay[row] = linear.dot(dgram, gram, w * w) + linear.dot(dcross, cross, w * w);
  const Real decay = tape.decay[row], beta = tape.beta[row];
  for (S j = 0; j < w * w; ++j) {
    dgram[j] *= decay;
    dcross[j] *= decay;
  }
  const Real* raw = tape.in.act + t * 3 * e_ + 2 * e_ + head * w;
  Real *dunit = g.unit + at, *draw = g.act + t * 3 * e_ + 2 * e_ + head * w;
  g.beta[row] = linear.dot(dk, tape.unit + at, w) + linear.dot(dv, raw, w);
  gradient[skip_ + head] += linear.dot(dout, raw, w);
  for (S j = 0; j < w; ++j) {
    dunit[j] = beta * dk[j];
    draw[j] = beta * dv[j] + p[skip_ + head] * dout[j];
  }
}

template <class Real>
void KalmanLayer<Real>::tokens_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                        S length, const Tape& tape, const Gradients& g,
                                        Real* gradient) const {
  const S h = shape_.heads, w = shape_.width;
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * 3 * e_;
    Real* dact = g.act + t * 3 * e_;
    Real* dsmall = g.proj + t * in_.width() + 4 * e_;
    kernels.block.l2_norm_backward(act, tape.q_scale + t * h, g.q + t * e_, dact, h, w, Real{1});
    kernels.block.l2_norm_backward(act + e_, tape.k_scale + t * h, g.unit + t * e_, dact + e_, h, w, Real{1});
    for (S i = 0; i < h; ++i) {
      const S row = t * h + i;
      const Real beta = tape.beta[row] - Real{1e-6f}, mix = tape.mix[row];
      const Real dlog = g.decay[row] * tape.decay[row];  // log g = -rate softplus(step_pre)
      Real slope = Real{1}, step;
      kernels.math.softplus(tape.step_pre + row, &step, 1);
      kernels.math.softplus_backward(tape.step_pre + row, &slope, &slope, 1);
      const Real dstep = -(dlog * weights.prepared[i] * slope);
      dsmall[i] = g.beta[row] * beta * (Real{1} - beta);
      dsmall[h + i] = dstep;
      dsmall[2 * h + i] = g.mix[row] * mix * (Real{1} - mix);
      gradient[step_bias_ + i] += dstep;
      gradient[decay_log_ + i] -= dlog * step * weights.prepared[i];
    }
  }
}

template <class Real>
void KalmanLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                 const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                                 Real* memory) const {
  const S length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  const Gradients g = carve_gradients(scratch, length);
  std::fill_n(context.scratch, scratch.used(), Real{0});
  out_.backward(kernels, p, length, tape.o, tape.in.proj + 3 * e_, in_.width(), dout, tape.out, g.o,
                g.proj + 3 * e_, in_.width(), gradient, g.scratch);
  if (context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, g.o, length * e_);
  }
  for (S t = length; t-- > 0;) {
    for (S i = 0; i < shape_.heads; ++i) {
      read_backward(kernels, t, i, tape, g);
      remember_backward(kernels, t, i, start, p, tape, g, gradient);
    }
  }
  tokens_backward(kernels, weights, length, tape, g, gradient);
  in_.backward(kernels, p, length, start + 2 * square(), u, tape.in, g.act, g.proj, du, gradient);
}

template class KalmanLayer<float>;
template class KalmanLayer<double>;

}  // namespace ssmz::model
