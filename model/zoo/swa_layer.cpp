// SPDX-License-Identifier: Apache-2.0
// Sliding-window attention layer.
#include "model/zoo/swa_layer.hpp"

#include <cmath>

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
SwaLayer<Real>::SwaLayer(const SwaShape& shape) : shape_(shape), width_(shape.d / shape.heads) {
  ParameterList list;
  declare(list);
  const auto& specs = list.specs();
  at_ = {specs[0].offset, specs[1].offset, specs[2].offset, specs[3].offset};
}

template <class Real>
void SwaLayer<Real>::declare(ParameterList& list) const {
  list.add_map("in", shape_.d, 3 * shape_.d);
  list.add("conv", {4, 3 * shape_.d});
  list.add("bias", {shape_.heads, shape_.window});
  list.add_map("out", shape_.d, shape_.d);
}

template <class Real>
typename SwaLayer<Real>::State SwaLayer<Real>::layout() const noexcept {
  const std::size_t ring = shape_.window * shape_.d;
  return {0, 1, 16, 16 + ring, 16 + 2 * ring, 16 + 2 * ring + 9 * shape_.d};
}

template <class Real>
typename SwaLayer<Real>::Tape SwaLayer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  const std::size_t d = shape_.d, rows = shape_.window + length;
  Tape tape;
  for (Real** piece : {&tape.in, &tape.pre, &tape.conv}) *piece = carver.take(length * 3 * d);
  tape.keys = carver.take(rows * d);
  tape.values = carver.take(rows * d);
  tape.probabilities = carver.take(shape_.heads * length * window_row(shape_.window, length));
  tape.y = carver.take(length * d);
  return tape;
}

template <class Real>
LayerSizes SwaLayer<Real>::sizes(std::size_t length) const {
  const std::size_t d = shape_.d;
  LayerSizes sizes;
  sizes.state = layout().total;
  sizes.step_scratch = 10 * d + 2 * round_up16(shape_.window);
  sizes.tape = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, length); });
  sizes.chunk_scratch = 7 * length * d + length * window_row(shape_.window, length);
  return sizes;
}

template <class Real>
void SwaLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const std::size_t d = shape_.d;
  draw_linear(random, d, 1.0f, parameters + at_.in, d * 3 * d);
  draw_linear(random, 4, 1.0f, parameters + at_.conv, 4 * 3 * d);
  float slope = 0.5f;
  for (std::size_t h = 0; h < shape_.heads; ++h, slope *= 0.25f) {
    const bool flat = h + 1 == shape_.heads;
    for (std::size_t j = 0; j < shape_.window; ++j) {
      parameters[at_.bias + h * shape_.window + j] = flat ? Real{0} : Real{-slope} * static_cast<Real>(j);
    }
  }
  draw_linear(random, d, residual_scale, parameters + at_.out, d * d);
}

template <class Real>
Convolution<Real> SwaLayer<Real>::convolution(const Real* parameters, const Tape& tape, const Real* start,
                                              std::size_t length) const {
  const std::size_t width = 3 * shape_.d;
  return {length, width, tape.in, width, start + layout().tail, parameters + at_.conv, nullptr};
}

/// Puts a key and a value into the ring.
template <class Real>
void SwaLayer<Real>::push(Real* state, const Real* k, const Real* v) const {
  const State at = layout();
  const auto filled = static_cast<std::size_t>(state[at.filled]);
  const auto newest = static_cast<std::size_t>(state[at.newest]);
  const std::size_t slot = filled == 0 ? 0 : (newest + 1) % shape_.window;
  std::copy_n(k, shape_.d, state + at.keys + slot * shape_.d);
  std::copy_n(v, shape_.d, state + at.values + slot * shape_.d);
  state[at.newest] = static_cast<Real>(slot);
  state[at.filled] = static_cast<Real>(std::min(filled + 1, shape_.window));
}

template <class Real>
void SwaLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                          const Real* u, Real* out) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t d = shape_.d, window = shape_.window;
  const State at = layout();
  const Real* p = weights.parameters;
  const Real scale = Real{1} / std::sqrt(static_cast<Real>(width_));
  Carver<Real> carver(context.scratch);
  Tape tape{};
  for (Real** piece : {&tape.in, &tape.pre, &tape.conv}) *piece = carver.take(3 * d);
  tape.y = carver.take(d);
  Real* scores = carver.take(window);
  apply_map(kernels, u, d, p + at_.in, tape.in, 3 * d, 1, 3 * d, d);
  kernels.block.convolve(convolution(p, tape, state, 1), tape.pre, tape.conv, state + at.tail);
  push(state, tape.conv + d, tape.conv + 2 * d);
  const auto filled = static_cast<std::size_t>(state[at.filled]);
  const auto newest = static_cast<std::size_t>(state[at.newest]);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    const std::size_t column = h * width_;
    const Real* bias = p + at_.bias + h * window;
    kernels.linear.matvec(state + at.keys + column, d, filled, width_, tape.conv + column, scores, false);
    for (std::size_t slot = 0; slot < filled; ++slot) {  // slots up to the newest hold the later tokens
      const std::size_t distance = slot <= newest ? newest - slot : newest + window - slot;
      scores[slot] = scores[slot] * scale + bias[distance];
    }
    kernels.math.softmax(scores, filled);
    kernels.linear.matvec_t(state + at.values + column, d, filled, width_, scores, tape.y + column, false);
  }
  apply_map(kernels, tape.y, d, p + at_.out, out, d, 1, d, d);
}

