// SPDX-License-Identifier: Apache-2.0
// Gated KalmaNet forward.
#include "model/zoo/kalman_layer.hpp"

#include "model/layers/initialisation.hpp"
#include "model/zoo/cholesky.hpp"

namespace ssmz::model {
namespace {

constexpr float kUnitEpsilon = 1e-6f;

}  // namespace

template <class Real>
KalmanLayer<Real>::KalmanLayer(const KalmanShape& shape) : shape_(shape), e_(shape.heads * shape.width) {
  in_ = InputMap<Real>(list_, "", shape.d, 4 * e_ + round_up16(3 * shape.heads), 3 * e_);
  decay_log_ = list_.add("decay_log", {shape.heads});
  step_bias_ = list_.add("step_bias", {shape.heads});
  skip_ = list_.add("skip", {shape.heads});
  out_ = OutputMap<Real>(list_, "", shape.d, shape.heads, shape.width, true);
}

template <class Real>
typename KalmanLayer<Real>::Tape KalmanLayer<Real>::carve(Carver<Real>& carver, S length) const {
  Tape t;
  t.in = in_.carve(carver, length);
  t.out = out_.carve(carver, length);
  for (Real** piece : {&t.q, &t.unit, &t.k, &t.v, &t.x, &t.read, &t.o}) *piece = carver.take(length * e_);
  for (Real** piece : {&t.q_scale, &t.k_scale, &t.beta, &t.step_pre, &t.decay, &t.mix}) {
    *piece = carver.take(length * shape_.heads);
  }
  for (Real** piece : {&t.gram, &t.cross, &t.factor}) *piece = carver.take(length * square());
  t.scratch = carver.take(shape_.width);
  return t;
}

template <class Real>
LayerSizes KalmanLayer<Real>::sizes(std::size_t length) const {
  Carver<Real> one(nullptr), chunk(nullptr), gradients(nullptr);
  carve(one, 1);
  carve(chunk, length);
  carve_gradients(gradients, length);
  LayerSizes sizes;
  sizes.state = 2 * square() + in_.state();
  sizes.prepared = shape_.heads;
  sizes.memory = e_;
  sizes.step_scratch = one.used();
  sizes.tape = chunk.used();
  sizes.chunk_scratch = gradients.used();
  return sizes;
}

template <class Real>
void KalmanLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + step_bias_, shape_.heads);
  for (S i = 0; i < shape_.heads; ++i) {
    const float step = softplus(static_cast<float>(parameters[step_bias_ + i]));
    const float half_life = shape_.half_lives[i % shape_.half_lives.size()];
    parameters[decay_log_ + i] = log(0.693147181f / (half_life * step));
    parameters[skip_ + i] = Real{1};
  }
  out_.initialise(random, residual_scale, parameters);
}

template <class Real>
void KalmanLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters,
                                Real* prepared) const {
  kernels.math.exp(parameters + decay_log_, prepared, shape_.heads);
}

template <class Real>
void KalmanLayer<Real>::prepare_tokens(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                       S length, const Tape& tape) const {
  const S h = shape_.heads, w = shape_.width, n = length * h;
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * 3 * e_;
    const Real* small = tape.in.proj + t * in_.width() + 4 * e_;
    kernels.block.l2_norm(act, tape.q + t * e_, tape.q_scale + t * h, h, w, Real{kUnitEpsilon}, Real{1});
    kernels.block.l2_norm(act + e_, tape.unit + t * e_, tape.k_scale + t * h, h, w, Real{kUnitEpsilon},
                          Real{1});
    for (S i = 0; i < h; ++i) {
      tape.beta[t * h + i] = small[i];
      tape.step_pre[t * h + i] = small[h + i] + weights.parameters[step_bias_ + i];
      tape.mix[t * h + i] = small[2 * h + i];
    }
  }
  kernels.math.sigmoid(tape.beta, tape.beta, n);
  kernels.math.sigmoid(tape.mix, tape.mix, n);
  kernels.math.softplus(tape.step_pre, tape.decay, n);
  for (S i = 0; i < n; ++i) {
    tape.beta[i] += Real{1e-6f};
    tape.decay[i] = -(tape.decay[i] * weights.prepared[i % h]);
    const Real* v = tape.in.act + i / h * 3 * e_ + 2 * e_ + i % h * w;
    for (S j = 0; j < w; ++j) {
      tape.k[i * w + j] = tape.beta[i] * tape.unit[i * w + j];
      tape.v[i * w + j] = tape.beta[i] * v[j];
    }
  }
  kernels.math.exp(tape.decay, tape.decay, n);
}

