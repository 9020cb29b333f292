// SPDX-License-Identifier: Apache-2.0
// Summary pool. State: how many rows there are [16], then the rows, the newest last, then the convolution's
// tail.
#include "model/pool_layer.hpp"

#include "model/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr std::size_t kCount = 16;  ///< Elements before the rows.

}  // namespace

template <class Real>
PoolLayer<Real>::PoolLayer(const PoolShape& shape) : shape_(shape), hidden_(round_up16(shape.d / 4)) {
  in_ = InputMap<Real>(list_, "", shape.d, 3 * shape.summary + hidden_, 2 * shape.summary);
  score_ = list_.add("score", {hidden_});
  score_bias_ = list_.add("score_bias", {1});
  out_ = OutputMap<Real>(list_, "", shape.d, 1, shape.summary, false);
}

template <class Real>
typename PoolLayer<Real>::Tape PoolLayer<Real>::carve(Carver<Real>& carver, S length) const {
  const S w = shape_.summary, rows = all(length);
  Tape t;
  t.in = in_.carve(carver, length);
  t.out = out_.carve(carver, length);
  t.hidden = carver.take(length * hidden_);
  t.importance = carver.take(length);
  t.read = carver.take(length * w);
  t.row = carver.take(rows * w);
  t.kept = carver.take(rows);
  t.scores = carver.take(length * round_up16(rows));
  t.line = carver.take(rows);
  return t;
}

template <class Real>
LayerSizes PoolLayer<Real>::sizes(std::size_t length) const {
  const S w = shape_.summary, rows = all(length);
  Carver<Real> one(nullptr), chunk(nullptr);
  carve(one, 1);
  carve(chunk, length);
  LayerSizes sizes;
  sizes.state = kCount + round_up16(shape_.rows * w) + in_.state();
  sizes.memory = w;
  sizes.step_scratch = one.used();
  sizes.tape = chunk.used();
  sizes.chunk_scratch =
      length * (in_.width() + 5 * w + round_up16(rows) + 2 * hidden_) + 2 * rows * w + 2 * hidden_ + 64;
  return sizes;
}

template <class Real>
void PoolLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  draw_linear(random, hidden_, 1.0f, parameters + score_, hidden_);
  out_.initialise(random, residual_scale, parameters);
}

/// Fills the rows: zeros, the pool, and the chunk's summaries where they are let in.
template <class Real>
void PoolLayer<Real>::write(const KernelTable<Real>& kernels, const Real* p, S length, const float* surprise,
                            const Real* start, const Tape& tape) const {
  const S w = shape_.summary;
  std::fill_n(tape.row, w, Real{0});
  std::copy_n(start + kCount, shape_.rows * w, tape.row + w);
  tape.kept[0] = Real{1};
  for (S i = 0; i < shape_.rows; ++i) {
    tape.kept[1 + i] = static_cast<Real>(shape_.rows - i) <= start[0] ? Real{1} : Real{0};
  }
  for (S t = 0; t < length; ++t) {
    const Real *h = tape.in.proj + t * in_.width() + 3 * w, *s = tape.in.act + t * 2 * w + w;
    Real *hidden = tape.hidden + t * hidden_, *importance = tape.importance + t;
    kernels.math.silu(h, hidden, hidden_);
    const Real score = kernels.linear.dot(hidden, p + score_, hidden_) + p[score_bias_];
    kernels.math.sigmoid(&score, importance, 1);
    const bool in = shape_.bits > 0.0f ? surprise[t] >= shape_.bits : score >= Real{0};
    if (shape_.bits > 0.0f) *importance = Real{1};
    const S row = 1 + shape_.rows + t;
    tape.kept[row] = in ? Real{1} : Real{0};
    for (S j = 0; j < w; ++j) tape.row[row * w + j] = *importance * s[j];
  }
}

/// Biases: a token sees the zeros and the newest `rows` of the summaries before it.
template <class Real>
void PoolLayer<Real>::see(S length, const Tape& tape) const {
  const S pitch = round_up16(all(length));
  std::fill_n(tape.scores, length * pitch, Real{kShutOut});
  for (S t = 0; t < length; ++t) {
    tape.scores[t * pitch] = Real{0};
    S seen = 0;
    for (S row = 1 + shape_.rows + t; row-- > 1 && seen < shape_.rows;) {
      if (tape.kept[row] == Real{0}) continue;
      tape.scores[t * pitch + row] = Real{0};
      ++seen;
    }
  }
}

