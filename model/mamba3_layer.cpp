// SPDX-License-Identifier: Apache-2.0
// Mamba-3 forward: parameters, step and chunk.
#include "model/mamba3_layer.hpp"

#include "model/initialisation.hpp"
#include "model/math.hpp"
#include "model/sine.hpp"

namespace ssmz::model {
namespace {

constexpr float kNormEpsilon = 1e-5f;

}  // namespace

template <class Real>
Mamba3Layer<Real>::Mamba3Layer(const Mamba3Shape& shape) : shape_(shape) {
  const S e = shape.heads * shape.values, h = shape.heads;
  mixed_width_ = e + 2 * shape.keys;
  small_ = mixed_width_ + e;
  in_ = InputMap<Real>(list_, "", shape.d, small_ + round_up16(3 * h + shape.angles),
                       shape.convolution ? mixed_width_ : 0);
  step_bias_ = list_.add("step_bias", {h});
  decay_bias_ = list_.add("decay_bias", {h});
  b_norm_ = list_.add("b_norm", {shape.keys});
  c_norm_ = list_.add("c_norm", {shape.keys});
  b_bias_ = list_.add("b_bias", {h, shape.keys});
  c_bias_ = list_.add("c_bias", {h, shape.keys});
  skip_ = list_.add("skip", {h});
  out_ = OutputMap<Real>(list_, "", shape.d, h, shape.values, true);
}

template <class Real>
typename Mamba3Layer<Real>::Tape Mamba3Layer<Real>::carve(Carver<Real>& carver, S length, bool chunk) const {
  const S h = shape_.heads, n = shape_.keys, e = h * shape_.values, q = shape_.angles,
          square = length * length;
  Tape t;
  t.in = in_.carve(carver, length);
  t.out = out_.carve(carver, length);
  for (Real** piece : {&t.b, &t.c}) *piece = carver.take(length * n);
  for (Real** piece : {&t.b_scale, &t.c_scale}) *piece = carver.take(length);
  for (Real** piece :
       {&t.step_pre, &t.step, &t.decay_pre, &t.decay, &t.lambda, &t.alpha, &t.weight, &t.overlap}) {
    *piece = carver.take(length * h);
  }
  t.turn = carver.take(length * q);
  for (Real** piece : {&t.sine, &t.cosine}) *piece = carver.take(length * h * q);
  t.key = carver.take((length + 1) * h * n);
  t.query = carver.take(length * h * n);
  t.value = carver.take((length + 1) * e);
  t.gamma = carver.take((length + 1) * h);
  for (Real** piece : {&t.written, &t.y}) *piece = carver.take(length * e);
  t.phase = carver.take(h * q);
  if (!chunk) return t;
  for (Real** piece : {&t.qk, &t.between, &t.weights}) *piece = carver.take(h * round_up16(square));
  t.since = carver.take(h * round_up16(length));
  t.read = carver.take(length * e);
  return t;
}

template <class Real>
LayerSizes Mamba3Layer<Real>::sizes(std::size_t length) const {
  const S h = shape_.heads;
  Carver<Real> one(nullptr), chunk(nullptr), gradients(nullptr);
  carve(one, 1, false);
  carve(chunk, length, true);
  carve_gradients(gradients, length);
  LayerSizes sizes;
  sizes.state =
      h * (shape_.values * (shape_.keys + 1) + shape_.keys + shape_.angles) + in_.state() + round_up16(h);
  sizes.memory = h * shape_.values;
  sizes.step_scratch = one.used();
  sizes.tape = chunk.used();
  sizes.chunk_scratch = std::max(gradients.used(), length * shape_.keys);
  return sizes;
}

template <class Real>
void Mamba3Layer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const S h = shape_.heads, n = shape_.keys;
  in_.initialise(random, parameters);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + step_bias_, h);
  for (S i = 0; i < h && !shape_.half_lives.empty(); ++i) {
    const float step = softplus(static_cast<float>(parameters[step_bias_ + i]));
    const float decay = 0.693147181f / (shape_.half_lives[i % shape_.half_lives.size()] * step);
    const float heavy = decay >= 1.0f ? decay - 1.0f : 1.0f - 1.0f / decay;
    parameters[decay_bias_ + i] = shape_.heavy_tail ? heavy : inverse_softplus(decay);
  }
  for (S at : {b_norm_, c_norm_}) std::fill_n(parameters + at, n, Real{1});
  for (S at : {b_bias_, c_bias_}) std::fill_n(parameters + at, h * n, Real{1});
  std::fill_n(parameters + skip_, h, Real{1});
  out_.initialise(random, residual_scale, parameters);
}

