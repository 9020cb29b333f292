// SPDX-License-Identifier: Apache-2.0
// B'MOJO layer.
#include "model/zoo/bmojo_layer.hpp"

#include <cmath>

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kAgeing = 0.999f;

S6Shape fading_shape(const BmojoShape& shape) {
  S6Shape s6;
  s6.d = shape.d;
  s6.width = shape.d;
  s6.states = shape.states;
  s6.rank = (shape.d + 15) / 16;
  return s6;
}

}  // namespace

template <class Real>
BmojoLayer<Real>::BmojoLayer(const BmojoShape& shape)
    : shape_(shape), ssm_(fading_shape(shape)), ssm_one_(ssm_.sizes(1)) {
  ParameterList ssm;
  ssm_.declare(ssm);
  ssm_parameters_ = list_.append("ssm.", ssm);
  in_ = InputMap<Real>(list_, "", shape.d, 3 * shape.d, 3 * shape.d);
  fade_ = list_.add_map("fade", shape.d, 2 * shape.d);
  bias_ = list_.add("bias", {shape.heads, shape.window + 2});  // by distance, then fading, then kept
  out_ = list_.add_map("out", shape.d, shape.d);
}

template <class Real>
template <class Number>
typename BmojoLayer<Real>::template State<Number> BmojoLayer<Real>::cut(Number* state) const {
  const S d = shape_.d, w = shape_.window, m = shape_.kept;
  State<Number> s;
  S used = 0;
  const auto take = [&](S n) {
    Number* piece = state == nullptr ? nullptr : state + used;
    used += round_up16(n);
    return piece;
  };
  s.filled = take(1);
  s.score = take(m);
  s.surprise = take(w);
  s.store_k = take(m * d);
  s.store_v = take(m * d);
  s.past_k = take(w * d);
  s.past_v = take(w * d);
  s.fade_k = take((2 * w - 1) * d);
  s.fade_v = take((2 * w - 1) * d);
  s.tail = take(in_.state());
  s.ssm = take(ssm_one_.state);
  s.total = used;
  return s;
}

template <class Real>
typename BmojoLayer<Real>::Groups BmojoLayer<Real>::groups(S length) const {
  Groups g;
  g.entered = shape_.kept;
  g.past = g.entered + length;
  g.chunk = g.past + shape_.window;
  g.fade_past = g.chunk + length;
  g.fade_chunk = g.fade_past + 2 * shape_.window - 1;
  g.rows = g.fade_chunk + length;
  return g;
}

template <class Real>
typename BmojoLayer<Real>::Tape BmojoLayer<Real>::carve(Carver<Real>& carver, S length, S ssm) const {
  const S d = shape_.d, rows = groups(length).rows;
  Tape t;
  t.in = in_.carve(carver, length);
  for (Real** piece : {&t.keys, &t.values}) *piece = carver.take(rows * d);
  for (Real** piece : {&t.f, &t.y}) *piece = carver.take(length * d);
  t.fade = carver.take(length * 2 * d);
  t.scores = carver.take(shape_.heads * length * round_up16(rows));
  for (Real** piece : {&t.first, &t.last, &t.line}) *piece = carver.take(rows);
  for (Real** piece : {&t.score, &t.slot}) *piece = carver.take(shape_.kept);
  t.surprise = carver.take(shape_.window + length);
  t.ssm = carver.take(ssm);
  return t;
}

template <class Real>
LayerSizes BmojoLayer<Real>::sizes(std::size_t length) const {
  const S d = shape_.d, rows = groups(length).rows;
  const LayerSizes ssm = ssm_.sizes(length);
  LayerSizes sizes;
  sizes.surprise = true;
  sizes.state = cut<const Real>(nullptr).total;
  sizes.prepared = ssm.prepared;
  sizes.step_scratch =
      carved_size<Real>([&](Carver<Real>& carver) { carve(carver, 1, ssm_one_.step_scratch); });
  sizes.tape = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, length, ssm.tape); });
  sizes.chunk_scratch = ssm.chunk_scratch + 2 * rows * d + length * (round_up16(rows) + 12 * d) + 64;
  return sizes;
}

