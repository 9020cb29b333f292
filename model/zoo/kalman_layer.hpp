// SPDX-License-Identifier: Apache-2.0
// Gated KalmaNet: test-time ridge regression of values on keys, with forgetting (arXiv 2511.21016; LAYERS.md
// 6b).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"

namespace ssmz::model {

inline constexpr float kKalmanRidge = 0.02f;  ///< Of |G|_F: bounds the condition of the solve by 51.
inline constexpr float kKalmanLeastRidge = 1e-6f;

/// Sizes of the layer.
struct KalmanShape {
  std::size_t d;                  ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;              ///< H.
  std::size_t width;              ///< D of a head's queries, keys and values, a multiple of 16.
  std::vector<float> half_lives;  ///< Initial half-lives in tokens, head by head, repeated.
};

/// (q, k, v, z, b, a, c) = u W_in; q, k, v <- silu(conv4); q, k <- length 1; k, v <- beta k, beta v, beta =
/// sigmoid(b) + 1e-6; g = exp(-exp(A_log) softplus(a + b_dt)). G <- g G + k k^T; U <- g U + k v^T; x solves
/// (G + lambda I) x = q, lambda = max(0.02 |G|_F, 1e-6); o = U^T (q + sigmoid(c) (x - q)) / sqrt(D) + skip v;
/// out = (RMSNorm_head(o) o silu(z)) W_out. The solve is a Cholesky factorisation (exact, and its factor
/// serves the backward), the gradient is the implicit one, through lambda too: exact up to rounding. Both
/// forms go token by token, so they agree to the bit.
template <class Real>
class KalmanLayer final : public ChunkFormLayer<KalmanLayer<Real>, Real> {
 public:
  explicit KalmanLayer(const KalmanShape& shape);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<KalmanLayer<Real>, Real>;
  using ChunkFormLayer<KalmanLayer<Real>, Real>::list_;
  using S = std::size_t;
  /// Rows are tokens, E = H D.
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename OutputMap<Real>::Tape out;
    Real *q, *unit, *k, *v;               ///< [E]: q and k of length 1, k and v times beta
    Real *q_scale, *k_scale;              ///< [H]
    Real *beta, *step_pre, *decay, *mix;  ///< [H]: sigmoid(b) + 1e-6, a + b_dt, g, sigmoid(c)
    Real *x, *read, *o;                   ///< [E]: solution, q + c (x - q), result
    Real *gram, *cross, *factor;          ///< [H D D]: G, U and the Cholesky factor after the token
    Real* scratch;                        ///< [D] in all
  };
  struct Gradients {
    Real *act, *proj, *o, *q, *unit, *gram, *cross, *rows, *scratch;
    Real *beta, *decay, *mix;
  };
  Tape carve(Carver<Real>& carver, S length) const;
  Gradients carve_gradients(Carver<Real>& carver, S length) const;
  [[nodiscard]] S square() const { return shape_.heads * shape_.width * shape_.width; }
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;
  void prepare_tokens(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                      const Tape& tape) const;
  void remember(const KernelTable<Real>& kernels, const Real* p, S t, S head, const Real* start,
                const Tape& tape) const;
  void read_backward(const KernelTable<Real>& kernels, S t, S head, const Tape& tape,
                     const Gradients& g) const;
  void remember_backward(const KernelTable<Real>& kernels, S t, S head, const Real* start, const Real* p,
                         const Tape& tape, const Gradients& g, Real* gradient) const;
  void tokens_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                       const Tape& tape, const Gradients& g, Real* gradient) const;

  KalmanShape shape_;
  S e_;
  InputMap<Real> in_;
  OutputMap<Real> out_;
  S decay_log_, step_bias_, skip_;
};

extern template class KalmanLayer<float>;
extern template class KalmanLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kKalmanLayer;

}  // namespace ssmz::model
