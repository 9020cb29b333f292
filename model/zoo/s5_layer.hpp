// SPDX-License-Identifier: Apache-2.0
// S5: one bank of fixed complex decays for all channels (arXiv 2208.04933; LAYERS.md 1).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/complex_scan.hpp"

namespace ssmz::model {

/// x <- a o x + f o (u B); y = (Re x, Im x) C + skip o u, with the signs and the factor of 2 Re(C x) in C;
/// then a gated map over silu(y).
template <class Real>
class S5Layer final : public ChunkFormLayer<S5Layer<Real>, Real> {
 public:
  /// `d` is the width; `states` counts both of each conjugate pair, so is even.
  S5Layer(std::size_t d, std::size_t states, FrequencyStart start);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<S5Layer<Real>, Real>;
  using ChunkFormLayer<S5Layer<Real>, Real>::list_;
  struct Tape {
    Real* b;      ///< [2 n_]: u B
    Real* x;      ///< [2 n_]
    Real* y;      ///< [d]
    Real* minus;  ///< [n_] in all
    typename GluMap<Real>::Tape out;
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  DiscreteModes<Real> cut(Real* prepared, const Real* parameters) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;

  std::size_t d_, n_, states_;
  FrequencyStart start_;
  std::size_t log_step_, decay_log_, frequency_, b_, c_, skip_;
  GluMap<Real> out_;
};

extern template class S5Layer<float>;
extern template class S5Layer<double>;

/// Its row in the catalogues.
extern const LayerKind kS5Layer;

}  // namespace ssmz::model