template <class Real>
void Mamba3Layer<Real>::step_sizes(const KernelTable<Real>& kernels, const Real* p, S length,
                                   const Tape& tape) const {
  const S h = shape_.heads, q = shape_.angles, n = length * h;
  for (S t = 0; t < length; ++t) {
    const Real* small = tape.in.proj + t * in_.width() + small_;
    for (S i = 0; i < h; ++i) {
      tape.step_pre[t * h + i] = small[i] + p[step_bias_ + i];
      const Real raw = small[h + i] + p[decay_bias_ + i];
      tape.decay_pre[t * h + i] = raw;
      tape.decay[t * h + i] = raw >= Real{0} ? Real{1} + raw : Real{1} / (Real{1} - raw);
      tape.lambda[t * h + i] = small[2 * h + i];
    }
    for (S j = 0; j < q; ++j) tape.turn[t * q + j] = Real{2} * small[3 * h + j];
  }
  if (!shape_.heavy_tail) kernels.math.softplus(tape.decay_pre, tape.decay, n);
  kernels.math.softplus(tape.step_pre, tape.step, n);
  kernels.math.sigmoid(tape.lambda, tape.lambda, n);
  kernels.math.sigmoid(tape.turn, tape.turn, length * q);
  for (S i = 0; i < length * q; ++i) tape.turn[i] = Real{2} * tape.turn[i] - Real{1};
  for (S i = 0; i < n; ++i) {
    tape.decay[i] = std::max(tape.decay[i], Real{kMamba3LeastDecay});
    tape.alpha[i] = -(tape.step[i] * tape.decay[i]);
    tape.gamma[h + i] = tape.lambda[i] * tape.step[i];
    tape.weight[i] = tape.gamma[i] + (Real{1} - tape.lambda[i]) * tape.step[i];
  }
  kernels.math.exp(tape.alpha, tape.alpha, n);
  kernels.math.multiply(tape.weight, tape.alpha, tape.weight, n);
}

template <class Real>
void Mamba3Layer<Real>::turn_keys(const Real* p, S length, const Real* phase, const Tape& tape) const {
  const S h = shape_.heads, n = shape_.keys, q = shape_.angles;
  const Real circle = Real(2 * kMamba3Pi);
  std::copy_n(phase, h * q, tape.phase);
  const auto turn = [](const Real* from, const Real* bias, Real sine, Real cosine, Real* to) {
    const Real x = from[0] + bias[0], y = from[1] + bias[1];
    to[0] = cosine * x - sine * y;
    to[1] = sine * x + cosine * y;
  };
  for (S t = 0; t < length; ++t) {
    const Real *b = tape.b + t * n, *c = tape.c + t * n;
    for (S i = 0; i < h; ++i) {
      const Real *b_bias = p + b_bias_ + i * n, *c_bias = p + c_bias_ + i * n;
      Real *key = tape.key + ((t + 1) * h + i) * n, *query = tape.query + (t * h + i) * n;
      for (S j = 0; j < q; ++j) {
        const S at = (t * h + i) * q + j;
        Real angle = tape.phase[i * q + j] + Real(kMamba3Pi) * tape.turn[t * q + j] * tape.step[t * h + i];
        angle -= circle * std::floor(angle / circle);
        tape.phase[i * q + j] = angle;
        sine_cosine(angle, tape.sine[at], tape.cosine[at]);
        turn(b + 2 * j, b_bias + 2 * j, tape.sine[at], tape.cosine[at], key + 2 * j);
        turn(c + 2 * j, c_bias + 2 * j, tape.sine[at], tape.cosine[at], query + 2 * j);
      }
      for (S j = 2 * q; j < n; ++j) {
        key[j] = b[j] + b_bias[j];
        query[j] = c[j] + c_bias[j];
      }
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::weigh_values(const KernelTable<Real>& kernels, S length, const Tape& tape) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values;
  for (S i = 0; i < length * h; ++i) {
    for (S j = 0; j < w; ++j) tape.written[i * w + j] = tape.weight[i] * tape.value[i * w + j];
    tape.overlap[i] = kernels.linear.dot(tape.query + i * n, tape.key + (i + h) * n, n);
  }
}

template <class Real>
void Mamba3Layer<Real>::prepare_tokens(const KernelTable<Real>& kernels, const Real* p, S length,
                                       const Real* start, const Tape& tape) const {
  const S h = shape_.heads, n = shape_.keys, e = h * shape_.values;
  const State<const Real> s = cut(start);
  std::copy_n(s.value, e, tape.value);
  std::copy_n(s.key, h * n, tape.key);
  std::copy_n(s.gamma, h, tape.gamma);
  for (S t = 0; t < length; ++t) {
    const Real* row = mixed(tape) + t * mixed_stride();
    std::copy_n(row, e, tape.value + (t + 1) * e);
    kernels.block.rms_norm(row + e, p + b_norm_, tape.b + t * n, tape.b_scale + t, 1, n, Real{kNormEpsilon});
    kernels.block.rms_norm(row + e + n, p + c_norm_, tape.c + t * n, tape.c_scale + t, 1, n,
                           Real{kNormEpsilon});
  }
  step_sizes(kernels, p, length, tape);
  turn_keys(p, length, s.phase, tape);
  weigh_values(kernels, length, tape);
}

template <class Real>
void Mamba3Layer<Real>::add_direct(const KernelTable<Real>& kernels, const Real* p, S length,
                                   const Tape& tape) const {
  const S h = shape_.heads, w = shape_.values;
  for (S i = 0; i < length * h; ++i) {
    const Real share = tape.gamma[h + i] * tape.overlap[i] + p[skip_ + i % h];
    kernels.linear.axpy(share, tape.value + (h + i) * w, tape.y + i * w, w);
  }
}

template <class Real>
void Mamba3Layer<Real>::save(Real* end, S length, const Tape& tape) const {
  const S h = shape_.heads, n = shape_.keys, e = h * shape_.values;
  const State<Real> s = cut(end);
  std::copy_n(tape.value + length * e, e, s.value);
  std::copy_n(tape.key + length * h * n, h * n, s.key);
  std::copy_n(tape.gamma + length * h, h, s.gamma);
  std::copy_n(tape.phase, h * shape_.angles, s.phase);
}

template <class Real>
void Mamba3Layer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                             const Real* u, Real* out) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  const State<Real> s = cut(state);
  Carver<Real> carver(context.scratch);
  const Tape tape = carve(carver, 1, false);
  in_.forward(kernels, p, 1, s.tail, s.tail, u, tape.in);
  prepare_tokens(kernels, p, 1, state, tape);
  for (S i = 0; i < h; ++i) {
    kernels.block.memory_step(s.memory + i * n * w, n, w, tape.alpha[i], tape.key + i * n,
                              tape.written + i * w, tape.query + i * n, tape.y + i * w);
  }
  add_direct(kernels, p, 1, tape);
  save(state, 1, tape);
  if (context.memory_out != nullptr) std::copy_n(tape.y, h * w, context.memory_out);
  out_.forward(kernels, p, 1, tape.y, tape.in.proj + mixed_width_, in_.width(), out, tape.out);
}

