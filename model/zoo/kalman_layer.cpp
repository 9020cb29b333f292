// SPDX-License-Identifier: Apache-2.0
// Gated KalmaNet: parameters, step, chunk forward, and its backward with the implicit gradients of the solve
// and of the ridge (LAYERS.md 6b).
#include "model/zoo/kalman_layer.hpp"

#include <cmath>

#include "model/base/math.hpp"
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
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = 2 * square() + in_.state();
  sizes.prepared = shape_.heads;
  sizes.memory = e_;
  sizes.chunk_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve_gradients(carver, length); });
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
void KalmanLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                            const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
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
  if (context.memory_out != nullptr) std::copy_n(tape.o, length * e_, context.memory_out);
  out_.forward(kernels, p, length, tape.o, tape.in.proj + 3 * e_, in_.width(), out, tape.out);
}

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

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_kalman(LayerOptions& options, const LayerPlace& place) {
  KalmanShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.width = options.take_width("dk", 32, 16, 128);
  shape.half_lives = options.take_half_lives({8, 64, 512, 8192});
  if (shape.half_lives.empty()) shape.half_lives = {8, 64, 512, 8192};
  return std::make_unique<KalmanLayer<Real>>(shape);
}

}  // namespace

const LayerKind kKalmanLayer = {
    "gka",
    "Gated KalmaNet, ridge regression of values on keys: h heads (4), dk their width (32), "
    "ladder=half-life/... (8/64/512/8192)",
    make_kalman<float>, make_kalman<double>};

template class KalmanLayer<float>;
template class KalmanLayer<double>;

}  // namespace ssmz::model
