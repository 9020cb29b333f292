// SPDX-License-Identifier: Apache-2.0
// Gated Memory Unit.
#include "model/zoo/gmu_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kNormEpsilon = 1e-5f;

}  // namespace

template <class Real>
GmuLayer<Real>::GmuLayer(std::size_t d, std::size_t memory, bool norm) : d_(d), m_(memory), norm_(norm) {
  in_ = list_.add_map("in", d, memory);
  if (norm) weight_ = list_.add("norm", {memory});
  out_ = list_.add_map("out", memory, d);
}

template <class Real>
typename GmuLayer<Real>::Tape GmuLayer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.z = carver.take(length * m_);
  tape.gated = carver.take(length * m_);
  tape.normed = carver.take(length * m_);
  tape.scales = carver.take(length);
  return tape;
}

template <class Real>
LayerSizes GmuLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.chunk_scratch = 4 * length * m_;
  return sizes;
}

template <class Real>
void GmuLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  draw_linear(random, d_, 1.0f, parameters + in_, d_ * m_);
  if (norm_) std::fill_n(parameters + weight_, m_, Real{1});
  draw_linear(random, m_, residual_scale, parameters + out_, m_ * d_);
}

template <class Real>
void GmuLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real*,
                         Real*, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  apply_map(kernels, u, d_, p + in_, tape.z, m_, length, m_, d_);
  kernels.math.gate(context.memory_in, tape.z, tape.gated, length * m_);
  if (norm_) {
    kernels.block.rms_norm(tape.gated, p + weight_, tape.normed, tape.scales, length, m_, Real{kNormEpsilon});
  }
  apply_map(kernels, norm_ ? tape.normed : tape.gated, m_, p + out_, out, d_, length, d_, m_);
}

template <class Real>
void GmuLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real*, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length, n = length * m_;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dgated = scratch.take(n), *dnormed = scratch.take(n), *dz = scratch.take(n), *dm = scratch.take(n);
  Real* to = norm_ ? dnormed : dgated;
  linear.gemm_tn(norm_ ? tape.normed : tape.gated, m_, dout, d_, gradient + out_, d_, m_, d_, length, true);
  linear.gemm_nt(dout, d_, p + out_, d_, to, m_, length, m_, d_, false);
  if (norm_) {
    std::fill_n(dgated, n, Real{0});
    kernels.block.rms_norm_backward(tape.gated, p + weight_, tape.scales, dnormed, dgated, gradient + weight_,
                                    length, m_);
  }
  kernels.math.gate_backward(context.memory_in, tape.z, dgated, dm, dz, n);
  linear.axpy(Real{1}, dm, context.memory_in_gradient, n);
  linear.gemm_tn(u, d_, dz, m_, gradient + in_, m_, d_, m_, length, true);
  linear.gemm_nt(dz, m_, p + in_, m_, du, d_, length, d_, m_, false);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_gmu(LayerOptions& options, const LayerPlace& place) {
  const bool norm = options.take_flag("norm");
  if (place.readout_width == 0 || place.readout_width % 16 != 0) {
    options.reject("a GMU needs a layer below that offers memory");
    return std::make_unique<GmuLayer<Real>>(place.d, place.d, norm);
  }
  return std::make_unique<GmuLayer<Real>>(place.d, place.readout_width, norm);
}

}  // namespace

const LayerKind kGmuLayer = {
    "gmu", "gates again what the nearest lower layer's memory read: norm before its map out", make_gmu<float>,
    make_gmu<double>};

template class GmuLayer<float>;
template class GmuLayer<double>;

}  // namespace ssmz::model
