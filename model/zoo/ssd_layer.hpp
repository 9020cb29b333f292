// SPDX-License-Identifier: Apache-2.0
// Mamba-2: state-space duality, one decay per head and a matrix memory (arXiv 2405.21060; LAYERS.md 3).
#pragma once

#include <vector>

#include "model/layers/layer_kind.hpp"
#include "model/zoo/linear_attention.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct SsdShape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;   ///< H; the inner width E is H values.
  std::size_t values;  ///< Head width P, a multiple of 16.
  std::size_t states;  ///< Key width N, shared by the heads, a multiple of 16.
  std::vector<float>
      half_lives;  ///< Initial half-lives in tokens, head by head, repeated; empty: the reference's draw.
  bool mimetic = false;  ///< Queries start like keys (LAYERS.md 14).
};

/// (x, B, C, z, r) = u W_in; x, B, C <- silu(conv4); step = softplus(r + b); a = exp(-exp(A_log) step);
/// S <- a S + B (step x)^T per head; y = S^T C + skip x; out = RMSNorm(y silu(z)) W_out.
template <class Real>
class SsdLayer final : public Layer<Real> {
 public:
  explicit SsdLayer(SsdShape shape);

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
  void tie_queries(Real* parameters) const;
  struct Offsets {
    std::size_t in, conv_weight, conv_bias, decay_log, step_bias, skip, norm, out;
  };
  /// Per token; x, B, C after the convolution side by side in `conv`.
  struct Tape {
    Real* in;        ///< [in_width]: x, B, C inputs, z, r
    Real* pre;       ///< [conv_width]
    Real* conv;      ///< [conv_width]
    Real* step_pre;  ///< [H]: r + b
    Real* step;      ///< [H]
    Real* decay;     ///< [H]
    Real* v;         ///< [E]: step x
    Real* y;         ///< [E]
    Real* gated;     ///< [E]
    Real* scale;     ///< [1]
    Real* normed;    ///< [E]
    Real* qk;        ///< [T x T], shared by the heads (chunk form only, as the next)
    Real* heads;     ///< head_tape elements a head
  };
  struct Head {
    HeadChunk<Real> chunk;
    HeadTape<Real> tape;
  };
  struct Gradients {
    Real *in, *conv, *v, *y, *gated, *normed, *step, *log_decay, *qk, *head_qk, *between, *since, *scratch;
  };
  Tape carve(Carver<Real>& carver, std::size_t length, bool chunk) const;
  Gradients carve_gradients(Carver<Real>& carver, std::size_t length) const;
  Head carve_head(const Tape& tape, const Real* start, std::size_t length, std::size_t head) const;
  [[nodiscard]] std::size_t head_tape(std::size_t length) const;
  [[nodiscard]] std::size_t memory_size() const noexcept { return shape_.states * width_; }
  Convolution<Real> convolution(const Real* parameters, const Tape& tape, const Real* start,
                                std::size_t length) const;
  void project(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
               const Real* start, Real* end, const Real* u, const Tape& tape) const;
  void finish(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Tape& tape,
              Real* out) const;
  void finish_backward(const ChunkContext<Real>& context, const Real* parameters, const Tape& tape,
                       const Real* dout, const Gradients& to, Real* gradient) const;
  void heads_backward(const ChunkContext<Real>& context, const Real* start, const Tape& tape,
                      const Gradients& to) const;
  void steps_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
                      const Tape& tape, const Gradients& to, Real* gradient) const;

  SsdShape shape_;
  std::size_t width_;       ///< E
  std::size_t conv_width_;  ///< E + 2N
  std::size_t in_width_;
  Offsets at_{};
};

extern template class SsdLayer<float>;
extern template class SsdLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kSsdLayer;

}  // namespace ssmz::model
