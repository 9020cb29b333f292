// SPDX-License-Identifier: Apache-2.0
// Sliding-window attention over a ring of the last tokens (Samba, arXiv 2406.07522; LAYERS.md 7a).
#pragma once

#include "model/layers/layer_kind.hpp"
#include "model/zoo/window_attention.hpp"

namespace ssmz::model {

/// Sizes of the layer.
struct SwaShape {
  std::size_t d;       ///< Width of the residual stream, a multiple of 16; also of queries, keys and values.
  std::size_t heads;   ///< H, divides d.
  std::size_t window;  ///< Tokens seen, the present one included.
};

/// (q, k, v) = silu(conv4(u W_in)); y = softmax over the window of (q.k / sqrt(d/H) + bias[head][distance])
/// of v; out = y W_out. Biases per distance start as ALiBi slopes (one head flat): exact however long the
/// stream is, unlike rotary phases. Keys and values stay as they were made; only the chunk's own get
/// gradients.
template <class Real>
class SwaLayer final : public Layer<Real> {
 public:
  explicit SwaLayer(const SwaShape& shape);

  void declare(ParameterList& list) const override;
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  struct Offsets {
    std::size_t in, conv, bias, out;
  };
  /// The state: how many slots are filled, the slot of the newest token, rings of keys and of values [window
  /// x d], and the convolution's tail [3 x 3d].
  struct State {
    std::size_t filled, newest, keys, values, tail, total;
  };
  struct Tape {
    Real* in;             ///< [T x 3d]
    Real* pre;            ///< [T x 3d]
    Real* conv;           ///< [T x 3d]: q, k, v
    Real* keys;           ///< [(window + T) x d]: the ring unrolled, then the chunk
    Real* values;         ///< alike
    Real* probabilities;  ///< [H x T x window_row]
    Real* y;              ///< [T x d]
  };
  [[nodiscard]] State layout() const noexcept;
  Tape carve(Carver<Real>& carver, std::size_t length) const;
  Convolution<Real> convolution(const Real* parameters, const Tape& tape, const Real* start,
                                std::size_t length) const;
  WindowHead<Real> head(const Real* parameters, const Tape& tape, std::size_t past, std::size_t length,
                        std::size_t h) const;
  void unroll(const Real* start, std::size_t past, std::size_t length, const Tape& tape) const;
  void push(Real* state, const Real* k, const Real* v) const;

  SwaShape shape_;
  std::size_t width_;  ///< Of a head.
  Offsets at_{};
};

extern template class SwaLayer<float>;
extern template class SwaLayer<double>;

/// Its row in the catalogues.
extern const LayerKind kSwaLayer;

}  // namespace ssmz::model