template <class Real>
void BmojoLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const S d = shape_.d, w = shape_.window;
  ssm_.initialise(random, residual_scale, parameters + ssm_parameters_);
  in_.initialise(random, parameters);
  draw_linear(random, d, 1.0f, parameters + fade_, d * 2 * d);
  float slope = 0.5f;  // the first head flat, the others steeper and steeper less
  for (S h = 1; h < shape_.heads; ++h, slope *= 0.25f) {
    Real* bias = parameters + bias_ + h * (w + 2);
    for (S j = 0; j < w; ++j) bias[j] = -slope * static_cast<float>(j);
  }
  draw_linear(random, d, residual_scale, parameters + out_, d * d);
}

template <class Real>
void BmojoLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters,
                               Real* prepared) const {
  ssm_.prepare(kernels, parameters + ssm_parameters_, prepared);
}

template <class Real>
void BmojoLayer<Real>::reset(Real* state) const {
  const State<Real> s = cut(state);
  std::fill_n(state, s.total, Real{0});
  std::fill_n(s.score, shape_.kept, Real{-1});
  ssm_.reset(s.ssm);
}

/// Copies the rows there are: store, past, chunk; the fading ones too.
template <class Real>
void BmojoLayer<Real>::gather(const State<const Real>& start, S length, const Tape& tape) const {
  const S d = shape_.d, w = shape_.window, m = shape_.kept;
  const Groups g = groups(length);
  std::copy_n(start.store_k, m * d, tape.keys);
  std::copy_n(start.store_v, m * d, tape.values);
  std::copy_n(start.past_k, w * d, tape.keys + g.past * d);
  std::copy_n(start.past_v, w * d, tape.values + g.past * d);
  std::copy_n(start.fade_k, (2 * w - 1) * d, tape.keys + g.fade_past * d);
  std::copy_n(start.fade_v, (2 * w - 1) * d, tape.values + g.fade_past * d);
  for (S t = 0; t < length; ++t) {
    const Real *act = tape.in.act + t * 3 * d, *fade = tape.fade + t * 2 * d;
    std::copy_n(act + d, d, tape.keys + (g.chunk + t) * d);
    std::copy_n(act + 2 * d, d, tape.values + (g.chunk + t) * d);
    std::copy_n(fade, d, tape.keys + (g.fade_chunk + t) * d);
    std::copy_n(fade + d, d, tape.values + (g.fade_chunk + t) * d);
  }
}

/// Which tokens enter the store, and from which to which chunk token each store row is seen.
template <class Real>
void BmojoLayer<Real>::select(const State<const Real>& start, S length, const Tape& tape) const {
  const S d = shape_.d, w = shape_.window, m = shape_.kept;
  const Groups g = groups(length);
  std::copy_n(start.score, m, tape.score);
  for (S i = 0; i < m; ++i) {
    tape.slot[i] = static_cast<Real>(i);
    tape.first[i] = start.score[i] >= Real{0} ? Real{0} : static_cast<Real>(length);
    tape.last[i] = static_cast<Real>(length);
  }
  for (S t = 0; t < length; ++t) {
    const S row = g.entered + t;
    tape.first[row] = tape.last[row] = static_cast<Real>(length);
    std::fill_n(tape.keys + row * d, d, Real{0});
    std::fill_n(tape.values + row * d, d, Real{0});
    if (*start.filled + static_cast<Real>(t) < static_cast<Real>(w)) continue;
    const Real score = std::floor(tape.surprise[t] * Real{16});
    const S least = static_cast<S>(std::min_element(tape.score, tape.score + m) - tape.score);
    if (!(score > tape.score[least])) continue;
    for (S i = 0; i < m; ++i) {
      if (tape.score[i] > Real{0}) tape.score[i] *= Real{kAgeing};
    }
    tape.score[least] = score;
    tape.last[static_cast<S>(tape.slot[least])] = static_cast<Real>(t);
    tape.slot[least] = static_cast<Real>(row);
    tape.first[row] = static_cast<Real>(t);
    const S from = g.past + t;  // past and chunk rows are neighbours, so this is the token w before
    std::copy_n(tape.keys + from * d, d, tape.keys + row * d);
    std::copy_n(tape.values + from * d, d, tape.values + row * d);
  }
}

template <class Real>
template <class Use>
void BmojoLayer<Real>::for_seen(S t, S length, Real filled, const Tape& tape, Use use) const {
  const S w = shape_.window, fade = w, kept = w + 1;
  const Groups g = groups(length);
  const Real now = static_cast<Real>(t), known = filled + now;
  for (S row = 0; row < g.past; ++row) {
    if (tape.first[row] <= now && now < tape.last[row]) use(row, kept);
  }
  for (S distance = 0; distance < w && static_cast<Real>(distance) <= known; ++distance) {
    use(g.chunk + t - distance, distance);
  }
  for (S distance = w; distance < 2 * w && static_cast<Real>(distance) <= known; ++distance) {
    use(g.fade_chunk + t - distance, fade);
  }
}

