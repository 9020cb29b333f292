// SPDX-License-Identifier: Apache-2.0
// S4D layer.
#include "model/zoo/s4d_layer.hpp"

namespace ssmz::model {

template <class Real>
S4dLayer<Real>::S4dLayer(std::size_t d, std::size_t states, FrequencyStart start) : d_(d) {
  bank_ = S4dBank<Real>(list_, d, states, start);
  out_ = GluMap<Real>(list_, "", d, d);
}

template <class Real>
typename S4dLayer<Real>::Tape S4dLayer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.bank = bank_.carve(carver, length);
  tape.y = carver.take(length * d_);
  tape.out = out_.carve(carver, length);
  return tape;
}

template <class Real>
LayerSizes S4dLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = bank_.state();
  sizes.prepared = bank_.prepared();
  sizes.chunk_scratch = 3 * length * d_ + bank_.scratch(length);
  return sizes;
}

template <class Real>
void S4dLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  bank_.initialise(random, parameters);
  out_.initialise(random, residual_scale, parameters);
}

template <class Real>
void S4dLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                         const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  bank_.forward(kernels, weights, length, start, end, u, tape.y, tape.bank);
  out_.forward(kernels, weights.parameters, length, tape.y, out, tape.out);
}

template <class Real>
void S4dLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const std::size_t length = context.length;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real* dy = scratch.take(length * d_);
  Real* pair = scratch.take(length * 2 * d_);
  out_.backward(*context.kernels, weights.parameters, length, tape.y, dout, tape.out, dy, gradient, pair);
  bank_.backward(*context.kernels, weights, length, start, u, dy, du, gradient, tape.bank, scratch.take(0));
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
