// SPDX-License-Identifier: Apache-2.0
// B'MOJO: one softmax over the last tokens, over older ones kept because they were hard to predict, and over
// a fading memory's outputs (arXiv 2407.06324; LAYERS.md 8).
#pragma once

#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/layers/s6_layer.hpp"
#include "model/zoo/row_attention.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct BmojoShape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16; also of queries, keys and values.
  std::size_t heads;   ///< H, divides d.
  std::size_t window;  ///< w: tokens seen verbatim, the present one included.
  std::size_t kept;    ///< M rows of the store, at least 1.
  std::size_t states;  ///< N of the fading memory, an S6 layer of inner width d.
};

/// f = S6(u); q, k, v = silu(conv4(u W_in)); fading k, v = f W_fade. y = softmax over the window's rows, the
/// fading rows of distance w to 2 w - 1 and the store's; out = y W_out + f: the SSM trains through f itself,
/// since rows older than the chunk are constants. A token that leaves the window enters the store in place of
/// its least score if its surprise, in whole 1/16 bit, is greater; each entry ages all scores by 0.999. The
/// selection and all stored rows are constants for the gradient (also those of tokens of the same chunk,
/// which there are if the chunk is longer than the window); the rest is exact. Both forms run the same code
/// and copy the rows they see: cost (3 w + M) 2 d moves per token.
template <class Real>
class BmojoLayer final : public Layer<Real> {
 public:
  explicit BmojoLayer(const BmojoShape& shape);

  void declare(ParameterList& list) const override { list.append("", list_); }
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void reset(Real* state) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  using S = std::size_t;
  /// Pieces of the state. Past rows run from old to new.
  template <class Number>
  struct State {
    Number *filled, *score, *surprise, *store_k, *store_v, *past_k, *past_v, *fade_k, *fade_v, *tail, *ssm;
    S total;
  };
  /// First rows of the groups among all rows: store, entered in this chunk, past, chunk, fading past, fading
  /// chunk.
  struct Groups {
    S entered, past, chunk, fade_past, fade_chunk, rows;
  };
  struct Tape {
    typename InputMap<Real>::Tape in;
    Real *keys, *values;    ///< [rows x d]
    Real *f, *fade, *y;     ///< [T x d], [T x 2 d], [T x d]
    Real* scores;           ///< [H x T x round_up16(rows)]
    Real *first, *last;     ///< [rows]: chunk tokens between which a store row is seen
    Real *score, *slot;     ///< [M]: while the chunk runs
    Real *surprise, *line;  ///< [w + T], [rows]
    Real* ssm;              ///< The S6 layer's tape.
  };
  template <class Number>
  State<Number> cut(Number* state) const;
  [[nodiscard]] Groups groups(S length) const;
  Tape carve(Carver<Real>& carver, S length, S ssm) const;
  void gather(const State<const Real>& start, S length, const Tape& tape) const;
  void select(const State<const Real>& start, S length, const Tape& tape) const;
  void fill_bias(const Real* p, S head, S length, Real filled, const Tape& tape, Real* bias) const;
  void bias_backward(S head, S length, Real filled, const Tape& tape, const Real* dscores,
                     Real* gradient) const;
  void run(const KernelTable<Real>& kernels, const Real* p, S length, const Real* surprise,
           const State<const Real>& start, Real* end, const Real* u, Real* out, const Tape& tape) const;
  void save(const State<Real>& end, Real filled, S length, const Tape& tape) const;
  /// Calls use(row, place in the bias table) for each row the token sees.
  template <class Use>
  void for_seen(S t, S length, Real filled, const Tape& tape, Use use) const;
  RowHead<Real> row_head(S head, S length, const Tape& tape) const;

  BmojoShape shape_;
  ParameterList list_;
  S6Layer<Real> ssm_;
  LayerSizes ssm_one_;
  S ssm_parameters_, fade_, bias_, out_;
  InputMap<Real> in_;
};

extern template class BmojoLayer<float>;
extern template class BmojoLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kBmojoLayer;

}  // namespace ssmz::model
