// SPDX-License-Identifier: Apache-2.0
// GSS: a narrow bank of fixed decays behind a wide gate (Mehta et al., arXiv 2206.13947; LAYERS.md 21).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/s4d_bank.hpp"

namespace ssmz::model {

/// (a, b) = silu(u W_in), a [e], b [h]; y = S4D(b); out = (a o (y W_up)) W_out. The paper has GELU.
template <class Real>
class GssLayer final : public ChunkFormLayer<GssLayer<Real>, Real> {
 public:
  /// Widths `d`, `e` (of the gate) and `h` (of the bank) are multiples of 16.
  GssLayer(std::size_t d, std::size_t e, std::size_t h, std::size_t states, FrequencyStart start);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override {
    bank_.prepare(kernels, parameters, prepared);
  }
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<GssLayer<Real>, Real>;
  using ChunkFormLayer<GssLayer<Real>, Real>::list_;
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename S4dBank<Real>::Tape bank;
    Real *act, *b, *y;  ///< [e + h], [h], [h]
    Real *up, *gated;   ///< [e]
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;

  std::size_t d_, e_, h_;
  InputMap<Real> in_;
  S4dBank<Real> bank_;
  std::size_t up_, out_;
};

extern template class GssLayer<float>;
extern template class GssLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kGssLayer;

}  // namespace ssmz::model
