// SPDX-License-Identifier: Apache-2.0
// S4D layer; adjoints in LAYERS.md 1.
#include "model/zoo/s4d_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kSlowRate = 0.3f;  ///< Of the learning rate, for the modes.

}  // namespace

template <class Real>
S4dLayer<Real>::S4dLayer(std::size_t d, std::size_t states, FrequencyStart start)
    : d_(d), n_(states / 2 * d), states_(states), start_(start) {
  log_step_ = list_.add("log_step", {d}, kSlowRate);
  decay_log_ = list_.add("decay_log", {states / 2, d}, kSlowRate);
  frequency_ = list_.add("frequency", {states / 2, d}, kSlowRate);
  c_ = list_.add("c", {2, states / 2, d});
  skip_ = list_.add("skip", {d});
  out_ = GluMap<Real>(list_, "", d, d);
}

template <class Real>
typename S4dLayer<Real>::Tape S4dLayer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.h = carver.take(length * 2 * n_);
  tape.y = carver.take(length * d_);
  tape.minus = carver.take(n_);
  tape.out = out_.carve(carver, length);
  return tape;
}

template <class Real>
typename S4dLayer<Real>::Prepared S4dLayer<Real>::cut(Real* prepared, const Real* parameters) const {
  Carver<Real> carver(prepared);
  Prepared p;
  p.modes.n = n_;
  p.modes.step = carver.take(n_);
  p.modes.decay = carver.take(n_);
  p.modes.frequency = parameters + frequency_;
  p.modes.a = carver.take(2 * n_);
  p.modes.f = carver.take(2 * n_);
  p.read = carver.take(2 * n_);
  return p;
}

template <class Real>
LayerSizes S4dLayer<Real>::sizes(std::size_t length) const {
  Carver<Real> one(nullptr), chunk(nullptr);
  carve(one, 1);
  carve(chunk, length);
  LayerSizes sizes;
  sizes.state = 2 * n_;
  sizes.prepared = 9 * n_;  // the last as scratch
  sizes.step_scratch = one.used();
  sizes.tape = chunk.used();
  sizes.chunk_scratch = length * (2 * n_ + 3 * d_) + 10 * n_;
  return sizes;
}

template <class Real>
void S4dLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  for (std::size_t i = 0; i < d_; ++i) parameters[log_step_ + i] = random.uniform(log(1e-3f), log(0.1f));
  std::fill_n(parameters + decay_log_, n_, Real{log(0.5f)});
  for (std::size_t m = 0; m < n_ / d_; ++m) {
    std::fill_n(parameters + frequency_ + m * d_, d_, Real{start_frequency(start_, m, states_)});
  }
  for (std::size_t i = 0; i < 2 * n_; ++i) parameters[c_ + i] = random.normal() * 0.707106781f;
  for (std::size_t i = 0; i < d_; ++i) parameters[skip_ + i] = random.normal();
  out_.initialise(random, residual_scale, parameters);
}

template <class Real>
void S4dLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  const Prepared p = cut(prepared, parameters);
  kernels.math.exp(parameters + log_step_, p.modes.step, d_);
  for (std::size_t m = 1; m < n_ / d_; ++m) std::copy_n(p.modes.step, d_, p.modes.step + m * d_);
  kernels.math.exp(parameters + decay_log_, p.modes.decay, n_);
  discretise(kernels, p.modes);
  std::fill_n(p.read, 2 * n_, Real{0});
  complex_multiply_add(kernels, n_, parameters + c_, p.modes.f, false, p.read, prepared + 8 * n_);
  for (std::size_t i = 0; i < n_; ++i) {
    p.read[i] *= Real{2};
    p.read[n_ + i] *= Real{-2};
  }
}

