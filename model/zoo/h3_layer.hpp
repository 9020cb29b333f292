// SPDX-License-Identifier: Apache-2.0
// H3: a shift and a bank of fixed decays between three products (Fu et al., arXiv 2212.14052; LAYERS.md 20).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/s4d_bank.hpp"

namespace ssmz::model {

/// (k, v, q) = u W_in, k through silu(conv4) as the shift; y = S4D(k o v); out = (q o y) W_out. Heads of
/// width 1, so that a head's state is its channel's.
template <class Real>
class H3Layer final : public ChunkFormLayer<H3Layer<Real>, Real> {
 public:
  /// `d` is the width; `states` counts both of each conjugate pair, so is even.
  H3Layer(std::size_t d, std::size_t states, FrequencyStart start);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override {
    bank_.prepare(kernels, parameters, prepared);
  }
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<H3Layer<Real>, Real>;
  using ChunkFormLayer<H3Layer<Real>, Real>::list_;
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename S4dBank<Real>::Tape bank;
    Real *kv, *y, *gated;  ///< [d]
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;

  std::size_t d_;
  InputMap<Real> in_;
  S4dBank<Real> bank_;
  std::size_t out_;
};

extern template class H3Layer<float>;
extern template class H3Layer<double>;

/// Its row in the catalogues.
extern const LayerKind kH3Layer;

}  // namespace ssmz::model
