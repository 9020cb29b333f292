// SPDX-License-Identifier: Apache-2.0
// Hymba layer.
#include "model/zoo/hymba_layer.hpp"

#include "model/base/math.hpp"
#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kNormEpsilon = 1e-5f;

}  // namespace

template <class Real>
HymbaLayer<Real>::HymbaLayer(const HymbaShape& shape)
    : shape_(shape), mix_(round_up16(2 * shape.states + shape.rank)) {
  const S e = shape.width;
  in_ = InputMap<Real>(list_, "", shape.d, 5 * e, 4 * e);
  mix_map_ = list_.add_map("mix", e, mix_);
  step_map_ = list_.add_map("step_weight", shape.rank, e);
  step_bias_ = list_.add("step_bias", {e});
  decay_log_ = list_.add("decay_log", {shape.states, e});
  skip_ = list_.add("skip", {e});
  bias_ = list_.add("bias", {shape.heads, shape.window + 1});  // by distance, then of the meta rows
  if (shape.meta > 0) {
    meta_k_ = list_.add("meta_keys", {shape.meta, e});
    meta_v_ = list_.add("meta_values", {shape.meta, e});
  }
  norm_a_ = list_.add("norm_attention", {e});
  norm_m_ = list_.add("norm_scan", {e});
  out_ = list_.add_map("out", e, shape.d);
}

template <class Real>
template <class Number>
typename HymbaLayer<Real>::template State<Number> HymbaLayer<Real>::cut(Number* state) const {
  const S e = shape_.width;
  State<Number> s;
  S used = 0;
  const auto take = [&](S n) {
    Number* piece = state == nullptr ? nullptr : state + used;
    used += round_up16(n);
    return piece;
  };
  s.filled = take(1);
  s.scan = take(shape_.states * e);
  s.past_k = take(past() * e);
  s.past_v = take(past() * e);
  s.tail = take(in_.state());
  s.total = used;
  return s;
}

template <class Real>
typename HymbaLayer<Real>::Tape HymbaLayer<Real>::carve(Carver<Real>& carver, S length) const {
  const S e = shape_.width, n = length * e, r = rows(length);
  Tape t;
  t.in = in_.carve(carver, length);
  for (Real** piece : {&t.x, &t.step_pre, &t.delta, &t.y, &t.gated, &t.a, &t.normed_a, &t.normed_m, &t.sum}) {
    *piece = carver.take(n);
  }
  t.mix = carver.take(length * mix_);
  for (Real** piece : {&t.scale_a, &t.scale_m}) *piece = carver.take(length);
  for (Real** piece : {&t.keys, &t.values}) *piece = carver.take(r * e);
  t.scores = carver.take(shape_.heads * length * round_up16(r));
  t.line = carver.take(r);
  return t;
}

template <class Real>
typename HymbaLayer<Real>::Gradients HymbaLayer<Real>::carve_gradients(Carver<Real>& carver, S length) const {
  const S e = shape_.width, n = length * e, r = rows(length);
  Gradients g;
  for (Real** piece : {&g.sum, &g.a, &g.gated, &g.y, &g.x, &g.delta}) *piece = carver.take(n);
  g.mix = carver.take(length * mix_);
  g.decay = carver.take(shape_.states * e);
  g.act = carver.take(4 * n);
  g.proj = carver.take(5 * n);
  for (Real** piece : {&g.keys, &g.values}) *piece = carver.take(r * e);
  g.scores = carver.take(length * round_up16(r));
  g.scan = carver.take(64 * length * shape_.states);
  return g;
}

template <class Real>
LayerSizes HymbaLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = cut<const Real>(nullptr).total;
  sizes.prepared = shape_.states * shape_.width;
  sizes.chunk_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve_gradients(carver, length); });
  return sizes;
}

template <class Real>
void HymbaLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const S e = shape_.width, n = shape_.states;
  in_.initialise(random, parameters);
  for (S i = 0; i < e; ++i) {
    draw_linear(random, e, 1.0f, parameters + mix_map_ + i * mix_, 2 * n + shape_.rank);
  }
  draw_linear(random, shape_.rank, 1.0f, parameters + step_map_, shape_.rank * e);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + step_bias_, e);
  for (S j = 0; j < n; ++j) {
    std::fill_n(parameters + decay_log_ + j * e, e, Real{log(static_cast<float>(j + 1))});
  }
  float slope = 0.5f;  // ALiBi; the first head is flat
  for (S h = 1; h < shape_.heads; ++h, slope *= 0.25f) {
    for (S j = 0; j < shape_.window; ++j) {
      parameters[bias_ + h * (shape_.window + 1) + j] = -slope * static_cast<float>(j);
    }
  }
  if (shape_.meta > 0) draw_linear(random, e, 1.0f, parameters + meta_k_, shape_.meta * e);
  for (S at : {skip_, norm_a_, norm_m_}) std::fill_n(parameters + at, e, Real{1});
  draw_linear(random, e, residual_scale, parameters + out_, e * shape_.d);
}