/// The ring's tokens in order, oldest first, then the chunk's.
template <class Real>
void SwaLayer<Real>::unroll(const Real* start, std::size_t past, std::size_t length, const Tape& tape) const {
  const std::size_t d = shape_.d, window = shape_.window;
  const State at = layout();
  const auto newest = static_cast<std::size_t>(start[at.newest]);
  for (std::size_t j = 0; j < past; ++j) {
    const std::size_t slot = (newest + window + 1 + j - past) % window;
    std::copy_n(start + at.keys + slot * d, d, tape.keys + j * d);
    std::copy_n(start + at.values + slot * d, d, tape.values + j * d);
  }
  for (std::size_t t = 0; t < length; ++t) {
    const Real* conv = tape.conv + t * 3 * d;
    std::copy_n(conv + d, d, tape.keys + (past + t) * d);
    std::copy_n(conv + 2 * d, d, tape.values + (past + t) * d);
  }
}

template <class Real>
WindowHead<Real> SwaLayer<Real>::head(const Real* parameters, const Tape& tape, std::size_t past,
                                      std::size_t length, std::size_t h) const {
  const std::size_t column = h * width_;
  return {length,
          past,
          shape_.window,
          width_,
          tape.conv + column,
          3 * shape_.d,
          tape.keys + column,
          tape.values + column,
          shape_.d,
          parameters + at_.bias + h * shape_.window};
}

template <class Real>
void SwaLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t d = shape_.d, length = context.length;
  const State at = layout();
  const Real* p = weights.parameters;
  const auto past = static_cast<std::size_t>(start[at.filled]);
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, length);
  apply_map(kernels, u, d, p + at_.in, tape.in, 3 * d, length, 3 * d, d);
  kernels.block.convolve(convolution(p, tape, start, length), tape.pre, tape.conv,
                         end == nullptr ? nullptr : end + at.tail);
  unroll(start, past, length, tape);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    attend_window(kernels, head(p, tape, past, length, h),
                  tape.probabilities + h * length * window_row(past, length), tape.y + h * width_, d);
  }
  apply_map(kernels, tape.y, d, p + at_.out, out, d, length, d, d);
  if (end == nullptr) return;
  std::copy_n(start, at.tail, end);
  for (std::size_t t = 0; t < length; ++t)
    push(end, tape.conv + t * 3 * d + d, tape.conv + t * 3 * d + 2 * d);
}

template <class Real>
void SwaLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t d = shape_.d, length = context.length;
  const Real* p = weights.parameters;
  const auto past = static_cast<std::size_t>(start[layout().filled]);
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real* dy = scratch.take(length * d);
  Real* dconv = scratch.take(length * 3 * d);
  Real* din = scratch.take(length * 3 * d);
  Real* rows = scratch.take(length * window_row(past, length));
  linear.gemm_tn(tape.y, d, dout, d, gradient + at_.out, d, d, d, length, true);
  linear.gemm_nt(dout, d, p + at_.out, d, dy, d, length, d, d, false);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    Real* dq = dconv + h * width_;
    attend_window_backward(kernels, head(p, tape, past, length, h),
                           tape.probabilities + h * length * window_row(past, length), dy + h * width_, d,
                           {dq, dq + d, dq + 2 * d, 3 * d, gradient + at_.bias + h * shape_.window, rows});
  }
  kernels.block.convolve_backward(convolution(p, tape, start, length), tape.pre, dconv, din, 3 * d,
                                  gradient + at_.conv, nullptr);
  linear.gemm_tn(u, d, din, 3 * d, gradient + at_.in, 3 * d, d, 3 * d, length, true);
  linear.gemm_nt(din, 3 * d, p + at_.in, 3 * d, du, d, length, d, 3 * d, false);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_swa(LayerOptions& options, const LayerPlace& place) {
  SwaShape shape;
  shape.d = place.d;
  shape.heads = options.take_heads(place.d);
  shape.window = options.take_size("w", 128, 1, 4096);
  return std::make_unique<SwaLayer<Real>>(shape);
}

}  // namespace

const LayerKind kSwaLayer = {"swa", "sliding-window attention: w tokens seen (128), h heads (4)",
                             make_swa<float>, make_swa<double>};

template class SwaLayer<float>;
template class SwaLayer<double>;

}  // namespace ssmz::model
