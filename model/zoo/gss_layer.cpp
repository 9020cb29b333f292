// SPDX-License-Identifier: Apache-2.0
// GSS layer.
#include "model/zoo/gss_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
GssLayer<Real>::GssLayer(std::size_t d, std::size_t e, std::size_t h, std::size_t states,
                         FrequencyStart start)
    : d_(d), e_(e), h_(h) {
  in_ = InputMap<Real>(list_, "", d, e + h, 0);
  bank_ = S4dBank<Real>(list_, h, states, start);
  up_ = list_.add_map("up", h, e);
  out_ = list_.add_map("out", e, d);
}

template <class Real>
typename GssLayer<Real>::Tape GssLayer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.in = in_.carve(carver, length);
  tape.bank = bank_.carve(carver, length);
  tape.act = carver.take(length * (e_ + h_));
  for (Real** piece : {&tape.b, &tape.y}) *piece = carver.take(length * h_);
  for (Real** piece : {&tape.up, &tape.gated}) *piece = carver.take(length * e_);
  return tape;
}

template <class Real>
LayerSizes GssLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = bank_.state();
  sizes.prepared = bank_.prepared();
  sizes.chunk_scratch = 3 * length * (e_ + h_) + bank_.scratch(length);
  return sizes;
}

template <class Real>
void GssLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  bank_.initialise(random, parameters);
  draw_linear(random, h_, 1.0f, parameters + up_, h_ * e_);
  draw_linear(random, e_, residual_scale, parameters + out_, e_ * d_);
}

template <class Real>
void GssLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                         const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  in_.forward(kernels, p, length, nullptr, nullptr, u, tape.in);
  kernels.math.silu(tape.in.proj, tape.act, length * (e_ + h_));
  for (std::size_t t = 0; t < length; ++t) std::copy_n(tape.act + t * (e_ + h_) + e_, h_, tape.b + t * h_);
  bank_.forward(kernels, weights, length, start, end, tape.b, tape.y, tape.bank);
  apply_map(kernels, tape.y, h_, p + up_, tape.up, e_, length, e_, h_);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.multiply(tape.act + t * (e_ + h_), tape.up + t * e_, tape.gated + t * e_, e_);
  }
  apply_map(kernels, tape.gated, e_, p + out_, out, d_, length, d_, e_);
}

template <class Real>
void GssLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length, width = e_ + h_;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dgated = scratch.take(length * e_), *dup = scratch.take(length * e_),
       *dproj = scratch.take(length * width);
  Real *dy = scratch.take(length * h_), *db = scratch.take(length * h_);
  linear.gemm_tn(tape.gated, e_, dout, d_, gradient + out_, d_, e_, d_, length, true);
  linear.gemm_nt(dout, d_, p + out_, d_, dgated, e_, length, e_, d_, false);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.multiply(dgated + t * e_, tape.up + t * e_, dproj + t * width, e_);
    kernels.math.multiply(dgated + t * e_, tape.act + t * width, dup + t * e_, e_);
  }
  linear.gemm_tn(tape.y, h_, dup, e_, gradient + up_, e_, h_, e_, length, true);
  linear.gemm_nt(dup, e_, p + up_, e_, dy, h_, length, h_, e_, false);
  bank_.backward(kernels, weights, length, start, tape.b, dy, db, gradient, tape.bank, scratch.take(0));
  for (std::size_t t = 0; t < length; ++t) std::copy_n(db + t * h_, h_, dproj + t * width + e_);
  kernels.math.silu_backward(tape.in.proj, dproj, dproj, length * width);
  in_.backward(kernels, p, length, nullptr, u, tape.in, nullptr, dproj, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_gss(LayerOptions& options, const LayerPlace& place) {
  const std::size_t e = options.take_width("e", 2 * place.d, 16, 8192);
  const std::size_t h = options.take_width("h", round_up16(place.d / 2), 16, 4096);
  const FixedScanOptions taken = take_fixed_scan(options, 16);
  return std::make_unique<GssLayer<Real>>(place.d, e, h, taken.states, taken.start);
}

}  // namespace

const LayerKind kGssLayer = {"gss",
                             "GSS, a narrow bank of fixed decays behind a wide gate: e gate width (2d), h "
                             "bank width (d/2), n states (16); frequencies of HiPPO-LegS, or lin, or inv",
                             make_gss<float>, make_gss<double>};

template class GssLayer<float>;
template class GssLayer<double>;

}  // namespace ssmz::model
