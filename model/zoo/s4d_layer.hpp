// SPDX-License-Identifier: Apache-2.0
// S4D: every channel runs a bank of fixed complex decays (arXiv 2206.11893; LAYERS.md 1).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/s4d_bank.hpp"

namespace ssmz::model {

/// y = the bank's read-out of u; then a gated map over silu(y) (the reference has GELU and a logistic gate).
template <class Real>
class S4dLayer final : public ChunkFormLayer<S4dLayer<Real>, Real> {
 public:
  /// `d` is the width; `states` counts both of each conjugate pair, so is even.
  S4dLayer(std::size_t d, std::size_t states, FrequencyStart start);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override {
    bank_.prepare(kernels, parameters, prepared);
  }
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<S4dLayer<Real>, Real>;
  using ChunkFormLayer<S4dLayer<Real>, Real>::list_;
  struct Tape {
    typename S4dBank<Real>::Tape bank;
    Real* y;  ///< [d]
    typename GluMap<Real>::Tape out;
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;

  std::size_t d_;
  S4dBank<Real> bank_;
  GluMap<Real> out_;
};

extern template class S4dLayer<float>;
extern template class S4dLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kS4dLayer;

}  // namespace ssmz::model
