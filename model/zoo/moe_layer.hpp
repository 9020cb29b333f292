// SPDX-License-Identifier: Apache-2.0
// A mixture of experts in the place of an MLP (MoE-Mamba, arXiv 2401.04081; Switch, 2101.03961; LAYERS.md
// 15).
#pragma once

#include <vector>

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"

namespace ssmz::model {

/// p = softmax(u W_r) over the experts, e the most likely one (the first of equals): out = p_e SwiGLU_e(u).
/// The gradient goes through p_e and the expert chosen; the choice is a constant. No loss balances the load.
/// No state.
template <class Real>
class MoeLayer final : public ChunkFormLayer<MoeLayer<Real>, Real> {
 public:
  /// Widths are multiples of 16; `experts` at most 16.
  MoeLayer(std::size_t d, std::size_t hidden, std::size_t experts);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<MoeLayer<Real>, Real>;
  using ChunkFormLayer<MoeLayer<Real>, Real>::list_;
  struct Tape {
    Real* scores;              ///< [kMostExperts]: probabilities
    Real* chosen;              ///< [1], as a number
    Real *pair, *gated, *raw;  ///< [2 hidden], [hidden], [d]: the expert's, before p_e
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;

  static constexpr std::size_t kMostExperts = 16;
  std::size_t d_, hidden_, experts_;
  std::size_t router_;
  std::vector<std::size_t> in_, out_;
};

extern template class MoeLayer<float>;
extern template class MoeLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kMoeLayer;

}  // namespace ssmz::model
