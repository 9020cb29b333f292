// SPDX-License-Identifier: Apache-2.0
// Mixture-of-experts feed-forward layer.
#include "model/zoo/moe_layer.hpp"

#include <string>

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
MoeLayer<Real>::MoeLayer(std::size_t d, std::size_t hidden, std::size_t experts)
    : d_(d), hidden_(hidden), experts_(experts) {
  router_ = list_.add_map("router", d, kMostExperts);
  for (std::size_t i = 0; i < experts; ++i) {
    in_.push_back(list_.add_map("in" + std::to_string(i), d, 2 * hidden));
    out_.push_back(list_.add_map("out" + std::to_string(i), hidden, d));
  }
}

template <class Real>
typename MoeLayer<Real>::Tape MoeLayer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.scores = carver.take(length * kMostExperts);
  tape.chosen = carver.take(length);
  tape.pair = carver.take(length * 2 * hidden_);
  tape.gated = carver.take(length * hidden_);
  tape.raw = carver.take(length * d_);
  return tape;
}

template <class Real>
LayerSizes MoeLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.chunk_scratch = length * kMostExperts + d_ + 3 * hidden_;
  return sizes;
}

template <class Real>
void MoeLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  for (std::size_t i = 0; i < d_; ++i) {
    draw_linear(random, d_, 1.0f, parameters + router_ + i * kMostExperts, experts_);
  }
  for (std::size_t i = 0; i < experts_; ++i) {
    draw_linear(random, d_, 1.0f, parameters + in_[i], d_ * 2 * hidden_);
    draw_linear(random, hidden_, residual_scale, parameters + out_[i], hidden_ * d_);
  }
}

template <class Real>
void MoeLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real*,
                         Real*, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  apply_map(kernels, u, d_, p + router_, tape.scores, kMostExperts, length, kMostExperts, d_);
  for (std::size_t t = 0; t < length; ++t) {
    Real* scores = tape.scores + t * kMostExperts;
    kernels.math.softmax(scores, experts_);
    const auto e = static_cast<std::size_t>(std::max_element(scores, scores + experts_) - scores);
    Real *pair = tape.pair + t * 2 * hidden_, *gated = tape.gated + t * hidden_, *raw = tape.raw + t * d_;
    tape.chosen[t] = static_cast<Real>(e);
    apply_map(kernels, u + t * d_, d_, p + in_[e], pair, 2 * hidden_, 1, 2 * hidden_, d_);
    kernels.math.gate(pair, pair + hidden_, gated, hidden_);
    apply_map(kernels, gated, hidden_, p + out_[e], raw, d_, 1, d_, hidden_);
    for (std::size_t i = 0; i < d_; ++i) out[t * d_ + i] = scores[e] * raw[i];
  }
}

template <class Real>
void MoeLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real*, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dscores = scratch.take(length * kMostExperts), *draw = scratch.take(d_);
  Real *dgated = scratch.take(hidden_), *dpair = scratch.take(2 * hidden_);
  std::fill_n(dscores, length * kMostExperts, Real{0});
  for (std::size_t t = 0; t < length; ++t) {
    const Real *scores = tape.scores + t * kMostExperts, *dy = dout + t * d_;
    const Real *pair = tape.pair + t * 2 * hidden_, *gated = tape.gated + t * hidden_;
    const auto e = static_cast<std::size_t>(tape.chosen[t]);
    const Real through = linear.dot(dy, tape.raw + t * d_, d_) * scores[e];
    for (std::size_t i = 0; i < experts_; ++i)
      dscores[t * kMostExperts + i] = through * ((i == e ? Real{1} : Real{0}) - scores[i]);
    for (std::size_t i = 0; i < d_; ++i) draw[i] = scores[e] * dy[i];
    linear.gemm_tn(gated, hidden_, draw, d_, gradient + out_[e], d_, hidden_, d_, 1, true);
    linear.gemm_nt(draw, d_, p + out_[e], d_, dgated, hidden_, 1, hidden_, d_, false);
    kernels.math.gate_backward(pair, pair + hidden_, dgated, dpair, dpair + hidden_, hidden_);
    linear.gemm_tn(u + t * d_, d_, dpair, 2 * hidden_, gradient + in_[e], 2 * hidden_, d_, 2 * hidden_, 1,
                   true);
    linear.gemm_nt(dpair, 2 * hidden_, p + in_[e], 2 * hidden_, du + t * d_, d_, 1, d_, 2 * hidden_, false);
  }
  linear.gemm_tn(u, d_, dscores, kMostExperts, gradient + router_, kMostExperts, d_, kMostExperts, length,
                 true);
  linear.gemm_nt(dscores, kMostExperts, p + router_, kMostExperts, du, d_, length, d_, kMostExperts, true);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_moe(LayerOptions& options, const LayerPlace& place) {
  const std::size_t hidden = options.take_width("", place.d, 16, 8192);
  return std::make_unique<MoeLayer<Real>>(place.d, hidden, options.take_size("m", 4, 2, 16));
}

}  // namespace

const LayerKind kMoeLayer = {"moe",
                             "mixture of SwiGLU experts of which a router takes one: m experts (4), a bare "
                             "number is the hidden width of each (d)",
                             make_moe<float>, make_moe<double>};

template class MoeLayer<float>;
template class MoeLayer<double>;

}  // namespace ssmz::model