template <class Real>
HeadChunk<Real> Mamba3Layer<Real>::head_chunk(const Tape& tape, S head, S length, const Real* memory) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, square = round_up16(length * length);
  HeadChunk<Real> chunk;
  chunk.length = length;
  chunk.keys = n;
  chunk.values = w;
  chunk.q = tape.query + head * n;
  chunk.q_stride = h * n;
  chunk.k = tape.key + head * n;
  chunk.k_stride = h * n;
  chunk.v = tape.written + head * w;
  chunk.v_stride = h * w;
  chunk.qk = tape.qk + head * square;
  chunk.decay = {tape.between + head * square, tape.since + head * round_up16(length)};
  chunk.start = memory + head * n * w;
  return chunk;
}

template <class Real>
HeadTape<Real> Mamba3Layer<Real>::head_tape(const Tape& tape, S head, S length) const {
  return {tape.weights + head * round_up16(length * length), tape.read + head * length * shape_.values};
}

template <class Real>
void Mamba3Layer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, length, true);
  in_.forward(kernels, p, length, cut(start).tail, end == nullptr ? nullptr : cut(end).tail, u, tape.in);
  prepare_tokens(kernels, p, length, start, tape);
  for (S i = 0; i < h; ++i) {
    const HeadChunk<Real> chunk = head_chunk(tape, i, length, start);
    fill_decay(tape.alpha + i, h, length, chunk.decay);
    kernels.linear.gemm_nt(chunk.q, h * n, chunk.k, h * n, tape.qk + i * round_up16(length * length), length,
                           length, length, n, false);
    attend(kernels, chunk, head_tape(tape, i, length), tape.y + i * w, h * w);
    if (end != nullptr) advance_memory(kernels, chunk, end + i * n * w, context.scratch);
  }
  add_direct(kernels, p, length, tape);
  if (end != nullptr) save(end, length, tape);
  if (context.memory_out != nullptr) std::copy_n(tape.y, length * h * w, context.memory_out);
  out_.forward(kernels, p, length, tape.y, tape.in.proj + mixed_width_, in_.width(), out, tape.out);
}

template class Mamba3Layer<float>;
template class Mamba3Layer<double>;

}  // namespace ssmz::model
