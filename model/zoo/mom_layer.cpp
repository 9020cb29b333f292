// SPDX-License-Identifier: Apache-2.0
// Mixture-of-Memories layer.
#include "model/zoo/mom_layer.hpp"

#include "model/base/math.hpp"
#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kUnitEpsilon = 1e-6f;

}  // namespace

template <class Real>
MomLayer<Real>::MomLayer(const MomShape& shape)
    : shape_(shape), e_(shape.heads * shape.values), keys_(shape.heads * shape.keys), mixed_(2 * keys_ + e_) {
  in_ = InputMap<Real>(list_, "", shape.d, mixed_ + e_ + round_up16(shape.memories + 2 * gates()), mixed_);
  decay_log_ = list_.add("decay_log", {shape.memories + 1, shape.heads});
  step_bias_ = list_.add("step_bias", {shape.memories + 1, shape.heads});
  skip_ = list_.add("skip", {shape.heads});
  out_ = OutputMap<Real>(list_, "", shape.d, shape.heads, shape.values, true);
}

template <class Real>
typename MomLayer<Real>::Tape MomLayer<Real>::carve(Carver<Real>& carver, S length) const {
  Tape t;
  t.in = in_.carve(carver, length);
  t.out = out_.carve(carver, length);
  for (Real** piece : {&t.q, &t.k}) *piece = carver.take(length * keys_);
  for (Real** piece : {&t.q_scale, &t.k_scale}) *piece = carver.take(length * shape_.heads);
  for (Real** piece : {&t.beta, &t.step_pre, &t.alpha}) *piece = carver.take(length * gates());
  for (Real** piece : {&t.chosen, &t.share}) *piece = carver.take(length * kActive);
  t.before = carver.take(length * kActive * shape_.heads * block());
  for (Real** piece : {&t.error, &t.read}) *piece = carver.take(length * kActive * e_);
  t.o = carver.take(length * e_);
  t.now = carver.take(gates() * block());
  return t;
}

template <class Real>
typename MomLayer<Real>::Gradients MomLayer<Real>::carve_gradients(Carver<Real>& carver, S length) const {
  Gradients g;
  g.act = carver.take(length * mixed_);
  g.proj = carver.take(length * in_.width());
  g.o = carver.take(length * e_);
  for (Real** piece : {&g.q, &g.k}) *piece = carver.take(length * keys_);
  g.memory = carver.take(gates() * block());
  for (Real** piece : {&g.beta, &g.alpha}) *piece = carver.take(length * gates());
  g.rows = carver.take(2 * shape_.values + shape_.keys);
  g.scratch = carver.take(2 * length * e_);
  return g;
}

template <class Real>
LayerSizes MomLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = gates() * block() + in_.state();
  sizes.prepared = gates();
  sizes.memory = e_;
  sizes.chunk_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve_gradients(carver, length); });
  return sizes;
}

template <class Real>
void MomLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + step_bias_, gates());
  for (S i = 0; i < gates(); ++i) {
    const float step = softplus(static_cast<float>(parameters[step_bias_ + i]));
    const float half_life = shape_.half_lives[i % shape_.heads % shape_.half_lives.size()];
    parameters[decay_log_ + i] = log(0.693147181f / (half_life * step));
  }
  std::fill_n(parameters + skip_, shape_.heads, Real{1});
  out_.initialise(random, residual_scale, parameters);
}

template <class Real>
void MomLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  kernels.math.exp(parameters + decay_log_, prepared, gates());
}

template <class Real>
void MomLayer<Real>::prepare_tokens(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                    S length, const Tape& tape) const {
  const S h = shape_.heads, w = shape_.keys, n = gates();
  const Real scale{rsqrt(static_cast<float>(w))};
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * mixed_;
    const Real* small = tape.in.proj + t * in_.width() + mixed_ + e_ + shape_.memories;
    kernels.block.l2_norm(act, tape.q + t * keys_, tape.q_scale + t * h, h, w, Real{kUnitEpsilon}, scale);
    kernels.block.l2_norm(act + keys_, tape.k + t * keys_, tape.k_scale + t * h, h, w, Real{kUnitEpsilon},
                          Real{1});
    for (S i = 0; i < n; ++i) {
      tape.beta[t * n + i] = small[i];
      tape.step_pre[t * n + i] = small[n + i] + weights.parameters[step_bias_ + i];
    }
  }
  kernels.math.sigmoid(tape.beta, tape.beta, length * n);
  kernels.math.softplus(tape.step_pre, tape.alpha, length * n);
  for (S i = 0; i < length * n; ++i) tape.alpha[i] = -(tape.alpha[i] * weights.prepared[i % n]);
  kernels.math.exp(tape.alpha, tape.alpha, length * n);
}

