// SPDX-License-Identifier: Apache-2.0
// S4D: every channel runs a bank of fixed complex decays (arXiv 2206.11893; LAYERS.md 1).
#pragma once

#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/complex_scan.hpp"

namespace ssmz::model {

/// Per channel, over states / 2 modes: h <- exp(D A) h + u; y = 2 Re sum_n C_n f_n h_n + skip u, f = (exp(D
/// A) - 1) / A; then a gated map over silu(y) (the reference has GELU and a logistic gate). Modes are
/// mode-major [n x d].
template <class Real>
class S4dLayer final : public Layer<Real> {
 public:
  /// `d` is the width; `states` counts both of each conjugate pair, so is even.
  S4dLayer(std::size_t d, std::size_t states, FrequencyStart start);

  void declare(ParameterList& list) const override { list.append("", list_); }
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  struct Tape {
    Real* h;      ///< [2 n_]
    Real* y;      ///< [d]
    Real* minus;  ///< [n_] in all
    typename GluMap<Real>::Tape out;
  };
  struct Prepared {
    DiscreteModes<Real> modes;
    Real* read;  ///< 2 Re(C f), then -2 Im(C f)
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  Prepared cut(Real* prepared, const Real* parameters) const;
  void run(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
           const Real* start, Real* end, const Real* u, Real* out, Carver<Real>& carver) const;

  std::size_t d_, n_, states_;
  FrequencyStart start_;
  ParameterList list_;
  std::size_t log_step_, decay_log_, frequency_, c_, skip_;
  GluMap<Real> out_;
};

extern template class S4dLayer<float>;
extern template class S4dLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kS4dLayer;

}  // namespace ssmz::model
