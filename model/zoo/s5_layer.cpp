// SPDX-License-Identifier: Apache-2.0
// S5 layer; adjoints in LAYERS.md 1.
#include "model/zoo/s5_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kSlowRate = 0.3f;  ///< Of the learning rate, for the modes.

}  // namespace

template <class Real>
S5Layer<Real>::S5Layer(std::size_t d, std::size_t states, FrequencyStart start)
    : d_(d), n_(states / 2), states_(states), start_(start) {
  log_step_ = list_.add("log_step", {n_}, kSlowRate);
  decay_log_ = list_.add("decay_log", {n_}, kSlowRate);
  frequency_ = list_.add("frequency", {n_}, kSlowRate);
  b_ = list_.add_map("b", d, 2 * n_);
  c_ = list_.add_map("c", 2 * n_, d);
  skip_ = list_.add("skip", {d});
  out_ = GluMap<Real>(list_, "", d, d);
}

template <class Real>
typename S5Layer<Real>::Tape S5Layer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.b = carver.take(length * 2 * n_);
  tape.x = carver.take(length * 2 * n_);
  tape.y = carver.take(length * d_);
  tape.minus = carver.take(n_);
  tape.out = out_.carve(carver, length);
  return tape;
}

template <class Real>
DiscreteModes<Real> S5Layer<Real>::cut(Real* prepared, const Real* parameters) const {
  Carver<Real> carver(prepared);
  DiscreteModes<Real> modes;
  modes.n = n_;
  modes.step = carver.take(n_);
  modes.decay = carver.take(n_);
  modes.frequency = parameters + frequency_;
  modes.a = carver.take(2 * n_);
  modes.f = carver.take(2 * n_);
  return modes;
}

template <class Real>
LayerSizes S5Layer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = 2 * n_;
  sizes.prepared = 2 * round_up16(n_) + 2 * round_up16(2 * n_);
  sizes.chunk_scratch = length * (4 * n_ + 3 * d_) + 5 * n_ + 64;
  return sizes;
}

template <class Real>
void S5Layer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  // The eigenvectors are unitary, so the reference's B = V^* B0 and C = C0 V of normal B0, C0 are complex
  // normals.
  const float b_scale = rsqrt(2.0f * static_cast<float>(d_));
  const float c_scale = 2.0f * rsqrt(2.0f * static_cast<float>(states_));
  for (std::size_t i = 0; i < n_; ++i) {
    parameters[log_step_ + i] = random.uniform(log(1e-3f), log(0.1f));
    parameters[decay_log_ + i] = log(0.5f);
    parameters[frequency_ + i] = start_frequency(start_, i, states_);
  }
  for (std::size_t i = 0; i < d_ * 2 * n_; ++i) parameters[b_ + i] = b_scale * random.normal();
  for (std::size_t i = 0; i < d_ * 2 * n_; ++i) parameters[c_ + i] = c_scale * random.normal();
  for (std::size_t i = 0; i < d_; ++i) parameters[skip_ + i] = random.normal();
  out_.initialise(random, residual_scale, parameters);
}

template <class Real>
void S5Layer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  const DiscreteModes<Real> modes = cut(prepared, parameters);
  kernels.math.exp(parameters + log_step_, modes.step, n_);
  kernels.math.exp(parameters + decay_log_, modes.decay, n_);
  discretise(kernels, modes);
}

template <class Real>
void S5Layer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                        const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  const std::size_t row = 2 * n_;
  const DiscreteModes<Real> modes = cut(const_cast<Real*>(weights.prepared), p);
  apply_map(kernels, u, d_, p + b_, tape.b, row, length, row, d_);
  std::fill_n(tape.x, length * row, Real{0});
  for (std::size_t t = 0; t < length; ++t) {
    complex_multiply_add(kernels, n_, tape.b + t * row, modes.f, false, tape.x + t * row, tape.minus);
    kernels.math.multiply(p + skip_, u + t * d_, tape.y + t * d_, d_);
  }
  complex_scan(kernels, length, n_, modes.a, start, tape.x, tape.minus);
  if (end != nullptr) std::copy_n(tape.x + (length - 1) * row, row, end);
  apply_map(kernels, tape.x, row, p + c_, tape.y, d_, length, d_, row, true);
  out_.forward(kernels, p, length, tape.y, out, tape.out);
}

template <class Real>
void S5Layer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                             Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, row = 2 * n_;
  const Real* p = weights.parameters;
  const DiscreteModes<Real> modes = cut(const_cast<Real*>(weights.prepared), p);
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real* g = scratch.take(length * row);
  Real* db = scratch.take(length * row);
  Real* dy = scratch.take(length * d_);
  Real* pair = scratch.take(length * 2 * d_);
  Real* sums = scratch.take(5 * n_);  // da, df, dstep
  std::fill_n(sums, 5 * n_, Real{0});
  Real *da = sums, *df = sums + row, *dstep = sums + 2 * row;

  out_.backward(kernels, p, length, tape.y, dout, tape.out, dy, gradient, pair);
  kernels.linear.gemm_tn(tape.x, row, dy, d_, gradient + c_, d_, row, d_, length, true);
  kernels.linear.gemm_nt(dy, d_, p + c_, d_, g, row, length, row, d_, false);
  complex_scan_backward(kernels, length, n_, modes.a, start, tape.x, g, da, tape.minus);
  std::fill_n(db, length * row, Real{0});
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.multiply_add(dy + t * d_, u + t * d_, gradient + skip_, d_);
    kernels.math.multiply(dy + t * d_, p + skip_, du + t * d_, d_);
    complex_multiply_add(kernels, n_, g + t * row, modes.f, true, db + t * row, tape.minus);
    complex_multiply_add(kernels, n_, g + t * row, tape.b + t * row, true, df, tape.minus);
  }
  kernels.linear.gemm_tn(u, d_, db, row, gradient + b_, row, d_, row, length, true);
  kernels.linear.gemm_nt(db, row, p + b_, row, du, d_, length, d_, row, true);
  discretise_backward(modes, da, df, dstep, gradient + decay_log_, gradient + frequency_);
  kernels.math.multiply_add(dstep, modes.step, gradient + log_step_, n_);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_s5(LayerOptions& options, const LayerPlace& place) {
  const FixedScanOptions taken = take_fixed_scan(options, 64);
  return std::make_unique<S5Layer<Real>>(place.d, taken.states, taken.start);
}

}  // namespace

const LayerKind kS5Layer = {
    "s5",
    "fixed complex decays for all channels: n states (64); frequencies of HiPPO-LegS, or lin, or "
    "inv",
    make_s5<float>, make_s5<double>};

template class S5Layer<float>;
template class S5Layer<double>;

}  // namespace ssmz::model
