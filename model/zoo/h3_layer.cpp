// SPDX-License-Identifier: Apache-2.0
// H3 layer. State: the bank's, then the convolution's tail.
#include "model/zoo/h3_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
H3Layer<Real>::H3Layer(std::size_t d, std::size_t states, FrequencyStart start) : d_(d) {
  in_ = InputMap<Real>(list_, "", d, 3 * d, d);
  bank_ = S4dBank<Real>(list_, d, states, start);
  out_ = list_.add_map("out", d, d);
}

template <class Real>
typename H3Layer<Real>::Tape H3Layer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.in = in_.carve(carver, length);
  tape.bank = bank_.carve(carver, length);
  for (Real** piece : {&tape.kv, &tape.y, &tape.gated}) *piece = carver.take(length * d_);
  return tape;
}

template <class Real>
LayerSizes H3Layer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = bank_.state() + in_.state();
  sizes.prepared = bank_.prepared();
  sizes.chunk_scratch = 7 * length * d_ + bank_.scratch(length);
  return sizes;
}

template <class Real>
void H3Layer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  bank_.initialise(random, parameters);
  draw_linear(random, d_, residual_scale, parameters + out_, d_ * d_);
}

template <class Real>
void H3Layer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                        const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  in_.forward(kernels, p, length, start + bank_.state(), end == nullptr ? nullptr : end + bank_.state(), u,
              tape.in);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.multiply(tape.in.act + t * d_, tape.in.proj + t * 3 * d_ + d_, tape.kv + t * d_, d_);
  }
  bank_.forward(kernels, weights, length, start, end, tape.kv, tape.y, tape.bank);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.multiply(tape.in.proj + t * 3 * d_ + 2 * d_, tape.y + t * d_, tape.gated + t * d_, d_);
  }
  apply_map(kernels, tape.gated, d_, p + out_, out, d_, length, d_, d_);
}

template <class Real>
void H3Layer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                             Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& math = kernels.math;
  const std::size_t length = context.length, d = d_;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dgated = scratch.take(length * d), *dy = scratch.take(length * d), *dkv = scratch.take(length * d);
  Real *dact = scratch.take(length * d), *dproj = scratch.take(length * 3 * d);
  kernels.linear.gemm_tn(tape.gated, d, dout, d, gradient + out_, d, d, d, length, true);
  kernels.linear.gemm_nt(dout, d, p + out_, d, dgated, d, length, d, d, false);
  for (std::size_t t = 0; t < length; ++t) {
    math.multiply(dgated + t * d, tape.y + t * d, dproj + t * 3 * d + 2 * d, d);
    math.multiply(dgated + t * d, tape.in.proj + t * 3 * d + 2 * d, dy + t * d, d);
  }
  bank_.backward(kernels, weights, length, start, tape.kv, dy, dkv, gradient, tape.bank, scratch.take(0));
  for (std::size_t t = 0; t < length; ++t) {
    math.multiply(dkv + t * d, tape.in.act + t * d, dproj + t * 3 * d + d, d);
    math.multiply(dkv + t * d, tape.in.proj + t * 3 * d + d, dact + t * d, d);
  }
  in_.backward(kernels, p, length, start + bank_.state(), u, tape.in, dact, dproj, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_h3(LayerOptions& options, const LayerPlace& place) {
  const FixedScanOptions taken = take_fixed_scan(options, 16);
  return std::make_unique<H3Layer<Real>>(place.d, taken.states, taken.start);
}

}  // namespace

const LayerKind kH3Layer = {"h3",
                            "H3, fixed decays of products of keys and values, read by queries: n states "
                            "(16); frequencies of HiPPO-LegS, or lin, or inv",
                            make_h3<float>, make_h3<double>};

template class H3Layer<float>;
template class H3Layer<double>;

}  // namespace ssmz::model
