// SPDX-License-Identifier: Apache-2.0
// SwiGLU feed-forward layer. Tape: (a, b) [length x 2 hidden], then the gated product [length x hidden].
#include "model/layers/mlp_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
void MlpLayer<Real>::declare(ParameterList& list) const {
  list.add_map("in", d_, 2 * hidden_);
  list.add_map("out", hidden_, d_);
}

template <class Real>
LayerSizes MlpLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes;
  sizes.step_scratch = 3 * hidden_;
  sizes.tape = 3 * length * hidden_;
  sizes.chunk_scratch = 3 * length * hidden_;
  return sizes;
}

template <class Real>
void MlpLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  draw_linear(random, d_, 1.0f, parameters, d_ * 2 * hidden_);
  draw_linear(random, hidden_, residual_scale, parameters + out_offset(), hidden_ * d_);
}

template <class Real>
void MlpLayer<Real>::run(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                         const Real* u, Real* out, Real* tape) const {
  Real* gated = tape + 2 * length * hidden_;
  apply_map(kernels, u, d_, parameters, tape, 2 * hidden_, length, 2 * hidden_, d_);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* row = tape + t * 2 * hidden_;
    kernels.math.gate(row, row + hidden_, gated + t * hidden_, hidden_);
  }
  apply_map(kernels, gated, hidden_, parameters + out_offset(), out, d_, length, d_, hidden_);
}

template <class Real>
void MlpLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real*,
                          const Real* u, Real* out) const {
  run(*context.kernels, weights.parameters, 1, u, out, context.scratch);
}

template <class Real>
void MlpLayer<Real>::step_batch(const BatchContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* const*, Real* const*, const Real* u, Real* out) const {
  run(*context.kernels, weights.parameters, context.count, u, out, context.scratch);
}

template <class Real>
void MlpLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real*, Real*, const Real* u, Real* out, Real* tape) const {
  run(*context.kernels, weights.parameters, context.length, u, out, tape);
}

template <class Real>
void MlpLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real*, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const Real* gated = tape + 2 * length * hidden_;
  Real* dab = context.scratch;
  Real* dgated = dab + 2 * length * hidden_;
  kernels.linear.gemm_tn(gated, hidden_, dout, d_, gradient + out_offset(), d_, hidden_, d_, length, true);
  kernels.linear.gemm_nt(dout, d_, weights.parameters + out_offset(), d_, dgated, hidden_, length, hidden_,
                         d_, false);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* row = tape + t * 2 * hidden_;
    Real* drow = dab + t * 2 * hidden_;
    kernels.math.gate_backward(row, row + hidden_, dgated + t * hidden_, drow, drow + hidden_, hidden_);
  }
  kernels.linear.gemm_tn(u, d_, dab, 2 * hidden_, gradient, 2 * hidden_, d_, 2 * hidden_, length, true);
  kernels.linear.gemm_nt(dab, 2 * hidden_, weights.parameters, 2 * hidden_, du, d_, length, d_, 2 * hidden_,
                         false);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_mlp(LayerOptions& options, const LayerPlace& place) {
  return std::make_unique<MlpLayer<Real>>(place.d, options.take_width("", 2 * place.d, 16, 8192));
}

}  // namespace

const LayerKind kMlpLayer = {"mlp", "SwiGLU feed-forward: a bare number is the hidden width (2d)",
                             make_mlp<float>, make_mlp<double>};

template class MlpLayer<float>;
template class MlpLayer<double>;

}  // namespace ssmz::model