/// Picks the two greatest logits; equal ones go to the lower index.
template <class Real>
void MomLayer<Real>::route(const KernelTable<Real>& kernels, S t, const Tape& tape) const {
  const Real* logits = tape.in.proj + t * in_.width() + mixed_ + e_;
  S best = 0, second = 1;
  if (logits[1] > logits[0]) std::swap(best, second);
  for (S m = 2; m < shape_.memories; ++m) {
    if (logits[m] > logits[best]) {
      second = best;
      best = m;
    } else if (logits[m] > logits[second]) {
      second = m;
    }
  }
  Real *chosen = tape.chosen + t * kActive, *share = tape.share + t * kActive;
  chosen[0] = static_cast<Real>(best);
  chosen[1] = static_cast<Real>(second);
  chosen[2] = static_cast<Real>(shape_.memories);
  const Real difference = logits[best] - logits[second];
  kernels.math.sigmoid(&difference, share, 1);
  share[1] = Real{1} - share[0];
  share[2] = Real{1};
}

template <class Real>
void MomLayer<Real>::remember(const KernelTable<Real>& kernels, S t, S slot, S head, const Tape& tape) const {
  const S h = shape_.heads, w = shape_.values, memory = static_cast<S>(tape.chosen[t * kActive + slot]);
  const S gate = memory * h + head, row = (t * kActive + slot) * h + head;
  const Real alpha = tape.alpha[t * gates() + gate], beta = tape.beta[t * gates() + gate];
  const Real *k = tape.k + t * keys_ + head * shape_.keys, *q = tape.q + t * keys_ + head * shape_.keys;
  const Real* v = tape.in.act + t * mixed_ + 2 * keys_ + head * w;
  Real *now = tape.now + gate * block(), *error = tape.error + row * w, *read = tape.read + row * w;
  std::copy_n(now, block(), tape.before + row * block());
  kernels.linear.matvec_t(now, w, shape_.keys, w, k, error, false);
  for (S j = 0; j < w; ++j) error[j] = beta * (v[j] - alpha * error[j]);
  kernels.block.memory_step(now, shape_.keys, w, alpha, k, error, q, read);
  kernels.linear.axpy(tape.share[t * kActive + slot], read, tape.o + t * e_ + head * w, w);
}

template <class Real>
void MomLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                         const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const S h = shape_.heads, w = shape_.values, all = gates() * block();
  const Real* p = weights.parameters;
  in_.forward(kernels, p, length, start + all, end == nullptr ? nullptr : end + all, u, tape.in);
  prepare_tokens(kernels, weights, length, tape);
  std::copy_n(start, all, tape.now);
  std::fill_n(tape.o, length * e_, Real{0});
  for (S t = 0; t < length; ++t) {
    route(kernels, t, tape);
    for (S i = 0; i < h; ++i) {
      for (S slot = 0; slot < kActive; ++slot) remember(kernels, t, slot, i, tape);
      kernels.linear.axpy(p[skip_ + i], tape.in.act + t * mixed_ + 2 * keys_ + i * w, tape.o + t * e_ + i * w,
                          w);
    }
  }
  if (end != nullptr) std::copy_n(tape.now, all, end);
  if (context.memory_out != nullptr) std::copy_n(tape.o, length * e_, context.memory_out);
  out_.forward(kernels, p, length, tape.o, tape.in.proj + mixed_, in_.width(), out, tape.out);
}

/// One memory and head: from the gradients of its read-out and of S after the token to those of S before it
/// and of q, k, v, beta, alpha (LAYERS.md 6a).
template <class Real>
void MomLayer<Real>::remember_backward(const KernelTable<Real>& kernels, S t, S slot, S head,
                                       const Tape& tape, const Gradients& g) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values;
  const S gate = static_cast<S>(tape.chosen[t * kActive + slot]) * h + head,
          row = (t * kActive + slot) * h + head;
  const auto& linear = kernels.linear;
  const Real alpha = tape.alpha[t * gates() + gate], beta = tape.beta[t * gates() + gate];
  const Real *q = tape.q + t * keys_ + head * n, *k = tape.k + t * keys_ + head * n;
  const Real *before = tape.before + row * block(), *error = tape.error + row * w;
  Real *dmemory = g.memory + gate * block(), *dq = g.q + t * keys_ + head * n,
       *dk = g.k + t * keys_ + head * n;
  Real *dread = g.rows, *derror = g.rows + w, *line = g.rows + 2 * w;
  Real* dv = g.act + t * mixed_ + 2 * keys_ + head * w;
  const Real* dout = g.o + t * e_ + head * w;
  for (S j = 0; j < w; ++j) dread[j] = tape.share[t * kActive + slot] * dout[j];
  linear.gemm_tn(q, n, dread, w, dmemory, w, n, w, 1, true);
  linear.matvec(before, w, n, w, dread, line, false);
  linear.axpy(alpha, line, dq, n);
  linear.axpy(linear.dot(error, dread, w), k, dq, n);
  linear.matvec_t(dmemory, w, n, w, k, derror, false);
  linear.matvec(dmemory, w, n, w, error, dk, true);
  linear.matvec(before, w, n, w, derror, line, false);
  linear.axpy(-(beta * alpha), line, dk, n);
  g.beta[t * gates() + gate] = linear.dot(derror, error, w);  // times beta
  for (S j = 0; j < w; ++j) derror[j] *= beta;
  linear.axpy(Real{1}, derror, dv, w);
  for (S j = 0; j < w; ++j) derror[j] = -derror[j];
  linear.gemm_tn(k, n, derror, w, dmemory, w, n, w, 1, true);
  g.alpha[t * gates() + gate] = linear.dot(dmemory, before, block());
  for (S j = 0; j < block(); ++j) dmemory[j] *= alpha;
}

