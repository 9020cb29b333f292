// SPDX-License-Identifier: Apache-2.0
// Gated Memory Unit: reads again what a lower layer's memory gave (SambaY, arXiv 2507.06607; LAYERS.md 11).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// out = (m o silu(u W_in)) W_out, m the read-out of the nearest lower layer that offers one. No state.
template <class Real>
class GmuLayer final : public ChunkFormLayer<GmuLayer<Real>, Real> {
 public:
  /// `d` and `memory`, the width of m, are multiples of 16; `norm` puts an RMSNorm before W_out, as for
  /// memories that are not normed themselves.
  GmuLayer(std::size_t d, std::size_t memory, bool norm);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<GmuLayer<Real>, Real>;
  using ChunkFormLayer<GmuLayer<Real>, Real>::list_;
  struct Tape {
    Real* z;       ///< [memory]
    Real* gated;   ///< [memory]
    Real* normed;  ///< [memory]
    Real* scales;  ///< [1]
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;

  std::size_t d_, m_;
  bool norm_;
  std::size_t in_, weight_ = 0, out_;
};

extern template class GmuLayer<float>;
extern template class GmuLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kGmuLayer;

}  // namespace ssmz::model