template <class Real>
void HymbaLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters,
                               Real* prepared) const {
  const S n = shape_.states * shape_.width;
  kernels.math.exp(parameters + decay_log_, prepared, n);
  for (S i = 0; i < n; ++i) prepared[i] = -prepared[i];
}

template <class Real>
SelectiveScan<Real> HymbaLayer<Real>::scan(const LayerWeights<Real>& weights, const Tape& tape,
                                           const Real* start, S length) const {
  return {length,         shape_.width,     shape_.states,
          tape.delta,     tape.x,           tape.mix,
          mix_,           weights.prepared, weights.parameters + skip_,
          cut(start).scan};
}

template <class Real>
void HymbaLayer<Real>::run_scan(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, S length,
                                const Real* start, Real* end, const Tape& tape) const {
  const S e = shape_.width;
  const Real* p = weights.parameters;
  for (S t = 0; t < length; ++t) {
    std::copy_n(tape.in.act + t * 4 * e, e, tape.x + t * e);
    std::copy_n(p + step_bias_, e, tape.step_pre + t * e);
  }
  apply_map(kernels, tape.x, e, p + mix_map_, tape.mix, mix_, length, mix_, e);
  apply_map(kernels, tape.mix + 2 * shape_.states, mix_, p + step_map_, tape.step_pre, e, length, e,
            shape_.rank, true);
  kernels.math.softplus(tape.step_pre, tape.delta, length * e);
  kernels.block.selective_scan(scan(weights, tape, start, length), tape.y,
                               end == nullptr ? nullptr : cut(end).scan);
  for (S t = 0; t < length; ++t) {
    kernels.math.gate(tape.y + t * e, tape.in.proj + t * 5 * e + 4 * e, tape.gated + t * e, e);
  }
}

template <class Real>
RowHead<Real> HymbaLayer<Real>::row_head(S head, S length, const Tape& tape) const {
  const S e = shape_.width, width = e / shape_.heads, at = head * width;
  return {length, rows(length), width, tape.in.act + e + at, 4 * e, tape.keys + at, tape.values + at, e};
}

template <class Real>
void HymbaLayer<Real>::run_attention(const KernelTable<Real>& kernels, const Real* p, S length,
                                     const Real* start, Real* end, const Tape& tape) const {
  const S e = shape_.width, pitch = round_up16(rows(length)), first = shape_.meta * e;
  const State<const Real> begun = cut(start);
  const Real filled = *begun.filled;
  if (shape_.meta > 0) {
    std::copy_n(p + meta_k_, first, tape.keys);
    std::copy_n(p + meta_v_, first, tape.values);
  }
  std::copy_n(begun.past_k, past() * e, tape.keys + first);
  std::copy_n(begun.past_v, past() * e, tape.values + first);
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * 4 * e;
    const S row = shape_.meta + past() + t;
    std::copy_n(act + 2 * e, e, tape.keys + row * e);
    std::copy_n(act + 3 * e, e, tape.values + row * e);
  }
  for (S h = 0; h < shape_.heads; ++h) {
    Real* scores = tape.scores + h * length * pitch;
    const Real* table = p + bias_ + h * (shape_.window + 1);
    std::fill_n(scores, length * pitch, Real{kShutOut});
    for (S t = 0; t < length; ++t) {
      for_seen(t, filled, [&](S row, S place) { scores[t * pitch + row] = table[place]; });
    }
    attend_rows(kernels, row_head(h, length, tape), scores, tape.a + h * (e / shape_.heads), e, tape.line);
  }
  if (end == nullptr) return;
  const State<Real> ended = cut(end);
  *ended.filled = std::min(filled + static_cast<Real>(length), static_cast<Real>(shape_.window));
  std::copy_n(tape.keys + first + length * e, past() * e, ended.past_k);
  std::copy_n(tape.values + first + length * e, past() * e, ended.past_v);
}

template <class Real>
void HymbaLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                           const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const S e = shape_.width, d = shape_.d, n = length * e;
  const Real* p = weights.parameters;
  in_.forward(kernels, p, length, cut(start).tail, end == nullptr ? nullptr : cut(end).tail, u, tape.in);
  run_scan(kernels, weights, length, start, end, tape);
  run_attention(kernels, p, length, start, end, tape);
  kernels.block.rms_norm(tape.a, p + norm_a_, tape.normed_a, tape.scale_a, length, e, Real{kNormEpsilon});
  kernels.block.rms_norm(tape.gated, p + norm_m_, tape.normed_m, tape.scale_m, length, e, Real{kNormEpsilon});
  for (S i = 0; i < n; ++i) tape.sum[i] = (tape.normed_a[i] + tape.normed_m[i]) * Real{0.5f};
  apply_map(kernels, tape.sum, e, p + out_, out, d, length, d, e);
}

