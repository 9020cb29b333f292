// SPDX-License-Identifier: Apache-2.0
// Mamba-3: parameters, step, chunk forward and its backward (LAYERS.md 4 and 0.5).
#include "model/zoo/mamba3_layer.hpp"

#include "model/base/math.hpp"
#include "model/base/sine.hpp"
#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kNormEpsilon = 1e-5f;

}  // namespace

template <class Real>
Mamba3Layer<Real>::Mamba3Layer(const Mamba3Shape& shape) : shape_(shape) {
  const S e = shape.heads * shape.values, h = shape.heads;
  mixed_width_ = e + 2 * shape.rank * shape.keys;
  small_ = mixed_width_ + e;
  in_ = InputMap<Real>(list_, "", shape.d, small_ + round_up16(3 * h + shape.angles),
                       shape.convolution ? mixed_width_ : 0);
  step_bias_ = list_.add("step_bias", {h});
  decay_bias_ = list_.add("decay_bias", {h});
  b_norm_ = list_.add("b_norm", {shape.keys});
  c_norm_ = list_.add("c_norm", {shape.keys});
  std::vector<S> bias{h, shape.keys};
  if (shape.rank > 1) bias.insert(bias.begin(), shape.rank);
  b_bias_ = list_.add("b_bias", bias);
  c_bias_ = list_.add("c_bias", bias);
  skip_ = list_.add("skip", {h});
  if (shape.rank > 1) {
    rank_values_ = list_.add("rank_values", {shape.rank, h, shape.values});
    ranked_ = RankedOutputMap<Real>(list_, {shape.d, h, shape.values, shape.rank});
  } else {
    out_ = OutputMap<Real>(list_, "", shape.d, h, shape.values, true);
  }
}

template <class Real>
typename Mamba3Layer<Real>::Tape Mamba3Layer<Real>::carve(Carver<Real>& carver, S length, bool chunk) const {
  const S h = shape_.heads, n = shape_.keys, e = h * shape_.values, q = shape_.angles, r = shape_.rank;
  Tape t;
  t.in = in_.carve(carver, length);
  if (r > 1) {
    t.ranked = ranked_.carve(carver, length);
  } else {
    t.out = out_.carve(carver, length);
  }
  for (Real** piece : {&t.b, &t.c}) *piece = carver.take(length * r * n);
  for (Real** piece : {&t.b_scale, &t.c_scale}) *piece = carver.take(length * r);
  for (Real** piece : {&t.step_pre, &t.step, &t.decay_pre, &t.decay, &t.lambda, &t.alpha, &t.weight}) {
    *piece = carver.take(length * h);
  }
  t.overlap = carver.take(length * h * r * r);
  t.turn = carver.take(length * q);
  for (Real** piece : {&t.sine, &t.cosine}) *piece = carver.take(length * h * q);
  t.key = carver.take((length + 1) * r * h * n);
  t.query = carver.take(length * r * h * n);
  t.x = carver.take((length + 1) * e);
  t.value = r > 1 ? carver.take((length + 1) * r * e) : t.x;
  t.gamma = carver.take((length + 1) * h);
  for (Real** piece : {&t.written, &t.y}) *piece = carver.take(length * r * e);
  t.phase = carver.take(h * q);
  if (chunk) carve_chunk(carver, length, t);
  return t;
}

template <class Real>
void Mamba3Layer<Real>::carve_chunk(Carver<Real>& carver, S length, Tape& t) const {
  const S h = shape_.heads, rows = length * shape_.rank;
  for (Real** piece : {&t.qk, &t.between, &t.weights}) *piece = carver.take(h * round_up16(rows * rows));
  t.since = carver.take(h * round_up16(rows));
  t.read = carver.take(rows * h * shape_.values);
  t.token_between = t.between;
  t.token_since = t.since;
  if (shape_.rank == 1) return;
  t.token_between = carver.take(h * round_up16(length * length));
  t.token_since = carver.take(h * round_up16(length));
}