template <class Real>
void PoolLayer<Real>::save(Real* end, S length, const Tape& tape) const {
  const S w = shape_.summary;
  S left = shape_.rows;
  for (S row = all(length); row-- > 1 && left > 0;) {
    if (tape.kept[row] == Real{0}) continue;
    --left;
    std::copy_n(tape.row + row * w, w, end + kCount + left * w);
  }
  std::fill_n(end + kCount, left * w, Real{0});
  std::fill_n(end, kCount, Real{0});
  end[0] = static_cast<Real>(shape_.rows - left);
}

template <class Real>
RowHead<Real> PoolLayer<Real>::row_head(S length, const Tape& tape) const {
  const S w = shape_.summary;
  return {length, all(length), w, tape.in.act, 2 * w, tape.row, tape.row, w};
}

template <class Real>
void PoolLayer<Real>::run(const KernelTable<Real>& kernels, const Real* p, S length, const float* surprise,
                          const Real* start, Real* end, const Real* u, Real* out, const Tape& tape,
                          Real* memory_out) const {
  const S w = shape_.summary, tail = kCount + round_up16(shape_.rows * w);
  in_.forward(kernels, p, length, start + tail, end == nullptr ? nullptr : end + tail, u, tape.in);
  write(kernels, p, length, surprise, start, tape);
  see(length, tape);
  attend_rows(kernels, row_head(length, tape), tape.scores, tape.read, w, tape.line);
  if (end != nullptr) save(end, length, tape);
  if (memory_out != nullptr) std::copy_n(tape.read, length * w, memory_out);
  out_.forward(kernels, p, length, tape.read, tape.in.proj + 2 * w, in_.width(), out, tape.out);
}

template <class Real>
void PoolLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                           const Real* u, Real* out) const {
  Carver<Real> carver(context.scratch);
  run(*context.kernels, weights.parameters, 1, &context.surprise, state, state, u, out, carve(carver, 1),
      context.memory_out);
}

template <class Real>
void PoolLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  Carver<Real> carver(memory);
  run(*context.kernels, weights.parameters, context.length, context.surprise, start, end, u, out,
      carve(carver, context.length), context.memory_out);
}

/// From the gradients of the rows the chunk wrote to those of s and h.
template <class Real>
void PoolLayer<Real>::write_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                     const Tape& tape, const Real* drow, Real* dact, Real* dproj,
                                     Real* gradient) const {
  const S w = shape_.summary;
  for (S t = 0; t < length; ++t) {
    const S row = 1 + shape_.rows + t;
    const Real *s = tape.in.act + t * 2 * w + w, *h = tape.in.proj + t * in_.width() + 3 * w;
    Real *ds = dact + t * 2 * w + w, *dh = dproj + t * in_.width() + 3 * w;
    const Real importance = tape.importance[t];
    for (S j = 0; j < w; ++j) ds[j] = importance * drow[row * w + j];
    if (shape_.bits > 0.0f) continue;
    const Real dscore = kernels.linear.dot(drow + row * w, s, w) * importance * (Real{1} - importance);
    gradient[score_bias_] += dscore;
    kernels.linear.axpy(dscore, tape.hidden + t * hidden_, gradient + score_, hidden_);
    kernels.linear.axpy(dscore, p + score_, dh, hidden_);
    kernels.math.silu_backward(h, dh, dh, hidden_);
  }
}

template <class Real>
void PoolLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                               const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                               Real* memory) const {
  const S w = shape_.summary, length = context.length, rows = all(length);
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dproj = scratch.take(length * in_.width()), *dact = scratch.take(length * 2 * w);
  Real *dread = scratch.take(length * w), *work = scratch.take(2 * length * w);
  Real *dkeys = scratch.take(rows * w), *dvalues = scratch.take(rows * w);
  Real* dscores = scratch.take(length * round_up16(rows));
  std::fill_n(context.scratch, scratch.used(), Real{0});
  out_.backward(kernels, p, length, tape.read, tape.in.proj + 2 * w, in_.width(), dout, tape.out, dread,
                dproj + 2 * w, in_.width(), gradient, work);
  if (context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, dread, length * w);
  }
  attend_rows_backward(kernels, row_head(length, tape), tape.scores, dread, w, dact, dkeys, dvalues, dscores);
  kernels.linear.axpy(Real{1}, dkeys, dvalues, rows * w);
  write_backward(kernels, p, length, tape, dvalues, dact, dproj, gradient);
  in_.backward(kernels, p, length, start + kCount + round_up16(shape_.rows * w), u, tape.in, dact, dproj, du,
               gradient);
}

template class PoolLayer<float>;
template class PoolLayer<double>;

}  // namespace ssmz::model
