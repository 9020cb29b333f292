// SPDX-License-Identifier: Apache-2.0
// Mixture-of-Memories: several delta-rule memories, of which each token writes and reads the two its router
// picks (arXiv 2502.13685; LAYERS.md 10).
#pragma once

#include "model/layers/chunk_form_layer.hpp"
#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct MomShape {
  std::size_t d;                  ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;              ///< H.
  std::size_t keys;               ///< Key width per head, a multiple of 16.
  std::size_t values;             ///< Value width per head, a multiple of 16.
  std::size_t memories;           ///< M routed ones, at least 2; one more is always active.
  std::vector<float> half_lives;  ///< Initial half-lives in tokens, head by head, repeated.
};

/// (q, k, v, z, l, b, a) = u W_in; q, k, v <- silu(conv4), q, k <- length 1, q / sqrt(keys). The two greatest
/// of the M logits l (the lower index if equal) and the shared memory take a Gated DeltaNet step: S <- alpha
/// S; S <- S + k (beta (v - S^T k))^T; the others stay as they are. o = sum of share S^T q (shares: softmax
/// of the two; 1 for the shared one) + skip v; out = (RMSNorm_head(o) o silu(z)) W_out. One k, v projection
/// serves all memories (the reference's single_kv_proj), the convolution runs over the whole stream, and
/// there is no load-balance loss. The gradient goes through the shares and the active memories; the choice is
/// a constant. Both forms go token by token, so they agree to the bit.
template <class Real>
class MomLayer final : public ChunkFormLayer<MomLayer<Real>, Real> {
 public:
  explicit MomLayer(const MomShape& shape);

  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  friend ChunkFormLayer<MomLayer<Real>, Real>;
  using ChunkFormLayer<MomLayer<Real>, Real>::list_;
  using S = std::size_t;
  static constexpr S kActive = 3;  ///< Two routed, then the shared one.
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename OutputMap<Real>::Tape out;
    Real *q, *k, *q_scale, *k_scale;  ///< [H keys], [H]
    Real *beta, *step_pre, *alpha;    ///< [gates]: of each memory and head
    Real *chosen, *share;             ///< [kActive]: memory numbers and their shares
    Real *before, *error, *read;      ///< [kActive H]: S before the token, beta (v - S^T k), S^T q
    Real *o, *now;                    ///< [E]; all memories, in all
  };
  struct Gradients {
    Real *act, *proj, *o, *q, *k, *memory, *beta, *alpha, *rows, *scratch;
  };
  [[nodiscard]] S block() const { return shape_.keys * shape_.values; }
  [[nodiscard]] S gates() const { return (shape_.memories + 1) * shape_.heads; }
  Tape carve(Carver<Real>& carver, S length) const;
  Gradients carve_gradients(Carver<Real>& carver, S length) const;
  void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start, Real* end,
           const Real* u, Real* out, const Tape& tape) const;
  void prepare_tokens(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                      const Tape& tape) const;
  void route(const KernelTable<Real>& kernels, S t, const Tape& tape) const;
  void remember(const KernelTable<Real>& kernels, S t, S slot, S head, const Tape& tape) const;
  void remember_backward(const KernelTable<Real>& kernels, S t, S slot, S head, const Tape& tape,
                         const Gradients& g) const;
  void token_backward(const KernelTable<Real>& kernels, const Real* p, S t, const Tape& tape,
                      const Gradients& g, Real* gradient) const;
  void gates_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                      const Tape& tape, const Gradients& g, Real* gradient) const;

  MomShape shape_;
  S e_, keys_, mixed_;  ///< H values, H keys, both keys and the values
  InputMap<Real> in_;
  OutputMap<Real> out_;
  S decay_log_, step_bias_, skip_;
};

extern template class MomLayer<float>;
extern template class MomLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kMomLayer;

}  // namespace ssmz::model