template <class Real>
void BmojoLayer<Real>::fill_bias(const Real* p, S head, S length, Real filled, const Tape& tape,
                                 Real* bias) const {
  const S pitch = round_up16(groups(length).rows);
  const Real* table = p + bias_ + head * (shape_.window + 2);
  std::fill_n(bias, length * pitch, Real{kShutOut});
  for (S t = 0; t < length; ++t) {
    for_seen(t, length, filled, tape, [&](S row, S place) { bias[t * pitch + row] = table[place]; });
  }
}

template <class Real>
void BmojoLayer<Real>::bias_backward(S head, S length, Real filled, const Tape& tape, const Real* dscores,
                                     Real* gradient) const {
  const S pitch = round_up16(groups(length).rows);
  Real* table = gradient + bias_ + head * (shape_.window + 2);
  for (S t = 0; t < length; ++t) {
    for_seen(t, length, filled, tape, [&](S row, S place) { table[place] += dscores[t * pitch + row]; });
  }
}

template <class Real>
RowHead<Real> BmojoLayer<Real>::row_head(S head, S length, const Tape& tape) const {
  const S width = shape_.d / shape_.heads, at = head * width;
  return {length,         groups(length).rows, width,   tape.in.act + at, 3 * shape_.d,
          tape.keys + at, tape.values + at,    shape_.d};
}

/// All but the SSM, whose output is in the tape.
template <class Real>
void BmojoLayer<Real>::run(const KernelTable<Real>& kernels, const Real* p, S length, const Real* surprise,
                           const State<const Real>& start, Real* end, const Real* u, Real* out,
                           const Tape& tape) const {
  const S d = shape_.d, w = shape_.window, pitch = round_up16(groups(length).rows);
  const Real filled = *start.filled;
  in_.forward(kernels, p, length, start.tail, end == nullptr ? nullptr : cut(end).tail, u, tape.in);
  apply_map(kernels, tape.f, d, p + fade_, tape.fade, 2 * d, length, 2 * d, d);
  std::copy_n(start.surprise, w, tape.surprise);
  std::copy_n(surprise, length, tape.surprise + w);
  gather(start, length, tape);
  select(start, length, tape);
  for (S h = 0; h < shape_.heads; ++h) {
    Real* scores = tape.scores + h * length * pitch;
    fill_bias(p, h, length, filled, tape, scores);
    attend_rows(kernels, row_head(h, length, tape), scores, tape.y + h * (d / shape_.heads), d, tape.line);
  }
  std::copy_n(tape.f, length * d, out);
  apply_map(kernels, tape.y, d, p + out_, out, d, length, d, d, true);
  if (end != nullptr) save(cut(end), filled, length, tape);
}

template <class Real>
void BmojoLayer<Real>::save(const State<Real>& end, Real filled, S length, const Tape& tape) const {
  const S d = shape_.d, w = shape_.window;
  const Groups g = groups(length);
  *end.filled = std::min(filled + static_cast<Real>(length), static_cast<Real>(2 * w));
  std::copy_n(tape.score, shape_.kept, end.score);
  std::copy_n(tape.surprise + length, w, end.surprise);
  for (S i = 0; i < shape_.kept; ++i) {
    const S row = static_cast<S>(tape.slot[i]);
    std::copy_n(tape.keys + row * d, d, end.store_k + i * d);
    std::copy_n(tape.values + row * d, d, end.store_v + i * d);
  }
  std::copy_n(tape.keys + (g.past + length) * d, w * d, end.past_k);
  std::copy_n(tape.values + (g.past + length) * d, w * d, end.past_v);
  std::copy_n(tape.keys + (g.fade_past + length) * d, (2 * w - 1) * d, end.fade_k);
  std::copy_n(tape.values + (g.fade_past + length) * d, (2 * w - 1) * d, end.fade_v);
}

template <class Real>
void BmojoLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                            const Real* u, Real* out) const {
  Carver<Real> carver(context.scratch);
  const Tape tape = carve(carver, 1, ssm_one_.step_scratch);
  StepContext<Real> inner = context;
  inner.scratch = tape.ssm;
  inner.memory_in = nullptr;
  inner.memory_out = nullptr;
  ssm_.step(inner, {weights.parameters + ssm_parameters_, weights.prepared}, cut(state).ssm, u, tape.f);
  const Real surprise{context.surprise};
  run(*context.kernels, weights.parameters, 1, &surprise, cut<const Real>(state), state, u, out, tape);
}