template <class Real>
void MomLayer<Real>::token_backward(const KernelTable<Real>& kernels, const Real* p, S t, const Tape& tape,
                                    const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, w = shape_.values;
  const auto& linear = kernels.linear;
  Real dshare[2] = {Real{0}, Real{0}};
  for (S i = 0; i < h; ++i) {
    const Real *dout = g.o + t * e_ + i * w, *v = tape.in.act + t * mixed_ + 2 * keys_ + i * w;
    for (S slot = 0; slot < 2; ++slot) {
      dshare[slot] += linear.dot(dout, tape.read + ((t * kActive + slot) * h + i) * w, w);
    }
    gradient[skip_ + i] += linear.dot(dout, v, w);
    linear.axpy(p[skip_ + i], dout, g.act + t * mixed_ + 2 * keys_ + i * w, w);
    for (S slot = 0; slot < kActive; ++slot) remember_backward(kernels, t, slot, i, tape, g);
  }
  const Real *chosen = tape.chosen + t * kActive, *share = tape.share + t * kActive;
  Real* dlogits = g.proj + t * in_.width() + mixed_ + e_;
  const Real slope = share[0] * share[1] * (dshare[0] - dshare[1]);
  dlogits[static_cast<S>(chosen[0])] = slope;
  dlogits[static_cast<S>(chosen[1])] = -slope;
}

template <class Real>
void MomLayer<Real>::gates_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                    S length, const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, w = shape_.keys, n = gates();
  const Real scale{rsqrt(static_cast<float>(w))};
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * mixed_;
    Real* dact = g.act + t * mixed_;
    Real* dsmall = g.proj + t * in_.width() + mixed_ + e_ + shape_.memories;
    kernels.block.l2_norm_backward(act, tape.q_scale + t * h, g.q + t * keys_, dact, h, w, scale);
    kernels.block.l2_norm_backward(act + keys_, tape.k_scale + t * h, g.k + t * keys_, dact + keys_, h, w,
                                   Real{1});
    for (S i = 0; i < n; ++i) {
      const S at = t * n + i;
      const Real dlog = g.alpha[at] * tape.alpha[at];
      Real slope = Real{1}, step;
      kernels.math.softplus(tape.step_pre + at, &step, 1);
      kernels.math.softplus_backward(tape.step_pre + at, &slope, &slope, 1);
      const Real dstep = -(dlog * weights.prepared[i] * slope);
      dsmall[i] = g.beta[at] * (Real{1} - tape.beta[at]);
      dsmall[n + i] = dstep;
      gradient[step_bias_ + i] += dstep;
      gradient[decay_log_ + i] -= dlog * step * weights.prepared[i];
    }
  }
}

template <class Real>
void MomLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const S length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  const Gradients g = carve_gradients(scratch, length);
  std::fill_n(context.scratch, scratch.used(), Real{0});
  out_.backward(kernels, p, length, tape.o, tape.in.proj + mixed_, in_.width(), dout, tape.out, g.o,
                g.proj + mixed_, in_.width(), gradient, g.scratch);
  if (context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, g.o, length * e_);
  }
  for (S t = length; t-- > 0;) token_backward(kernels, p, t, tape, g, gradient);
  gates_backward(kernels, weights, length, tape, g, gradient);
  in_.backward(kernels, p, length, start + gates() * block(), u, tape.in, g.act, g.proj, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_mom(LayerOptions& options, const LayerPlace& place) {
  MomShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.keys = options.take_width("dk", 32, 16, 128);
  shape.values = options.take_width("dv", 32, 16, 256);
  shape.memories = options.take_size("m", 4, 2, 64);
  shape.half_lives = options.take_half_lives({8, 64, 512, 8192});
  if (shape.half_lives.empty()) shape.half_lives = {8, 64, 512, 8192};
  return std::make_unique<MomLayer<Real>>(shape);
}

}  // namespace

const LayerKind kMomLayer = {
    "mom",
    "Mixture-of-Memories, delta-rule memories with a router: h heads (4), dk key width (32), dv "
    "value width (32), m memories beside the shared one (4), ladder=half-life/... (8/64/512/8192)",
    make_mom<float>, make_mom<double>};

template class MomLayer<float>;
template class MomLayer<double>;

}  // namespace ssmz::model