template <class Real>
void KalmanLayer<Real>::remember(const KernelTable<Real>& kernels, const Real* p, S t, S head,
                                 const Real* start, const Tape& tape) const {
  const S w = shape_.width, at = (t * shape_.heads + head) * w, block = head * w * w;
  Real *gram = tape.gram + t * square() + block, *cross = tape.cross + t * square() + block;
  Real* factor = tape.factor + t * square() + block;
  const Real *q = tape.q + at, *k = tape.k + at, g = tape.decay[t * shape_.heads + head];
  Real *x = tape.x + at, *read = tape.read + at, *o = tape.o + at;
  std::copy_n(t == 0 ? start + block : gram - square(), w * w, gram);
  std::copy_n(t == 0 ? start + square() + block : cross - square(), w * w, cross);
  kernels.block.memory_step(gram, w, w, g, k, k, q, tape.scratch);
  kernels.block.memory_step(cross, w, w, g, k, tape.v + at, q, tape.scratch);
  const Real norm = std::sqrt(kernels.optimiser.sum_squares(gram, w * w));
  cholesky(kernels, w, gram, std::max(Real{kKalmanRidge} * norm, Real{kKalmanLeastRidge}), factor);
  cholesky_solve(kernels, w, factor, q, x);
  const Real share = tape.mix[t * shape_.heads + head], scale = Real{rsqrt(static_cast<float>(w))};
  for (S j = 0; j < w; ++j) read[j] = (q[j] + share * (x[j] - q[j])) * scale;
  kernels.linear.matvec_t(cross, w, w, w, read, o, false);
  kernels.linear.axpy(p[skip_ + head], tape.in.act + t * 3 * e_ + 2 * e_ + head * w, o, w);
}

template <class Real>
void KalmanLayer<Real>::run(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                            const Real* start, Real* end, const Real* u, Real* out, const Tape& tape,
                            Real* memory_out) const {
  const Real* p = weights.parameters;
  const S tail = 2 * square();
  in_.forward(kernels, p, length, start + tail, end == nullptr ? nullptr : end + tail, u, tape.in);
  prepare_tokens(kernels, weights, length, tape);
  for (S t = 0; t < length; ++t) {
    for (S i = 0; i < shape_.heads; ++i) remember(kernels, p, t, i, start, tape);
  }
  if (end != nullptr) {
    std::copy_n(tape.gram + (length - 1) * square(), square(), end);
    std::copy_n(tape.cross + (length - 1) * square(), square(), end + square());
  }
  if (memory_out != nullptr) std::copy_n(tape.o, length * e_, memory_out);
  out_.forward(kernels, p, length, tape.o, tape.in.proj + 3 * e_, in_.width(), out, tape.out);
}

template <class Real>
void KalmanLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                             const Real* u, Real* out) const {
  Carver<Real> carver(context.scratch);
  run(*context.kernels, weights, 1, state, state, u, out, carve(carver, 1), context.memory_out);
}

template <class Real>
void KalmanLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  Carver<Real> carver(memory);
  run(*context.kernels, weights, context.length, start, end, u, out, carve(carver, context.length),
      context.memory_out);
}

template class KalmanLayer<float>;
template class KalmanLayer<double>;

}  // namespace ssmz::model