template <class Real>
void S4dLayer<Real>::run(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                         std::size_t length, const Real* start, Real* end, const Real* u, Real* out,
                         Carver<Real>& carver) const {
  const Real* p = weights.parameters;
  const Prepared prepared = cut(const_cast<Real*>(weights.prepared), p);
  const Tape tape = carve(carver, length);
  for (std::size_t t = 0; t < length; ++t) {
    Real* h = tape.h + t * 2 * n_;
    for (std::size_t at = 0; at < n_; at += d_) std::copy_n(u + t * d_, d_, h + at);
    std::fill_n(h + n_, n_, Real{0});
  }
  complex_scan(kernels, length, n_, prepared.modes.a, start, tape.h, tape.minus);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* h = tape.h + t * 2 * n_;
    Real* y = tape.y + t * d_;
    kernels.math.multiply(p + skip_, u + t * d_, y, d_);
    for (std::size_t at = 0; at < 2 * n_; at += d_)
      kernels.math.multiply_add(prepared.read + at, h + at, y, d_);
  }
  if (end != nullptr) std::copy_n(tape.h + (length - 1) * 2 * n_, 2 * n_, end);
  out_.forward(kernels, p, length, tape.y, out, tape.out);
}

template <class Real>
void S4dLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                          const Real* u, Real* out) const {
  Carver<Real> carver(context.scratch);
  run(*context.kernels, weights, 1, state, state, u, out, carver);
}

template <class Real>
void S4dLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, Real* end, const Real* u, Real* out, Real* tape) const {
  Carver<Real> carver(tape);
  run(*context.kernels, weights, context.length, start, end, u, out, carver);
}

template <class Real>
void S4dLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& math = kernels.math;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  const Prepared prepared = cut(const_cast<Real*>(weights.prepared), p);
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real* g = scratch.take(length * 2 * n_);
  Real* dy = scratch.take(length * d_);
  Real* pair = scratch.take(length * 2 * d_);
  Real* sums = scratch.take(9 * n_);  // dread, da, df, dstep
  std::fill_n(sums, 9 * n_, Real{0});
  Real *dread = sums, *da = sums + 2 * n_, *df = sums + 4 * n_, *dstep = sums + 6 * n_;

  out_.backward(kernels, p, length, tape.y, dout, tape.out, dy, gradient, pair);
  for (std::size_t t = 0; t < length; ++t) {
    const Real *dyt = dy + t * d_, *h = tape.h + t * 2 * n_;
    math.multiply_add(dyt, u + t * d_, gradient + skip_, d_);
    math.multiply(dyt, p + skip_, du + t * d_, d_);
    for (std::size_t at = 0; at < 2 * n_; at += d_) {
      math.multiply(dyt, prepared.read + at, g + t * 2 * n_ + at, d_);
      math.multiply_add(dyt, h + at, dread + at, d_);
    }
  }
  complex_scan_backward(kernels, length, n_, prepared.modes.a, start, tape.h, g, da, tape.minus);
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t at = 0; at < n_; at += d_)
      kernels.linear.axpy(Real{1}, g + t * 2 * n_ + at, du + t * d_, d_);
  }
  for (std::size_t i = 0; i < n_; ++i) {
    dread[i] *= Real{2};
    dread[n_ + i] *= Real{-2};
  }
  complex_multiply_add(kernels, n_, dread, prepared.modes.f, true, gradient + c_, tape.minus);
  complex_multiply_add(kernels, n_, dread, p + c_, true, df, tape.minus);
  discretise_backward(prepared.modes, da, df, dstep, gradient + decay_log_, gradient + frequency_);
  for (std::size_t at = 0; at < n_; at += d_) {
    math.multiply_add(dstep + at, prepared.modes.step, gradient + log_step_, d_);
  }
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_s4d(LayerOptions& options, const LayerPlace& place) {
  const FixedScanOptions taken = take_fixed_scan(options, 16);
  return std::make_unique<S4dLayer<Real>>(place.d, taken.states, taken.start);
}

}  // namespace

const LayerKind kS4dLayer = {
    "s4d", "fixed complex decays per channel: n states (16); frequencies of HiPPO-LegS, or lin, or inv",
    make_s4d<float>, make_s4d<double>};

template class S4dLayer<float>;
template class S4dLayer<double>;

}  // namespace ssmz::model
