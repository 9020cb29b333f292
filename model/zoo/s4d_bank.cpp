// SPDX-License-Identifier: Apache-2.0
// Banks of fixed complex decays; adjoints in LAYERS.md 1.
#include "model/zoo/s4d_bank.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kSlowRate = 0.3f;  ///< Of the learning rate, for the modes.

}  // namespace

template <class Real>
S4dBank<Real>::S4dBank(ParameterList& list, std::size_t width, std::size_t states, FrequencyStart start)
    : width_(width), n_(states / 2 * width), states_(states), start_(start) {
  log_step_ = list.add("log_step", {width}, kSlowRate);
  decay_log_ = list.add("decay_log", {states / 2, width}, kSlowRate);
  frequency_ = list.add("frequency", {states / 2, width}, kSlowRate);
  c_ = list.add("c", {2, states / 2, width});
  skip_ = list.add("skip", {width});
}

template <class Real>
typename S4dBank<Real>::Tape S4dBank<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.h = carver.take(length * 2 * n_);
  tape.minus = carver.take(n_);
  return tape;
}

template <class Real>
typename S4dBank<Real>::Prepared S4dBank<Real>::cut(Real* prepared, const Real* parameters) const {
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
void S4dBank<Real>::initialise(Random& random, Real* parameters) const {
  for (std::size_t i = 0; i < width_; ++i) parameters[log_step_ + i] = random.uniform(log(1e-3f), log(0.1f));
  std::fill_n(parameters + decay_log_, n_, Real{log(0.5f)});
  for (std::size_t m = 0; m < n_ / width_; ++m) {
    std::fill_n(parameters + frequency_ + m * width_, width_, Real{start_frequency(start_, m, states_)});
  }
  for (std::size_t i = 0; i < 2 * n_; ++i) parameters[c_ + i] = random.normal() * 0.707106781f;
  for (std::size_t i = 0; i < width_; ++i) parameters[skip_ + i] = random.normal();
}

template <class Real>
void S4dBank<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  const Prepared p = cut(prepared, parameters);
  kernels.math.exp(parameters + log_step_, p.modes.step, width_);
  for (std::size_t m = 1; m < n_ / width_; ++m) std::copy_n(p.modes.step, width_, p.modes.step + m * width_);
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
void S4dBank<Real>::forward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                            std::size_t length, const Real* start, Real* end, const Real* u, Real* y,
                            const Tape& tape) const {
  const Real* p = weights.parameters;
  const Prepared prepared = cut(const_cast<Real*>(weights.prepared), p);
  const std::size_t d = width_;
  for (std::size_t t = 0; t < length; ++t) {
    Real* h = tape.h + t * 2 * n_;
    for (std::size_t at = 0; at < n_; at += d) std::copy_n(u + t * d, d, h + at);
    std::fill_n(h + n_, n_, Real{0});
  }
  complex_scan(kernels, length, n_, prepared.modes.a, start, tape.h, tape.minus);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* h = tape.h + t * 2 * n_;
    kernels.math.multiply(p + skip_, u + t * d, y + t * d, d);
    for (std::size_t at = 0; at < 2 * n_; at += d)
      kernels.math.multiply_add(prepared.read + at, h + at, y + t * d, d);
  }
  if (end != nullptr) std::copy_n(tape.h + (length - 1) * 2 * n_, 2 * n_, end);
}

template <class Real>
void S4dBank<Real>::backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                             std::size_t length, const Real* start, const Real* u, const Real* dy, Real* du,
                             Real* gradient, const Tape& tape, Real* scratch) const {
  const auto& math = kernels.math;
  const Real* p = weights.parameters;
  const Prepared prepared = cut(const_cast<Real*>(weights.prepared), p);
  const std::size_t d = width_;
  Real* g = scratch;
  Real* sums = scratch + length * 2 * n_;  // dread, da, df, dstep
  std::fill_n(sums, 9 * n_, Real{0});
  Real *dread = sums, *da = sums + 2 * n_, *df = sums + 4 * n_, *dstep = sums + 6 * n_;
  for (std::size_t t = 0; t < length; ++t) {
    const Real *dyt = dy + t * d, *h = tape.h + t * 2 * n_;
    math.multiply_add(dyt, u + t * d, gradient + skip_, d);
    math.multiply(dyt, p + skip_, du + t * d, d);
    for (std::size_t at = 0; at < 2 * n_; at += d) {
      math.multiply(dyt, prepared.read + at, g + t * 2 * n_ + at, d);
      math.multiply_add(dyt, h + at, dread + at, d);
    }
  }
  complex_scan_backward(kernels, length, n_, prepared.modes.a, start, tape.h, g, da, tape.minus);
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t at = 0; at < n_; at += d)
      kernels.linear.axpy(Real{1}, g + t * 2 * n_ + at, du + t * d, d);
  }
  for (std::size_t i = 0; i < n_; ++i) {
    dread[i] *= Real{2};
    dread[n_ + i] *= Real{-2};
  }
  complex_multiply_add(kernels, n_, dread, prepared.modes.f, true, gradient + c_, tape.minus);
  complex_multiply_add(kernels, n_, dread, p + c_, true, df, tape.minus);
  discretise_backward(prepared.modes, da, df, dstep, gradient + decay_log_, gradient + frequency_);
  for (std::size_t at = 0; at < n_; at += d) {
    math.multiply_add(dstep + at, prepared.modes.step, gradient + log_step_, d);
  }
}

template class S4dBank<float>;
template class S4dBank<double>;

}  // namespace ssmz::model
