// SPDX-License-Identifier: Apache-2.0
// SwiGLU feed-forward layer (Shazeer, arXiv 2002.05202): no memory, one token at a time.
#pragma once

#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// (a, b) = u W_in; out = (a silu(b)) W_out. Widths are multiples of 16.
template <class Real>
class MlpLayer final : public Layer<Real> {
 public:
  MlpLayer(std::size_t d, std::size_t hidden) : d_(d), hidden_(hidden) {}

  void declare(ParameterList& list) const override;
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void step_batch(const BatchContext<Real>& context, const LayerWeights<Real>& weights,
                  const Real* const* starts, Real* const* ends, const Real* u, Real* out) const override;
  [[nodiscard]] std::size_t batch_scratch(std::size_t count) const override { return 3 * count * hidden_; }
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  void run(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* u,
           Real* out, Real* tape) const;
  [[nodiscard]] std::size_t out_offset() const noexcept { return d_ * 2 * hidden_; }

  std::size_t d_, hidden_;
};

extern template class MlpLayer<float>;
extern template class MlpLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kMlpLayer;

}  // namespace ssmz::model
