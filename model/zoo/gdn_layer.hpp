// SPDX-License-Identifier: Apache-2.0
// Gated DeltaNet: a matrix memory per head that overwrites what a key held (arXiv 2412.06464; LAYERS.md 6a).
#pragma once

#include <vector>

#include "model/layers/layer_kind.hpp"
#include "model/zoo/linear_attention.hpp"

namespace ssmz::model {

/// Sizes and switches of the layer.
struct GdnShape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;   ///< H.
  std::size_t keys;    ///< Key width per head, a multiple of 16.
  std::size_t values;  ///< Value width per head, a multiple of 16.
  std::vector<float>
      half_lives;      ///< Initial half-lives in tokens, head by head, repeated; empty: the reference's draw.
  bool direct = true;  ///< Path from the values past the memory (Dskip).
  bool longhorn = false;  ///< beta / (1 + beta |k|^2) instead of keys of length 1 (LAYERS.md 5).
  bool negative = false;  ///< beta up to 2: eigenvalues down to -1, which can count parity.
};

/// (q, k, v, g, b, a) = u W_in; q, k, v <- silu(conv4); q, k <- unit length per head, q / sqrt(keys);
/// beta = sigmoid(b); alpha = exp(-exp(A_log) softplus(a + b_dt)); S <- alpha S; S <- S + k (beta (v - S^T
/// k))^T; o = S^T q + D v; out = (RMSNorm_head(o) silu(g)) W_out.
template <class Real>
class GdnLayer final : public Layer<Real> {
 public:
  explicit GdnLayer(GdnShape shape);

  void declare(ParameterList& list) const override;
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
  struct Offsets {
    std::size_t in, conv, decay_log, step_bias, direct, norm, out;
  };
  /// Per token; q, k, v after the convolution side by side in `conv` (conv_width each).
  struct Tape {
    Real* in;        ///< [in_width]: q, k, v inputs, g, b, a
    Real* pre;       ///< [conv_width]: convolution before silu
    Real* conv;      ///< [conv_width]
    Real* q;         ///< [H keys]: normed
    Real* k;         ///< [H keys]
    Real* q_scale;   ///< [H]
    Real* k_scale;   ///< [H]: of the norm; longhorn: |k|^2
    Real* beta_raw;  ///< [H]: sigmoid(b), doubled if negative
    Real* beta;      ///< [H]: as used
    Real* step_pre;  ///< [H]: a + b_dt
    Real* alpha;     ///< [H]
    Real* o;         ///< [H values]
    Real* normed;    ///< [H values]
    Real* o_scale;   ///< [H]
    Real* gated;     ///< [H values]
    Real* heads;     ///< head_tape elements a head (chunk form only)
  };
  /// One head's part of Tape::heads.
  struct Head {
    HeadChunk<Real> chunk;  ///< v is U here
    HeadTape<Real> tape;
    Real* qk;
    Real* kk;
    Real* erase;   ///< -A [T x T]
    Real* recall;  ///< K S_start [T x values]
    Real* u;       ///< [T x values]
  };
  Tape carve(Carver<Real>& carver, std::size_t length, bool chunk) const;
  Head carve_head(const Tape& tape, const Real* start, std::size_t length, std::size_t head) const;
  [[nodiscard]] std::size_t head_tape(std::size_t length) const;
  Convolution<Real> convolution(const Real* parameters, const Tape& tape, const Real* start,
                                std::size_t length) const;

  void project(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
               const Real* start, Real* end, const Real* u, const Tape& tape) const;
  void finish(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Tape& tape,
              Real* out) const;
  void remember(const KernelTable<Real>& kernels, const Tape& tape, const Head& head, std::size_t h) const;
  struct Gradients;
  void finish_backward(const ChunkContext<Real>& context, const Real* parameters, const Tape& tape,
                       const Real* dout, const Gradients& to, Real* gradient) const;
  void remember_backward(const ChunkContext<Real>& context, const Tape& tape, const Head& head, std::size_t h,
                         const Gradients& to) const;
  void project_backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                        const Real* start, const Tape& tape, const Gradients& to, const Real* u, Real* du,
                        Real* gradient) const;
  void gates_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
                      const Tape& tape, const Gradients& to, Real* gradient) const;

  GdnShape shape_;
  std::size_t key_width_, value_width_;  ///< H keys, H values
  std::size_t conv_width_, in_width_;
  Offsets at_{};
};

extern template class GdnLayer<float>;
extern template class GdnLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kGdnLayer;

}  // namespace ssmz::model
