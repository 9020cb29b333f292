// SPDX-License-Identifier: Apache-2.0
// Gated Memory Unit: reads again what a lower layer's memory gave (SambaY, arXiv 2507.06607; LAYERS.md 11).
#pragma once

#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// out = (m o silu(u W_in)) W_out, m the read-out of the nearest lower layer that offers one. No state.
template <class Real>
class GmuLayer final : public Layer<Real> {
 public:
  /// `d` and `memory`, the width of m, are multiples of 16; `norm` puts an RMSNorm before W_out, as for
  /// memories that are not normed themselves.
  GmuLayer(std::size_t d, std::size_t memory, bool norm);

  void declare(ParameterList& list) const override { list.append("", list_); }
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  struct Tape {
    Real* z;       ///< [memory]
    Real* gated;   ///< [memory]
    Real* normed;  ///< [memory]
    Real* scales;  ///< [1]
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  void run(const KernelTable<Real>& kernels, const Real* p, std::size_t length, const Real* memory,
           const Real* u, Real* out, Carver<Real>& carver) const;

  std::size_t d_, m_;
  bool norm_;
  ParameterList list_;
  std::size_t in_, weight_ = 0, out_;
};

extern template class GmuLayer<float>;
extern template class GmuLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kGmuLayer;

}  // namespace ssmz::model
