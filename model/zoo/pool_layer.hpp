// SPDX-License-Identifier: Apache-2.0
// MemMamba's summary pool: important tokens leave short summaries that later tokens attend to, in the same
// layer and in layers above (arXiv 2510.03279; LAYERS.md 9).
#pragma once

#include <vector>

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/summary_pool.hpp"

namespace ssmz::model {

/// Elements behind a summary in a record of Offer::summaries; the first is 1 if the summary was let in.
inline constexpr std::size_t kPoolFlags = 16;

/// Sizes and switches of the layer.
struct PoolShape {
  std::size_t d;        ///< Width of the residual stream, a multiple of 16.
  std::size_t summary;  ///< Width of a summary, a multiple of 16.
  std::size_t rows;     ///< Summaries kept; the newest displaces the oldest.
  float bits;  ///< 0: a learned score of at least 1/2 lets a token in; else a surprise of as many bits.
  bool share = false;     ///< Offer the summaries to layers above instead of the read-out.
  std::size_t below = 0;  ///< Pools below whose summaries are read too, so many records in the memory.
};

/// (q, s, z, h) = u W_in, q and s through silu(conv4). Importance I = sigmoid(w2 . silu(h) + b), or 1 if the
/// surprise decides. c = softmax attention of q to the pool and a row of zeros (which an empty pool leaves
/// alone); then, if the token is let in, I s enters the pool. Cross-layer read: the layer keeps a pool of the
/// summaries of each sharing pool below as well, and c is the sum of the same attention to all of them. out =
/// (c o silu(z)) W_out. Offered as memory: the read-out c, or (share) this token's record and those of the
/// pools below. The gradient goes through the reads and through I s of rows written in the same chunk, to the
/// layers below too; letting in is a constant, rows of earlier chunks too. Both forms run the same code.
template <class Real>
class PoolLayer final : public ChunkFormLayer<PoolLayer<Real>, Real> {
 public:
  explicit PoolLayer(const PoolShape& shape);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<PoolLayer<Real>, Real>;
  using ChunkFormLayer<PoolLayer<Real>, Real>::list_;
  using S = std::size_t;
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename OutputMap<Real>::Tape out;
    Real *hidden, *importance, *read;                     ///< [hidden], [1], [summary]: c
    std::vector<typename SummaryPool<Real>::Tape> pools;  ///< Its own, then those below.
  };
  [[nodiscard]] S record() const { return shape_.summary + kPoolFlags; }
  [[nodiscard]] S offered() const { return (1 + shape_.below) * record(); }
  /// Where the convolution's tail is in the state, behind all pools.
  [[nodiscard]] S tail() const { return (1 + shape_.below) * pool_.state(); }
  Tape carve(Carver<Real>& carver, S length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;
  void write(const ChunkContext<Real>& context, const Real* p, const Tape& tape) const;
  void take_below(const ChunkContext<Real>& context, const Tape& tape) const;
  void offer(const ChunkContext<Real>& context, const Tape& tape) const;
  void read_backward(const ChunkContext<Real>& context, const Tape& tape, const Real* dread, Real* dact,
                     Real* dsummary, Carver<Real> scratch) const;
  void write_backward(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape,
                      const Real* dsummary, Real* dact, Real* dproj, Real* gradient) const;

  PoolShape shape_;
  S hidden_;
  SummaryPool<Real> pool_;  ///< All pools are of one shape.
  InputMap<Real> in_;
  OutputMap<Real> out_;
  S score_, score_bias_;
};

extern template class PoolLayer<float>;
extern template class PoolLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kPoolLayer;

}  // namespace ssmz::model