template <class Real>
void BmojoLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                               const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  const S length = context.length;
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, length, ssm_.sizes(length).tape);
  ChunkContext<Real> inner = context;
  inner.memory_in = nullptr;
  inner.memory_out = nullptr;
  ssm_.forward(inner, {weights.parameters + ssm_parameters_, weights.prepared}, cut(start).ssm,
               end == nullptr ? nullptr : cut(end).ssm, u, tape.f, tape.ssm);
  std::copy_n(context.surprise, length, tape.line);
  run(*context.kernels, weights.parameters, length, tape.line, cut(start), end, u, out, tape);
}

template <class Real>
void BmojoLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                                Real* memory) const {
  const S d = shape_.d, length = context.length, width = d / shape_.heads;
  const Groups g = groups(length);
  const S pitch = round_up16(g.rows);
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const Real* p = weights.parameters;
  const State<const Real> begun = cut(start);
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, ssm_.sizes(length).tape);
  Real *dkeys = scratch.take(g.rows * d), *dvalues = scratch.take(g.rows * d);
  Real *dscores = scratch.take(length * pitch), *dy = scratch.take(length * d),
       *df = scratch.take(length * d);
  Real *dact = scratch.take(length * 3 * d), *dproj = scratch.take(length * 3 * d);
  Real *dfade = scratch.take(length * 2 * d), *dinput = scratch.take(length * d);

  linear.gemm_tn(tape.y, d, dout, d, gradient + out_, d, d, d, length, true);
  linear.gemm_nt(dout, d, p + out_, d, dy, d, length, d, d, false);
  for (S h = 0; h < shape_.heads; ++h) {
    const S at = h * width;
    attend_rows_backward(kernels, row_head(h, length, tape), tape.scores + h * length * pitch, dy + at, d,
                         dact + at, dkeys + at, dvalues + at, dscores);
    bias_backward(h, length, *begun.filled, tape, dscores, gradient);
  }
  for (S t = 0; t < length; ++t) {
    std::copy_n(dkeys + (g.chunk + t) * d, d, dact + t * 3 * d + d);
    std::copy_n(dvalues + (g.chunk + t) * d, d, dact + t * 3 * d + 2 * d);
    std::copy_n(dkeys + (g.fade_chunk + t) * d, d, dfade + t * 2 * d);
    std::copy_n(dvalues + (g.fade_chunk + t) * d, d, dfade + t * 2 * d + d);
  }
  std::copy_n(dout, length * d, df);
  linear.gemm_tn(tape.f, d, dfade, 2 * d, gradient + fade_, 2 * d, d, 2 * d, length, true);
  linear.gemm_nt(dfade, 2 * d, p + fade_, 2 * d, df, d, length, d, 2 * d, true);
  ChunkContext<Real> inner = context;
  inner.memory_in = inner.memory_out = inner.memory_in_gradient = nullptr;
  inner.memory_out_gradient = nullptr;
  inner.scratch = scratch.take(0);
  ssm_.backward(inner, {p + ssm_parameters_, weights.prepared}, begun.ssm, u, df, dinput,
                gradient + ssm_parameters_, tape.ssm);
  in_.backward(kernels, p, length, begun.tail, u, tape.in, dact, dproj, du, gradient);
  linear.axpy(Real{1}, dinput, du, length * d);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_bmojo(LayerOptions& options, const LayerPlace& place) {
  BmojoShape shape;
  shape.d = place.d;
  shape.heads = options.take_heads(place.d);
  shape.window = options.take_size("w", 64, 1, 1024);
  shape.kept = options.take_size("m", 64, 1, 1024);
  shape.states = options.take_size("n", 16, 1, 62);
  return std::make_unique<BmojoLayer<Real>>(shape);
}

}  // namespace

const LayerKind kBmojoLayer = {
    "bmojo",
    "B'MOJO, attention to a window, to fading rows of an S6 and to surprising tokens kept: h "
    "heads (4), w tokens seen (64), m tokens kept (64), n states of the S6 (16)",
    make_bmojo<float>, make_bmojo<double>};

template class BmojoLayer<float>;
template class BmojoLayer<double>;

}  // namespace ssmz::model