template <class Real>
LayerSizes Mamba3Layer<Real>::sizes(std::size_t length) const {
  const S h = shape_.heads;
  LayerSizes sizes;
  sizes.state = h * (shape_.values * (shape_.keys + 1) + shape_.rank * shape_.keys + shape_.angles) +
                in_.state() + round_up16(h);
  sizes.memory = h * shape_.values;
  sizes.step_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, 1, false); });
  sizes.tape = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, length, true); });
  sizes.chunk_scratch =
      std::max(carved_size<Real>([&](Carver<Real>& carver) { carve_gradients(carver, length); }),
               length * shape_.rank * shape_.keys);
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
  for (S at : {b_bias_, c_bias_}) std::fill_n(parameters + at, shape_.rank * h * n, Real{1});
  std::fill_n(parameters + skip_, h, Real{1});
  if (shape_.rank == 1) return out_.initialise(random, residual_scale, parameters);
  std::fill_n(parameters + rank_values_, shape_.rank * h * shape_.values,
              Real{1} / static_cast<Real>(shape_.rank));
  ranked_.initialise(random, residual_scale, parameters);
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
  const S h = shape_.heads, n = shape_.keys, q = shape_.angles, ranks = shape_.rank;
  const Real circle = Real(2 * kMamba3Pi);
  std::copy_n(phase, h * q, tape.phase);
  const auto turn = [](const Real* from, const Real* bias, Real sine, Real cosine, Real* to) {
    const Real x = from[0] + bias[0], y = from[1] + bias[1];
    to[0] = cosine * x - sine * y;
    to[1] = sine * x + cosine * y;
  };
  for (S t = 0; t < length; ++t) {
    for (S i = 0; i < h; ++i) {
      const S first = (t * h + i) * q;
      for (S j = 0; j < q; ++j) {
        Real angle = tape.phase[i * q + j] + Real(kMamba3Pi) * tape.turn[t * q + j] * tape.step[t * h + i];
        angle -= circle * std::floor(angle / circle);
        tape.phase[i * q + j] = angle;
        sine_cosine(angle, tape.sine[first + j], tape.cosine[first + j]);
      }
      for (S r = 0; r < ranks; ++r) {
        const S row = t * ranks + r;
        const Real *b = tape.b + row * n, *c = tape.c + row * n;
        const Real *b_bias = p + b_bias_ + (r * h + i) * n, *c_bias = p + c_bias_ + (r * h + i) * n;
        Real *key = tape.key + ((row + ranks) * h + i) * n, *query = tape.query + (row * h + i) * n;
        for (S j = 0; j < q; ++j) {
          const Real sine = tape.sine[first + j], cosine = tape.cosine[first + j];
          turn(b + 2 * j, b_bias + 2 * j, sine, cosine, key + 2 * j);
          turn(c + 2 * j, c_bias + 2 * j, sine, cosine, query + 2 * j);
        }
        for (S j = 2 * q; j < n; ++j) {
          key[j] = b[j] + b_bias[j];
          query[j] = c[j] + c_bias[j];
        }
      }
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::weigh_values(const KernelTable<Real>& kernels, S length, const Tape& tape) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, ranks = shape_.rank;
  for (S row = 0; row < length * ranks; ++row) {
    for (S i = 0; i < h; ++i) {
      const Real weight = tape.weight[row / ranks * h + i];
      const S at = (row * h + i) * w;
      for (S j = 0; j < w; ++j) tape.written[at + j] = weight * tape.value[at + j];
      for (S s = 0; s < ranks; ++s) {
        const S key = ((row / ranks + 1) * ranks + s) * h + i;
        tape.overlap[(row * h + i) * ranks + s] =
            kernels.linear.dot(tape.query + (row * h + i) * n, tape.key + key * n, n);
      }
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::prepare_tokens(const KernelTable<Real>& kernels, const Real* p, S length,
                                       const Real* start, const Tape& tape) const {
  const S h = shape_.heads, n = shape_.keys, e = h * shape_.values, r = shape_.rank;
  const State<const Real> s = cut(start);
  std::copy_n(s.value, e, tape.x);
  std::copy_n(s.key, r * h * n, tape.key);
  std::copy_n(s.gamma, h, tape.gamma);
  for (S t = 0; t < length; ++t) {
    const Real* row = mixed(tape) + t * mixed_stride();
    std::copy_n(row, e, tape.x + (t + 1) * e);
    kernels.block.rms_norm(row + e, p + b_norm_, tape.b + t * r * n, tape.b_scale + t * r, r, n,
                           Real{kNormEpsilon});
    kernels.block.rms_norm(row + e + r * n, p + c_norm_, tape.c + t * r * n, tape.c_scale + t * r, r, n,
                           Real{kNormEpsilon});
  }
  for (S row = 0; row < (length + 1) * r && r > 1; ++row) {
    kernels.math.multiply(tape.x + row / r * e, p + rank_values_ + row % r * e, tape.value + row * e, e);
  }
  step_sizes(kernels, p, length, tape);
  turn_keys(p, length, s.phase, tape);
  weigh_values(kernels, length, tape);
}

template <class Real>
void Mamba3Layer<Real>::add_direct(const KernelTable<Real>& kernels, const Real* p, S length,
                                   const Tape& tape) const {
  const S h = shape_.heads, w = shape_.values, ranks = shape_.rank;
  for (S row = 0; row < length * ranks; ++row) {
    const S t = row / ranks;
    for (S i = 0; i < h; ++i) {
      for (S s = 0; s < ranks; ++s) {
        const Real skip = s == row % ranks ? p[skip_ + i] : Real{0};
        const Real share = tape.gamma[(t + 1) * h + i] * tape.overlap[(row * h + i) * ranks + s] + skip;
        kernels.linear.axpy(share, tape.value + (((t + 1) * ranks + s) * h + i) * w,
                            tape.y + (row * h + i) * w, w);
      }
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::save(Real* end, S length, const Tape& tape) const {
  const S h = shape_.heads, keys = shape_.rank * h * shape_.keys, e = h * shape_.values;
  const State<Real> s = cut(end);
  std::copy_n(tape.x + length * e, e, s.value);
  std::copy_n(tape.key + length * keys, keys, s.key);
  std::copy_n(tape.gamma + length * h, h, s.gamma);
  std::copy_n(tape.phase, h * shape_.angles, s.phase);
}

template <class Real>
void Mamba3Layer<Real>::write_out(const KernelTable<Real>& kernels, const Real* p, S length, Real* out,
                                  const Tape& tape, Real* memory_out) const {
  const S e = shape_.heads * shape_.values, ranks = shape_.rank;
  const Real* z = tape.in.proj + mixed_width_;
  if (memory_out != nullptr) std::fill_n(memory_out, length * e, Real{0});
  for (S row = 0; row < length * ranks && memory_out != nullptr; ++row) {
    kernels.linear.axpy(Real{1} / static_cast<Real>(ranks), tape.y + row * e, memory_out + row / ranks * e,
                        e);
  }
  if (ranks > 1) return ranked_.forward(kernels, p, length, tape.y, z, in_.width(), out, tape.ranked);
  out_.forward(kernels, p, length, tape.y, z, in_.width(), out, tape.out);
}

template <class Real>
void Mamba3Layer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                             const Real* u, Real* out) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, ranks = shape_.rank;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  const State<Real> s = cut(state);
  Carver<Real> carver(context.scratch);
  const Tape tape = carve(carver, 1, false);
  in_.forward(kernels, p, 1, s.tail, s.tail, u, tape.in);
  prepare_tokens(kernels, p, 1, state, tape);
  for (S i = 0; i < h; ++i) {
    Real* memory = s.memory + i * n * w;
    for (S r = 0; r < ranks; ++r) {  // the last one reads after all are written
      const S row = r * h + i;
      kernels.block.memory_step(memory, n, w, r == 0 ? tape.alpha[i] : Real{1}, tape.key + row * n,
                                tape.written + row * w, tape.query + row * n, tape.y + row * w);
    }
    for (S r = 0; r + 1 < ranks; ++r) {
      const S row = r * h + i;
      kernels.linear.matvec_t(memory, w, n, w, tape.query + row * n, tape.y + row * w, false);
    }
  }
  add_direct(kernels, p, 1, tape);
  save(state, 1, tape);
  write_out(kernels, p, 1, out, tape, context.memory_out);
}

template <class Real>
HeadChunk<Real> Mamba3Layer<Real>::head_chunk(const Tape& tape, S head, S length, const Real* memory) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, rows = length * shape_.rank,
          square = round_up16(rows * rows);
  HeadChunk<Real> chunk;
  chunk.length = rows;
  chunk.keys = n;
  chunk.values = w;
  chunk.q = tape.query + head * n;
  chunk.q_stride = h * n;
  chunk.k = tape.key + head * n;
  chunk.k_stride = h * n;
  chunk.v = tape.written + head * w;
  chunk.v_stride = h * w;
  chunk.qk = tape.qk + head * square;
  chunk.decay = {tape.between + head * square, tape.since + head * round_up16(rows)};
  chunk.start = memory + head * n * w;
  return chunk;
}

template <class Real>
HeadTape<Real> Mamba3Layer<Real>::head_tape(const Tape& tape, S head, S length) const {
  const S rows = length * shape_.rank;
  return {tape.weights + head * round_up16(rows * rows), tape.read + head * rows * shape_.values};
}

/// The decays between tokens, and from them those between rows: all rows of a token see all rows of its own
/// and of earlier ones.
template <class Real>
void Mamba3Layer<Real>::fill_decays(S length, const Tape& tape) const {
  const S h = shape_.heads, ranks = shape_.rank, rows = length * ranks;
  for (S i = 0; i < h; ++i) {
    const Real* between = tape.token_between + i * round_up16(length * length);
    const Real* since = tape.token_since + i * round_up16(length);
    fill_decay(
        tape.alpha + i, h, length,
        {tape.token_between + i * round_up16(length * length), tape.token_since + i * round_up16(length)});
    if (ranks == 1) continue;
    Real *all_between = tape.between + i * round_up16(rows * rows),
         *all_since = tape.since + i * round_up16(rows);
    for (S t = 0; t < rows; ++t) {
      all_since[t] = since[t / ranks];
      for (S s = 0; s < rows; ++s) all_between[t * rows + s] = between[t / ranks * length + s / ranks];
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, length = context.length,
          rows = length * shape_.rank;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, length, true);
  in_.forward(kernels, p, length, cut(start).tail, end == nullptr ? nullptr : cut(end).tail, u, tape.in);
  prepare_tokens(kernels, p, length, start, tape);
  fill_decays(length, tape);
  for (S i = 0; i < h; ++i) {
    const HeadChunk<Real> chunk = head_chunk(tape, i, length, start);
    kernels.linear.gemm_nt(chunk.q, h * n, chunk.k, h * n, tape.qk + i * round_up16(rows * rows), rows, rows,
                           rows, n, false);
    attend(kernels, chunk, head_tape(tape, i, length), tape.y + i * w, h * w);
    if (end != nullptr) advance_memory(kernels, chunk, end + i * n * w, context.scratch);
  }
  add_direct(kernels, p, length, tape);
  if (end != nullptr) save(end, length, tape);
  write_out(kernels, p, length, out, tape, context.memory_out);
}

template <class Real>
typename Mamba3Layer<Real>::Gradients Mamba3Layer<Real>::carve_gradients(Carver<Real>& carver,
                                                                         S length) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, e = h * w, ranks = shape_.rank,
          rows = length * ranks;
  Gradients g;
  g.proj = carver.take(length * in_.width());
  g.mixed = shape_.convolution ? carver.take(length * mixed_width_) : g.proj;
  for (Real** piece : {&g.y, &g.written}) *piece = carver.take(rows * e);
  g.key = carver.take((rows + ranks) * h * n);
  g.query = carver.take(rows * h * n);
  g.value = carver.take((rows + ranks) * e);
  g.x = ranks > 1 ? carver.take((length + 1) * e) : g.value;
  g.gamma = carver.take((length + 1) * h);
  for (Real** piece : {&g.step, &g.decay, &g.lambda, &g.log_alpha, &g.weight})
    *piece = carver.take(length * h);
  g.angle = carver.take(length * h * shape_.angles);
  for (Real** piece : {&g.b, &g.c}) *piece = carver.take(rows * n);
  for (Real** piece : {&g.qk, &g.between}) *piece = carver.take(rows * rows);
  g.since = carver.take(rows);
  g.token_between = ranks > 1 ? carver.take(length * length) : g.between;
  g.token_since = ranks > 1 ? carver.take(length) : g.since;
  const S out_scratch = ranks > 1 ? ranked_.scratch(length) : 2 * length * e;
  g.scratch = carver.take(std::max(rows * std::max(rows, w), out_scratch));
  return g;
}

template <class Real>
void Mamba3Layer<Real>::out_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                     const Real* dout, const Real* dmemory, const Tape& tape,
                                     const Gradients& g, Real* gradient) const {
  const S e = shape_.heads * shape_.values, ranks = shape_.rank;
  const Real* z = tape.in.proj + mixed_width_;
  Real* dz = g.proj + mixed_width_;
  if (ranks > 1) {
    ranked_.backward(kernels, p, length, tape.y, z, in_.width(), dout, tape.ranked, g.y, dz, in_.width(),
                     gradient, g.scratch);
  } else {
    out_.backward(kernels, p, length, tape.y, z, in_.width(), dout, tape.out, g.y, dz, in_.width(), gradient,
                  g.scratch);
  }
  for (S row = 0; row < length * ranks && dmemory != nullptr; ++row) {
    kernels.linear.axpy(Real{1} / static_cast<Real>(ranks), dmemory + row / ranks * e, g.y + row * e, e);
  }
}

template <class Real>
void Mamba3Layer<Real>::direct_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                        const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, ranks = shape_.rank;
  const auto& linear = kernels.linear;
  for (S i = 0; i < length * ranks * h; ++i) {
    const S row = i / h, head = i % h, at = (row / ranks + 1) * h + head;
    const Real gamma = tape.gamma[at];
    const Real* dy = g.y + i * w;
    for (S s = 0; s < ranks; ++s) {
      const S other = ((row / ranks + 1) * ranks + s) * h + head;
      const Real overlap = tape.overlap[i * ranks + s];
      const Real skip = s == row % ranks ? p[skip_ + head] : Real{0};
      const Real dshare = linear.dot(dy, tape.value + other * w, w);
      linear.axpy(gamma * overlap + skip, dy, g.value + other * w, w);
      if (s == row % ranks) gradient[skip_ + head] += dshare;
      g.gamma[at] += dshare * overlap;
      linear.axpy(dshare * gamma, tape.key + other * n, g.query + i * n, n);
      linear.axpy(dshare * gamma, tape.query + i * n, g.key + other * n, n);
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::memory_backward(const KernelTable<Real>& kernels, S length, const Real* start,
                                        const Tape& tape, const Gradients& g) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, ranks = shape_.rank, rows = length * ranks;
  const auto& linear = kernels.linear;
  for (S i = 0; i < h; ++i) {
    const HeadChunk<Real> chunk = head_chunk(tape, i, length, start);
    std::fill_n(g.since, rows, Real{0});
    attend_backward(kernels, chunk, head_tape(tape, i, length), g.y + i * w, h * w,
                    {g.query + i * n, h * n, g.written + i * w, h * w, g.qk, g.between, g.since, g.scratch});
    linear.gemm_nn(g.qk, rows, chunk.k, h * n, g.query + i * n, h * n, rows, n, rows, true);
    linear.gemm_tn(g.qk, rows, chunk.q, h * n, g.key + i * n, h * n, rows, n, rows, true);
    if (ranks > 1) {
      std::fill_n(g.token_between, length * length, Real{0});
      std::fill_n(g.token_since, length, Real{0});
      for (S t = 0; t < rows; ++t) {
        g.token_since[t / ranks] += g.since[t];
        for (S s = 0; s < rows; ++s)
          g.token_between[t / ranks * length + s / ranks] += g.between[t * rows + s];
      }
    }
    decay_backward(ChunkDecay<Real>{tape.token_between + i * round_up16(length * length),
                                    tape.token_since + i * round_up16(length)},
                   g.token_between, g.token_since, length, g.log_alpha + i, h);
  }
}

template <class Real>
void Mamba3Layer<Real>::weights_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                                         const Gradients& g) const {
  const S h = shape_.heads, w = shape_.values, ranks = shape_.rank;
  for (S i = 0; i < length * h; ++i) {
    Real dweight{0};
    for (S r = 0; r < ranks; ++r) {
      const S at = ((i / h * ranks + r) * h + i % h) * w;
      const Real* dwritten = g.written + at;
      dweight += kernels.linear.dot(dwritten, tape.value + at, w);
      kernels.linear.axpy(tape.weight[i], dwritten, g.value + at, w);
    }
    g.log_alpha[i] += dweight * tape.weight[i];
    g.weight[i] = dweight * tape.alpha[i];
    g.gamma[i] += g.weight[i];
  }
  for (S i = 0; i < length * h; ++i) {
    const Real dgamma = g.gamma[h + i], step = tape.step[i], lambda = tape.lambda[i];
    g.lambda[i] = (dgamma - g.weight[i]) * step;
    g.step[i] = g.weight[i] * (Real{1} - lambda) + dgamma * lambda - g.log_alpha[i] * tape.decay[i];
    g.decay[i] = -(g.log_alpha[i] * step);
  }
}

/// From the gradients of v_r to those of x and m_x. The token before the chunk counts for m_x too.
template <class Real>
void Mamba3Layer<Real>::values_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                        const Tape& tape, const Gradients& g, Real* gradient) const {
  const S e = shape_.heads * shape_.values, ranks = shape_.rank;
  for (S row = 0; row < (length + 1) * ranks && ranks > 1; ++row) {
    const S t = row / ranks, r = row % ranks;
    kernels.math.multiply_add(g.value + row * e, p + rank_values_ + r * e, g.x + t * e, e);
    kernels.math.multiply_add(g.value + row * e, tape.x + t * e, gradient + rank_values_ + r * e, e);
  }
}

template <class Real>
void Mamba3Layer<Real>::turn_backward(S length, const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = shape_.keys, q = shape_.angles, ranks = shape_.rank;
  // Turns one gradient row back in place and gives it to the bias and the normed row; the angles' part is
  // added.
  const auto turn_back = [&](const Real* turned, Real* dturned, S at, Real* dbias, Real* dnormed) {
    for (S j = 0; j < q; ++j) {
      const Real dx = dturned[2 * j], dy = dturned[2 * j + 1], sine = tape.sine[at + j],
                 cosine = tape.cosine[at + j];
      g.angle[at + j] += dy * turned[2 * j] - dx * turned[2 * j + 1];
      dturned[2 * j] = cosine * dx + sine * dy;
      dturned[2 * j + 1] = cosine * dy - sine * dx;
    }
    for (S j = 0; j < n; ++j) {
      dbias[j] += dturned[j];
      dnormed[j] += dturned[j];
    }
  };
  for (S t = length; t-- > 0;) {
    Real* dsmall = g.proj + t * in_.width() + small_ + 3 * h;
    for (S i = 0; i < h; ++i) {
      const S row = t * h + i, at = row * q;
      for (S r = 0; r < ranks; ++r) {
        const S key = ((t + 1) * ranks + r) * h + i, query = (t * ranks + r) * h + i, bias = (r * h + i) * n;
        turn_back(tape.key + key * n, g.key + key * n, at, gradient + b_bias_ + bias,
                  g.b + (t * ranks + r) * n);
        turn_back(tape.query + query * n, g.query + query * n, at, gradient + c_bias_ + bias,
                  g.c + (t * ranks + r) * n);
      }
      for (S j = 0; j < q; ++j) {
        if (t + 1 < length) g.angle[at + j] += g.angle[at + h * q + j];
        const Real dturned = g.angle[at + j] * Real(kMamba3Pi), turn = tape.turn[t * q + j];
        g.step[row] += dturned * turn;
        dsmall[j] += dturned * tape.step[row] * (Real{1} - turn * turn);
      }
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::step_sizes_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                                            const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = length * h;
  kernels.math.softplus_backward(tape.step_pre, g.step, g.step, n);
  if (!shape_.heavy_tail) kernels.math.softplus_backward(tape.decay_pre, g.decay, g.decay, n);
  for (S i = 0; i < n; ++i) {
    const Real decay = tape.decay[i], lambda = tape.lambda[i];
    if (shape_.heavy_tail && tape.decay_pre[i] < Real{0}) g.decay[i] *= decay * decay;
    if (decay <= Real{kMamba3LeastDecay}) g.decay[i] = Real{0};
    Real* dsmall = g.proj + i / h * in_.width() + small_ + i % h;
    dsmall[0] = g.step[i];
    dsmall[h] = g.decay[i];
    dsmall[2 * h] = g.lambda[i] * lambda * (Real{1} - lambda);
    gradient[step_bias_ + i % h] += g.step[i];
    gradient[decay_bias_ + i % h] += g.decay[i];
  }
}

template <class Real>
void Mamba3Layer<Real>::norms_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                       const Tape& tape, const Gradients& g, Real* gradient) const {
  const S n = shape_.keys, e = shape_.heads * shape_.values, r = shape_.rank;
  const S stride = shape_.convolution ? mixed_width_ : in_.width();
  for (S t = 0; t < length; ++t) {
    const Real* row = mixed(tape) + t * mixed_stride();
    Real* drow = g.mixed + t * stride;
    std::copy_n(g.x + (t + 1) * e, e, drow);
    std::fill_n(drow + e, 2 * r * n, Real{0});
    kernels.block.rms_norm_backward(row + e, p + b_norm_, tape.b_scale + t * r, g.b + t * r * n, drow + e,
                                    gradient + b_norm_, r, n);
    kernels.block.rms_norm_backward(row + e + r * n, p + c_norm_, tape.c_scale + t * r, g.c + t * r * n,
                                    drow + e + r * n, gradient + c_norm_, r, n);
  }
}

template <class Real>
void Mamba3Layer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                 const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                                 Real* memory) const {
  const S length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients g = carve_gradients(scratch, length);
  std::fill_n(context.scratch, scratch.used(), Real{0});

  out_backward(kernels, p, length, dout, context.memory_out_gradient, tape, g, gradient);
  direct_backward(kernels, p, length, tape, g, gradient);
  memory_backward(kernels, length, start, tape, g);
  weights_backward(kernels, length, tape, g);
  values_backward(kernels, p, length, tape, g, gradient);
  turn_backward(length, tape, g, gradient);
  step_sizes_backward(kernels, length, tape, g, gradient);
  norms_backward(kernels, p, length, tape, g, gradient);
  in_.backward(kernels, p, length, cut(start).tail, u, tape.in, g.mixed, g.proj, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_mamba3(LayerOptions& options, const LayerPlace& place) {
  Mamba3Shape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  const std::size_t even = round_up16((2 * place.d + shape.heads - 1) / shape.heads);
  shape.values = options.take_width("p", even, 16, 512);
  shape.keys = options.take_width("n", 64, 16, 256);
  shape.angles = options.take_size("q", shape.keys / 4, 1, shape.keys / 2);
  shape.rank = options.take_size("r", 1, 1, 8);
  shape.convolution = !options.take_flag("noconv");
  shape.heavy_tail = !options.take_flag("softplus");
  shape.half_lives = options.take_half_lives({2, 16, 128, 1024});
  return std::make_unique<Mamba3Layer<Real>>(shape);
}

}  // namespace

const LayerKind kMamba3Layer = {
    "mamba3",
    "Mamba-3: h heads (4), p head width (2d/h), n key width (64), q rotating pairs (n/4), r keys "
    "and queries of a token (1; more: MIMO), noconv, softplus decay instead of the heavy-tailed "
    "one, ladder=half-life/...",
    make_mamba3<float>, make_mamba3<double>};

template class Mamba3Layer<float>;
template class Mamba3Layer<double>;

}  // namespace ssmz::model