template <class Real>
void HymbaLayer<Real>::scan_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                     S length, const Real* start, const Tape& tape, const Gradients& g,
                                     Real* gradient) const {
  const S e = shape_.width, n = shape_.states;
  const auto& linear = kernels.linear;
  const Real* p = weights.parameters;
  for (S t = 0; t < length; ++t) {
    kernels.math.gate_backward(tape.y + t * e, tape.in.proj + t * 5 * e + 4 * e, g.gated + t * e, g.y + t * e,
                               g.proj + t * 5 * e + 4 * e, e);
  }
  kernels.block.selective_scan_backward(scan(weights, tape, start, length), g.y,
                                        {g.delta, g.x, g.mix, g.decay, gradient + skip_, g.scan});
  kernels.math.multiply_add(g.decay, weights.prepared, gradient + decay_log_, n * e);
  kernels.math.softplus_backward(tape.step_pre, g.delta, g.delta, length * e);
  for (S t = 0; t < length; ++t) linear.axpy(Real{1}, g.delta + t * e, gradient + step_bias_, e);
  linear.gemm_tn(tape.mix + 2 * n, mix_, g.delta, e, gradient + step_map_, e, shape_.rank, e, length, true);
  linear.gemm_nt(g.delta, e, p + step_map_, e, g.mix + 2 * n, mix_, length, shape_.rank, e, false);
  linear.gemm_tn(tape.x, e, g.mix, mix_, gradient + mix_map_, mix_, e, mix_, length, true);
  linear.gemm_nt(g.mix, mix_, p + mix_map_, mix_, g.x, e, length, e, mix_, true);
  for (S t = 0; t < length; ++t) std::copy_n(g.x + t * e, e, g.act + t * 4 * e);
}

template <class Real>
void HymbaLayer<Real>::attention_backward(const KernelTable<Real>& kernels, S length, Real filled,
                                          const Tape& tape, const Gradients& g, Real* gradient) const {
  const S e = shape_.width, width = e / shape_.heads, pitch = round_up16(rows(length));
  for (S h = 0; h < shape_.heads; ++h) {
    const S at = h * width;
    attend_rows_backward(kernels, row_head(h, length, tape), tape.scores + h * length * pitch, g.a + at, e,
                         g.act + e + at, g.keys + at, g.values + at, g.scores);
    Real* table = gradient + bias_ + h * (shape_.window + 1);
    for (S t = 0; t < length; ++t) {
      for_seen(t, filled, [&](S row, S place) { table[place] += g.scores[t * pitch + row]; });
    }
  }
  for (S t = 0; t < length; ++t) {
    const S row = shape_.meta + past() + t;
    std::copy_n(g.keys + row * e, e, g.act + t * 4 * e + 2 * e);
    std::copy_n(g.values + row * e, e, g.act + t * 4 * e + 3 * e);
  }
  if (shape_.meta == 0) return;
  kernels.linear.axpy(Real{1}, g.keys, gradient + meta_k_, shape_.meta * e);
  kernels.linear.axpy(Real{1}, g.values, gradient + meta_v_, shape_.meta * e);
}

template <class Real>
void HymbaLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                                Real* memory) const {
  const S e = shape_.width, d = shape_.d, length = context.length, n = length * e;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  const Gradients g = carve_gradients(scratch, length);
  std::fill_n(context.scratch, scratch.used(), Real{0});
  kernels.linear.gemm_tn(tape.sum, e, dout, d, gradient + out_, d, e, d, length, true);
  kernels.linear.gemm_nt(dout, d, p + out_, d, g.sum, e, length, e, d, false);
  for (S i = 0; i < n; ++i) g.sum[i] *= Real{0.5f};
  kernels.block.rms_norm_backward(tape.a, p + norm_a_, tape.scale_a, g.sum, g.a, gradient + norm_a_, length,
                                  e);
  kernels.block.rms_norm_backward(tape.gated, p + norm_m_, tape.scale_m, g.sum, g.gated, gradient + norm_m_,
                                  length, e);
  scan_backward(kernels, weights, length, start, tape, g, gradient);
  attention_backward(kernels, length, *cut(start).filled, tape, g, gradient);
  in_.backward(kernels, p, length, cut(start).tail, u, tape.in, g.act, g.proj, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_hymba(LayerOptions& options, const LayerPlace& place) {
  HymbaShape shape;
  shape.d = place.d;
  shape.width = options.take_width("e", place.d, 16, 4096);
  shape.heads = options.take_heads(shape.width);
  shape.window = options.take_size("w", 128, 1, 2048);
  shape.meta = options.take_size("m", 8, 0, 128);
  shape.states = options.take_size("n", 16, 1, 62);
  shape.rank = options.take_size("r", (place.d + 15) / 16, 1, 256);
  return std::make_unique<HymbaLayer<Real>>(shape);
}

}  // namespace

const LayerKind kHymbaLayer = {
    "hymba",
    "Hymba, attention and selective scan side by side: e width of each (d), h heads (4), w tokens "
    "seen (128), m meta rows (8), n states (16), r step-size rank (d/16)",
    make_hymba<float>, make_hymba<double>};

template class HymbaLayer<float>;
template class HymbaLayer<double>;

}  // namespace ssmz::model
