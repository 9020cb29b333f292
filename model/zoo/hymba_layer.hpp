// SPDX-License-Identifier: Apache-2.0
// Hymba: window attention and a selective scan side by side on the same inputs (arXiv 2411.13676; LAYERS.md
// 7b).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/row_attention.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct HymbaShape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16.
  std::size_t width;   ///< E of each branch, a multiple of 16.
  std::size_t heads;   ///< H of the attention, divides E.
  std::size_t window;  ///< w: tokens seen, the present one included.
  std::size_t meta;    ///< Learned rows of keys and values that are always seen, 0 or more.
  std::size_t states;  ///< N of the scan.
  std::size_t rank;    ///< Of the step-size map.
};

/// (x, q, k, v, z) = u W_in, the first four through silu(conv4). m = scan(x) o silu(z) as in S6; a =
/// attention to the window's and the meta rows with a bias per distance; out = ((RMSNorm(a) + RMSNorm(m)) /
/// 2) W_out. The norms' weights are the learned mix. No norms on B, C and the step sizes, and as many key
/// heads as query heads, unlike the reference. Keys and values of past tokens are constants for the gradient.
template <class Real>
class HymbaLayer final : public ChunkFormLayer<HymbaLayer<Real>, Real> {
 public:
  explicit HymbaLayer(const HymbaShape& shape);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<HymbaLayer<Real>, Real>;
  using ChunkFormLayer<HymbaLayer<Real>, Real>::list_;
  using S = std::size_t;
  template <class Number>
  struct State {
    Number *filled, *scan, *past_k, *past_v, *tail;
    S total;
  };
  struct Tape {
    typename InputMap<Real>::Tape in;
    Real *x, *mix, *step_pre, *delta, *y, *gated;  ///< [E], [mix_], [E] ...: as in the S6 layer
    Real *a, *normed_a, *normed_m, *sum;           ///< [E]
    Real *scale_a, *scale_m;                       ///< [1]
    Real *keys, *values;                           ///< [meta + past + T, E]
    Real *scores, *line;                           ///< [H x T x pitch], [rows]
  };
  struct Gradients {
    Real *sum, *a, *gated, *y, *x, *delta, *mix, *decay, *act, *proj, *keys, *values, *scores, *scan;
  };
  template <class Number>
  State<Number> cut(Number* state) const;
  [[nodiscard]] S past() const { return shape_.window - 1; }
  [[nodiscard]] S rows(S length) const { return shape_.meta + past() + length; }
  Tape carve(Carver<Real>& carver, S length) const;
  Gradients carve_gradients(Carver<Real>& carver, S length) const;
  SelectiveScan<Real> scan(const LayerWeights<Real>& weights, const Tape& tape, const Real* start,
                           S length) const;
  RowHead<Real> row_head(S head, S length, const Tape& tape) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;
  void run_scan(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                const Real* start, Real* end, const Tape& tape) const;
  void run_attention(const KernelTable<Real>& kernels, const Real* p, S length, const Real* start, Real* end,
                     const Tape& tape) const;
  void scan_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                     const Real* start, const Tape& tape, const Gradients& g, Real* gradient) const;
  void attention_backward(const KernelTable<Real>& kernels, S length, Real filled, const Tape& tape,
                          const Gradients& g, Real* gradient) const;
  /// Calls use(row, place in the bias table) for each row the token sees.
  template <class Use>
  void for_seen(S t, Real filled, Use use) const {
    for (S j = 0; j < shape_.meta; ++j) use(j, shape_.window);
    for (S distance = 0; distance < shape_.window; ++distance) {
      if (static_cast<Real>(distance) > filled + static_cast<Real>(t)) break;
      use(shape_.meta + past() + t - distance, distance);
    }
  }

  HymbaShape shape_;
  S mix_;  ///< 2 N + rank, rounded up to 16
  InputMap<Real> in_;
  S mix_map_, step_map_, step_bias_, decay_log_, skip_, bias_, meta_k_ = 0, meta_v_ = 0, norm_a_, norm_m_,
                                                               out_;
};

extern template class HymbaLayer<float>;
extern template class HymbaLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kHymbaLayer;

}  // namespace ssmz::model
