// SPDX-License-Identifier: Apache-2.0
// Attention of some tokens to some rows: Taipan's budget (arXiv 2410.18572), SeqBoat's switch behind a
// state-space model (2306.11197) and HAX's hashed rows (2507.00449); LAYERS.md 12 and 22.
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/row_attention.hpp"
#include "model/zoo/s4d_bank.hpp"

namespace ssmz::model {

/// Who attends, and to what.
enum class Selection : std::uint8_t {
  budget,  ///< Tokens whose score reaches a running threshold, to the newest such tokens.
  sparse,  ///< Tokens whose score, read from a bank of fixed decays, is positive, to the newest such tokens.
  hashed,  ///< All tokens, to those of the newest whose keys fall into the bucket of their own.
};

/// Sizes of the layer.
struct SelectiveShape {
  Selection selection;
  std::size_t d;            ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;        ///< Divides d.
  std::size_t rows;         ///< Rows of keys and values kept.
  float budget = 0.25f;     ///< budget: share of tokens the threshold aims at.
  std::size_t states = 16;  ///< sparse: of the bank, an even number.
  std::size_t bits = 3;     ///< hashed: buckets are 2^bits.
};

/// (q, k, v, z) = u W_in, the first three through silu(conv4). Score g = w . x + b, x the input (budget) or
/// the bank's read-out h (sparse); a = sigmoid(g). s is 1 for tokens selected: g at least tau, which moves by
/// 0.02 (s - budget) a token; g at least 0; or always, with a = 1. o = softmax attention of q to a row of
/// zeros and the newest `rows` selected tokens, itself included; hashed: to those with the signs of R k, R
/// fixed, that k has itself. out = ((h + s a o) o silu(z)) W_out, h only if sparse. The gradient goes through
/// a and through rows of the same chunk; s, buckets and rows of earlier chunks are constants. A step that is
/// not selected skips the attention.
template <class Real>
class SelectiveLayer final : public ChunkFormLayer<SelectiveLayer<Real>, Real> {
 public:
  explicit SelectiveLayer(const SelectiveShape& shape);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override {
    if (sparse()) bank_.prepare(kernels, parameters, prepared);
  }
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<SelectiveLayer<Real>, Real>;
  using ChunkFormLayer<SelectiveLayer<Real>, Real>::list_;
  using S = std::size_t;
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename S4dBank<Real>::Tape bank;
    typename OutputMap<Real>::Tape out;
    Real *h, *attended, *mixed;       ///< [d]
    Real *share, *selected, *bucket;  ///< [1]: a, s, and the bucket of k
    Real *keys, *values;              ///< [1 + rows + T, d]: zeros, the rows kept, the chunk's own
    Real *kept, *buckets;             ///< [1 + rows + T]
    Real* scores;                     ///< [heads, T, pitch]
    Real* line;                       ///< [1 + rows + T]
  };
  struct State {
    S threshold, count, buckets, keys, values, tail, bank, total;
  };
  [[nodiscard]] bool sparse() const noexcept { return shape_.selection == Selection::sparse; }
  [[nodiscard]] State layout() const noexcept;
  [[nodiscard]] S all(S length) const noexcept { return 1 + shape_.rows + length; }
  Tape carve(Carver<Real>& carver, S length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;
  void select(const KernelTable<Real>& kernels, const Real* p, S length, const Real* start, Real* end,
              const Real* u, const Tape& tape) const;
  [[nodiscard]] Real bucket_of(const KernelTable<Real>& kernels, const Real* k) const;
  void load(S length, const Real* start, const Tape& tape) const;
  void save(S length, Real* end, const Tape& tape) const;
  void see(S length, Real* scores, const Tape& tape) const;
  [[nodiscard]] RowHead<Real> head(S length, const Tape& tape, S h) const;
  void attend_backward(const KernelTable<Real>& kernels, S length, const Tape& tape, const Real* dattended,
                       Real* dact, Carver<Real> scratch) const;

  SelectiveShape shape_;
  S width_;  // of a head
  InputMap<Real> in_;
  S4dBank<Real> bank_;
  OutputMap<Real> out_;
  S score_ = 0, score_bias_ = 0;
  AlignedVector<Real> planes_;  // [bits, d]
};

extern template class SelectiveLayer<float>;
extern template class SelectiveLayer<double>;

/// Their rows in the catalogues.
extern const LayerKind kTaipanLayer, kSeqboatLayer, kHaxLayer;

}  // namespace ssmz::model
