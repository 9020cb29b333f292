// SPDX-License-Identifier: Apache-2.0
// MemMamba's summary pool: important tokens leave short summaries that later tokens attend to (arXiv
// 2510.03279; LAYERS.md 9).
#pragma once

#include "model/layer.hpp"
#include "model/layer_parts.hpp"
#include "model/row_attention.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct PoolShape {
  std::size_t d;        ///< Width of the residual stream, a multiple of 16.
  std::size_t summary;  ///< Width of a summary, a multiple of 16.
  std::size_t rows;     ///< Summaries kept; the newest displaces the oldest.
  float bits;  ///< 0: a learned score of at least 1/2 lets a token in; else a surprise of as many bits.
};

/// (q, s, z, h) = u W_in, q and s through silu(conv4). Importance I = sigmoid(w2 . silu(h) + b), or 1 if the
/// surprise decides. c = softmax attention of q to the pool and a row of zeros (which an empty pool leaves
/// alone); then, if the token is let in, I s enters the pool. out = (c o silu(z)) W_out. The read-out c is
/// offered as memory: a gmu above is the cross-layer read. The gradient goes through the read and through I s
/// of rows written in the same chunk; letting in is a constant, rows of earlier chunks too. Both forms run
/// the same code.
template <class Real>
class PoolLayer final : public Layer<Real> {
 public:
  explicit PoolLayer(const PoolShape& shape);

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
  using S = std::size_t;
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename OutputMap<Real>::Tape out;
    Real *hidden, *importance, *read;  ///< [hidden], [1], [summary]
    Real* row;                         ///< [1 + rows + T, summary]: zeros, the pool, the chunk's own
    Real* kept;                        ///< [1 + rows + T]: 1 for rows there are
    Real *scores, *line;               ///< [T x pitch], [1 + rows + T]
  };
  [[nodiscard]] S all(S length) const { return 1 + shape_.rows + length; }
  Tape carve(Carver<Real>& carver, S length) const;
  void run(const KernelTable<Real>& kernels, const Real* p, S length, const float* surprise,
           const Real* start, Real* end, const Real* u, Real* out, const Tape& tape, Real* memory_out) const;
  void write(const KernelTable<Real>& kernels, const Real* p, S length, const float* surprise,
             const Real* start, const Tape& tape) const;
  void see(S length, const Tape& tape) const;
  void save(Real* end, S length, const Tape& tape) const;
  RowHead<Real> row_head(S length, const Tape& tape) const;
  void write_backward(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape,
                      const Real* drow, Real* dact, Real* dproj, Real* gradient) const;

  PoolShape shape_;
  S hidden_;
  ParameterList list_;
  InputMap<Real> in_;
  OutputMap<Real> out_;
  S score_, score_bias_;
};

extern template class PoolLayer<float>;
extern template class PoolLayer<double>;

}  // namespace ssmz::model
