// SPDX-License-Identifier: Apache-2.0
// Block-State Transformer: attention within blocks and to what a state-space model made of the block before
// (Pilault et al., arXiv 2306.09539; LAYERS.md 23).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/row_attention.hpp"
#include "model/zoo/s4d_bank.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct BlockStateShape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;   ///< Divides d.
  std::size_t block;   ///< Tokens of a block, W.
  std::size_t states;  ///< Of the bank, an even number.
};

/// (q, k, v, z) = u W_in, the first three through silu(conv4); h = bank of fixed decays of u; (k', v') = h
/// W_c. o = softmax attention of q to (k, v) of the token's own block up to itself and to (k', v') of the W
/// tokens of the block before. out = ((h + o) o silu(z)) W_out. Blocks are counted from the stream's start.
/// The gradient goes through the rows of the same chunk; those of earlier ones are constants.
template <class Real>
class BlockStateLayer final : public ChunkFormLayer<BlockStateLayer<Real>, Real> {
 public:
  explicit BlockStateLayer(const BlockStateShape& shape);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override {
    bank_.prepare(kernels, parameters, prepared);
  }
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<BlockStateLayer<Real>, Real>;
  using ChunkFormLayer<BlockStateLayer<Real>, Real>::list_;
  using S = std::size_t;
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename S4dBank<Real>::Tape bank;
    typename OutputMap<Real>::Tape out;
    Real *h, *attended, *mixed;  ///< [d]
    Real* context;               ///< [2 d]: k', v'
    Real *keys, *values;         ///< [most rows, d]
    Real* scores;                ///< [heads, T, pitch]
    Real* line;                  ///< [most rows]
  };
  /// Offsets in the state. Rows are (key, value) of a token, [2 d].
  struct State {
    S filled, earlier, before, block, own, tail, bank, total;
  };
  /// The rows of a chunk: (k', v') from the first of the block before on, then (k, v) from the block's first
  /// on.
  struct Rows {
    S filled;    ///< Tokens of the block before the chunk.
    S contexts;  ///< Rows of (k', v'); row i is of the token i - W of the block.
    S all;       ///< With `filled` + T of (k, v).
    bool any_before;
  };
  [[nodiscard]] State layout() const noexcept;
  [[nodiscard]] Rows rows(const Real* start, S length) const noexcept;
  [[nodiscard]] S most_rows(S length) const noexcept;
  Tape carve(Carver<Real>& carver, S length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;
  void load(S length, const Real* start, const Rows& rows, const Tape& tape) const;
  void save(S length, const Real* start, Real* end, const Tape& tape) const;
  void see(S length, const Rows& rows, Real* scores) const;
  [[nodiscard]] RowHead<Real> head(S length, const Rows& rows, const Tape& tape, S h) const;
  void attend_backward(const KernelTable<Real>& kernels, S length, const Rows& rows, const Tape& tape,
                       const Real* dattended, Real* dact, Real* dcontext, Carver<Real> scratch) const;

  BlockStateShape shape_;
  S width_;  // of a head
  InputMap<Real> in_;
  S4dBank<Real> bank_;
  S context_ = 0;
  OutputMap<Real> out_;
};

extern template class BlockStateLayer<float>;
extern template class BlockStateLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kBlockStateLayer;

}  // namespace ssmz::model
