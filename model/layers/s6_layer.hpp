// SPDX-License-Identifier: Apache-2.0
// Selective scan layer, complete Mamba block (Gu and Dao, arXiv 2312.00752; LAYERS.md 2).
#pragma once

#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct S6Shape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16.
  std::size_t width;   ///< Inner width E, a multiple of 16.
  std::size_t states;  ///< States per channel N, 1 to 64.
  std::size_t rank;    ///< Rank R of the step-size map.
  /// Polarised decay (LAYERS.md 13): the last but one state nearly never fades, the last holds one token
  /// only.
  bool polarised = false;
  /// Mimetic start (LAYERS.md 14): half of the states fade slowly, and read with the map they write with.
  bool mimetic = false;
  /// Half-lives in tokens of the slowest state, one per group of channels; empty: as the step sizes fall.
  std::vector<float> half_lives;
};

/// (x', z) = u W_in; x = silu(conv4(x')); (B, C, r) = x W_x; delta = softplus(r W_dt + b_dt); y = scan; out =
/// (y silu(z)) W_out. Matrices are stored input-major ([in x out]), so that forward products have outputs as
/// lanes.
template <class Real>
class S6Layer final : public Layer<Real> {
 public:
  explicit S6Layer(const S6Shape& shape);

  void declare(ParameterList& list) const override;
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void step_batch(const BatchContext<Real>& context, const LayerWeights<Real>& weights,
                  const Real* const* starts, Real* const* ends, const Real* u, Real* out) const override;
  [[nodiscard]] std::size_t batch_scratch(std::size_t count) const override {
    Carver<Real> carver(nullptr);
    carve(carver, count);
    return carver.used();
  }
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  struct Offsets {
    std::size_t in, conv_weight, conv_bias, mix, step_weight, step_bias, decay_log, skip, out;
  };
  /// What forward keeps; rows are tokens.
  struct Tape {
    Real* xz;        ///< [2E]: x' and z
    Real* pre;       ///< [E]: convolution before silu
    Real* x;         ///< [E]
    Real* mix;       ///< [mix_stride]: B, C, r, zeros
    Real* step_pre;  ///< [E]: r W_dt + b_dt
    Real* delta;     ///< [E]
    Real* y;         ///< [E]: scan output
    Real* gated;     ///< [E]: y silu(z)
  };
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  [[nodiscard]] std::size_t learned_states() const { return shape_.states - (shape_.polarised ? 2 : 0); }
  void draw_decays(Real* parameters) const;
  void draw_mimetic(Real* parameters) const;
  /// A run of tokens of one stream: where it starts from, and where its state goes (or nullptr).
  struct Run {
    std::size_t length;
    const Real* start;
    Real* end;
  };
  /// Runs stand one behind the other in u and out; products read the weights once for all of them.
  void run(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, const Run* runs,
           std::size_t run_count, const Real* u, Real* out, Real* tape, Real* memory_out) const;
  [[nodiscard]] Tape from_row(const Tape& tape, std::size_t row) const;
  Convolution<Real> convolution(const Real* parameters, const Tape& tape, const Real* start,
                                std::size_t length) const;
  SelectiveScan<Real> scan(const LayerWeights<Real>& weights, const Tape& tape, const Real* start,
                           std::size_t length) const;

  S6Shape shape_;
  std::size_t mix_stride_;  ///< 2N + R rounded up to 16
  Offsets at_{};
};

extern template class S6Layer<float>;
extern template class S6Layer<double>;

/// Its row in the catalogues.
extern const LayerKind kS6Layer;

}  // namespace ssmz::model
