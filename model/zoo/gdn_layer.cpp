// SPDX-License-Identifier: Apache-2.0
// Gated DeltaNet: parameters, step, chunk forward and its backward (LAYERS.md 0.5 and 6a).
#include "model/zoo/gdn_layer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

/// Gradients of the tape's arrays of the same name, and scratch.
template <class Real>
struct GdnLayer<Real>::Gradients {
  Real* in;
  Real* conv;
  Real* q;
  Real* k;
  Real* o;
  Real* gated;  ///< Then of the normed output.
  Real* beta;
  Real* log_alpha;
  Real* qk;  ///< One head's, as the next five.
  Real* between;
  Real* since;
  Real* u;  ///< Then of the solve's right side.
  Real* square;
  Real* rows;
  Real* solve;  ///< The transposed erase matrix, then the negated gradient of erase.

  static Gradients carve(Carver<Real>& carver, const GdnLayer& layer, std::size_t length) {
    const std::size_t square = length * length, values = length * layer.shape_.values;
    Gradients g;
    g.in = carver.take(length * layer.in_width_);
    g.conv = carver.take(length * layer.conv_width_);
    g.q = carver.take(length * layer.key_width_);
    g.k = carver.take(length * layer.key_width_);
    g.o = carver.take(length * layer.value_width_);
    g.gated = carver.take(length * layer.value_width_);
    g.beta = carver.take(length * layer.shape_.heads);
    g.log_alpha = carver.take(length * layer.shape_.heads);
    g.qk = carver.take(square);
    g.between = carver.take(square);
    g.since = carver.take(length);
    g.u = carver.take(values);
    g.square = carver.take(square);
    g.rows = carver.take(std::max({square, values, length * layer.shape_.heads}));
    g.solve = carver.take(square);
    return g;
  }
};

template <class Real>
GdnLayer<Real>::GdnLayer(GdnShape shape)
    : shape_(std::move(shape)),
      key_width_(shape_.heads * shape_.keys),
      value_width_(shape_.heads * shape_.values),
      conv_width_(2 * key_width_ + value_width_),
      in_width_(conv_width_ + value_width_ + round_up16(2 * shape_.heads)) {
  ParameterList list;
  declare(list);
  const auto& specs = list.specs();
  at_ = {specs[0].offset, specs[1].offset, specs[2].offset, specs[3].offset,
         specs[4].offset, specs[5].offset, specs[6].offset};
}

template <class Real>
void GdnLayer<Real>::declare(ParameterList& list) const {
  list.add_map("in", shape_.d, in_width_);
  list.add("conv", {4, conv_width_});
  list.add("decay_log", {shape_.heads});
  list.add("step_bias", {shape_.heads});
  list.add("direct", {value_width_}, shape_.direct ? 1.0f : 0.0f);
  list.add("norm", {shape_.values});
  list.add_map("out", value_width_, shape_.d);
}

template <class Real>
typename GdnLayer<Real>::Tape GdnLayer<Real>::carve(Carver<Real>& carver, std::size_t length,
                                                    bool chunk) const {
  const std::size_t heads = length * shape_.heads, keys = length * key_width_, values = length * value_width_;
  Tape tape;
  tape.in = carver.take(length * in_width_);
  tape.pre = carver.take(length * conv_width_);
  tape.conv = carver.take(length * conv_width_);
  tape.q = carver.take(keys);
  tape.k = carver.take(keys);
  for (Real** piece :
       {&tape.q_scale, &tape.k_scale, &tape.beta_raw, &tape.beta, &tape.step_pre, &tape.alpha}) {
    *piece = carver.take(heads);
  }
  tape.o = carver.take(values);
  tape.normed = carver.take(values);
  tape.o_scale = carver.take(heads);
  tape.gated = carver.take(values);
  tape.heads = carver.take(chunk ? shape_.heads * head_tape(length) : 2 * shape_.values);
  return tape;
}

template <class Real>
std::size_t GdnLayer<Real>::head_tape(std::size_t length) const {
  return 5 * round_up16(length * length) + round_up16(length) + 3 * length * shape_.values;
}

template <class Real>
typename GdnLayer<Real>::Head GdnLayer<Real>::carve_head(const Tape& tape, const Real* start,
                                                         std::size_t length, std::size_t h) const {
  const std::size_t square = length * length, values = length * shape_.values;
  Carver<Real> carver(tape.heads + h * head_tape(length));
  Head head;
  head.qk = carver.take(square);
  head.kk = carver.take(square);
  head.erase = carver.take(square);
  head.tape.weights = carver.take(square);
  head.chunk.decay.between = carver.take(square);
  head.chunk.decay.since = carver.take(length);
  head.recall = carver.take(values);
  head.tape.read = carver.take(values);
  head.u = carver.take(values);
  head.chunk.length = length;
  head.chunk.keys = shape_.keys;
  head.chunk.values = shape_.values;
  head.chunk.q = tape.q + h * shape_.keys;
  head.chunk.k = tape.k + h * shape_.keys;
  head.chunk.q_stride = head.chunk.k_stride = key_width_;
  head.chunk.v = head.u;
  head.chunk.v_stride = shape_.values;
  head.chunk.qk = head.qk;
  head.chunk.start = start + h * shape_.keys * shape_.values;
  return head;
}

template <class Real>
LayerSizes GdnLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes;
  sizes.state = shape_.keys * value_width_ + 3 * conv_width_;
  sizes.prepared = shape_.heads;
  sizes.memory = value_width_;
  sizes.step_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, 1, false); });
  sizes.tape = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, length, true); });
  sizes.chunk_scratch =
      std::max(carved_size<Real>([&](Carver<Real>& carver) { Gradients::carve(carver, *this, length); }),
               length * shape_.keys);
  return sizes;
}

template <class Real>
void GdnLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  for (std::size_t i = 0; i < shape_.d; ++i) {
    draw_linear(random, shape_.d, 1.0f, parameters + at_.in + i * in_width_,
                conv_width_ + value_width_ + 2 * shape_.heads);
  }
  draw_linear(random, 4, 1.0f, parameters + at_.conv, 4 * conv_width_);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + at_.step_bias, shape_.heads);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    float decay = random.uniform(0.01f, 16.0f);
    if (!shape_.half_lives.empty()) {  // decay * step = ln 2 / half-life
      const float step = softplus(static_cast<float>(parameters[at_.step_bias + h]));
      decay = 0.69314718f / (shape_.half_lives[h % shape_.half_lives.size()] * step);
    }
    parameters[at_.decay_log + h] = log(decay);
  }
  std::fill_n(parameters + at_.direct, value_width_, Real{shape_.direct ? 1.0f : 0.0f});
  std::fill_n(parameters + at_.norm, shape_.values, Real{1});
  draw_linear(random, value_width_, residual_scale, parameters + at_.out, value_width_ * shape_.d);
}

template <class Real>
void GdnLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  kernels.math.exp(parameters + at_.decay_log, prepared, shape_.heads);
}

template <class Real>
Convolution<Real> GdnLayer<Real>::convolution(const Real* parameters, const Tape& tape, const Real* start,
                                              std::size_t length) const {
  const Real* tail = start + shape_.keys * value_width_;
  return {length, conv_width_, tape.in, in_width_, tail, parameters + at_.conv, nullptr};
}

template <class Real>
void GdnLayer<Real>::project(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                             std::size_t length, const Real* start, Real* end, const Real* u,
                             const Tape& tape) const {
  const Real* p = weights.parameters;
  const std::size_t heads = shape_.heads, n = length * heads;
  const Real query_scale = Real{1} / std::sqrt(static_cast<Real>(shape_.keys));
  apply_map(kernels, u, shape_.d, p + at_.in, tape.in, in_width_, length, in_width_, shape_.d);
  kernels.block.convolve(convolution(p, tape, start, length), tape.pre, tape.conv,
                         end == nullptr ? nullptr : end + shape_.keys * value_width_);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* conv = tape.conv + t * conv_width_;
    const Real* gates = tape.in + t * in_width_ + conv_width_ + value_width_;
    Real* k = tape.k + t * key_width_;
    kernels.block.l2_norm(conv, tape.q + t * key_width_, tape.q_scale + t * heads, heads, shape_.keys,
                          Real{1e-6f}, query_scale);
    if (shape_.longhorn) {
      std::copy_n(conv + key_width_, key_width_, k);
    } else {
      kernels.block.l2_norm(conv + key_width_, k, tape.k_scale + t * heads, heads, shape_.keys, Real{1e-6f},
                            Real{1});
    }
    for (std::size_t h = 0; h < heads; ++h) {
      if (shape_.longhorn) {
        const Real* key = k + h * shape_.keys;
        tape.k_scale[t * heads + h] = kernels.linear.dot(key, key, shape_.keys);
      }
      tape.beta_raw[t * heads + h] = gates[h];
      tape.step_pre[t * heads + h] = gates[heads + h] + p[at_.step_bias + h];
    }
  }
  kernels.math.sigmoid(tape.beta_raw, tape.beta_raw, n);
  kernels.math.softplus(tape.step_pre, tape.alpha, n);
  for (std::size_t i = 0; i < n; ++i) {
    if (shape_.negative) tape.beta_raw[i] *= 2;
    tape.beta[i] =
        shape_.longhorn ? tape.beta_raw[i] / (1 + tape.beta_raw[i] * tape.k_scale[i]) : tape.beta_raw[i];
    tape.alpha[i] *= -weights.prepared[i % heads];
  }
  kernels.math.exp(tape.alpha, tape.alpha, n);
}

template <class Real>
void GdnLayer<Real>::finish(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                            const Tape& tape, Real* out) const {
  for (std::size_t t = 0; t < length; ++t) {
    const Real* v = tape.conv + t * conv_width_ + 2 * key_width_;
    if (shape_.direct)
      kernels.math.multiply_add(parameters + at_.direct, v, tape.o + t * value_width_, value_width_);
  }
  kernels.block.rms_norm(tape.o, parameters + at_.norm, tape.normed, tape.o_scale, length * shape_.heads,
                         shape_.values, Real{1e-5f});
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.gate(tape.normed + t * value_width_, tape.in + t * in_width_ + conv_width_,
                      tape.gated + t * value_width_, value_width_);
  }
  apply_map(kernels, tape.gated, value_width_, parameters + at_.out, out, shape_.d, length, shape_.d,
            value_width_);
}

template <class Real>
void GdnLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                          const Real* u, Real* out) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t keys = shape_.keys, values = shape_.values;
  Carver<Real> carver(context.scratch);
  const Tape tape = carve(carver, 1, false);
  Real* recalled = tape.heads;
  Real* written = tape.heads + values;
  project(kernels, weights, 1, state, state, u, tape);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    Real* memory = state + h * keys * values;
    const Real* k = tape.k + h * keys;
    const Real* v = tape.conv + 2 * key_width_ + h * values;
    kernels.linear.matvec_t(memory, values, keys, values, k, recalled, false);
    for (std::size_t i = 0; i < values; ++i) written[i] = tape.beta[h] * (v[i] - tape.alpha[h] * recalled[i]);
    kernels.block.memory_step(memory, keys, values, tape.alpha[h], k, written, tape.q + h * keys,
                              tape.o + h * values);
  }
  finish(kernels, weights.parameters, 1, tape, out);
  if (context.memory_out != nullptr) std::copy_n(tape.o, value_width_, context.memory_out);
}

// U solves (I + A) U = beta o (V - e o (K S_start)), A[t][s] = beta_t M[t][s] (k_t.k_s) below the diagonal,
// row by row.
template <class Real>
void GdnLayer<Real>::remember(const KernelTable<Real>& kernels, const Tape& tape, const Head& head,
                              std::size_t h) const {
  const std::size_t length = head.chunk.length, keys = shape_.keys, values = shape_.values,
                    heads = shape_.heads;
  const auto& linear = kernels.linear;
  const auto& decay = head.chunk.decay;
  fill_decay(tape.alpha + h, heads, length, decay);
  linear.gemm_nt(head.chunk.q, key_width_, head.chunk.k, key_width_, head.qk, length, length, length, keys,
                 false);
  linear.gemm_nt(head.chunk.k, key_width_, head.chunk.k, key_width_, head.kk, length, length, length, keys,
                 false);
  linear.gemm_nn(head.chunk.k, key_width_, head.chunk.start, values, head.recall, values, length, values,
                 keys, false);
  kernels.math.multiply(head.kk, decay.between, head.erase, length * length);
  for (std::size_t t = 0; t < length; ++t) {
    const Real beta = tape.beta[t * heads + h];
    const Real* v = tape.conv + t * conv_width_ + 2 * key_width_ + h * values;
    const Real* recall = head.recall + t * values;
    Real* erase = head.erase + t * length;
    Real* u = head.u + t * values;
    for (std::size_t s = 0; s < t; ++s) erase[s] *= -beta;
    for (std::size_t i = 0; i < values; ++i) u[i] = beta * (v[i] - decay.since[t] * recall[i]);
    linear.matvec_t(head.u, values, t, values, erase, u, true);
  }
}

template <class Real>
void GdnLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, context.length, true);
  project(kernels, weights, context.length, start, end, u, tape);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    const Head head = carve_head(tape, start, context.length, h);
    remember(kernels, tape, head, h);
    attend(kernels, head.chunk, head.tape, tape.o + h * shape_.values, value_width_);
    if (end != nullptr) {
      advance_memory(kernels, head.chunk, end + h * shape_.keys * shape_.values, context.scratch);
    }
  }
  finish(kernels, weights.parameters, context.length, tape, out);
  if (context.memory_out != nullptr) std::copy_n(tape.o, context.length * value_width_, context.memory_out);
}

/// Output map, gate, head norm and direct path; leaves the gradient of the memory's output in to.o, v's part
/// in to.conv.
template <class Real>
void GdnLayer<Real>::finish_backward(const ChunkContext<Real>& context, const Real* parameters,
                                     const Tape& tape, const Real* dout, const Gradients& to,
                                     Real* gradient) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, width = value_width_, d = shape_.d;
  kernels.linear.gemm_tn(tape.gated, width, dout, d, gradient + at_.out, d, width, d, length, true);
  kernels.linear.gemm_nt(dout, d, parameters + at_.out, d, to.gated, width, length, width, d, false);
  for (std::size_t t = 0; t < length; ++t) {
    Real* dgated = to.gated + t * width;
    kernels.math.gate_backward(tape.normed + t * width, tape.in + t * in_width_ + conv_width_, dgated, dgated,
                               to.in + t * in_width_ + conv_width_, width);
  }
  std::fill_n(to.o, length * width, Real{0});
  kernels.block.rms_norm_backward(tape.o, parameters + at_.norm, tape.o_scale, to.gated, to.o,
                                  gradient + at_.norm, length * shape_.heads, shape_.values);
  if (context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, to.o, length * width);
  }
  for (std::size_t t = 0; t < length; ++t) {
    Real* dv = to.conv + t * conv_width_ + 2 * key_width_;
    const Real* dov = to.o + t * width;
    if (shape_.direct) {
      kernels.math.multiply(parameters + at_.direct, dov, dv, width);
      kernels.math.multiply_add(tape.conv + t * conv_width_ + 2 * key_width_, dov, gradient + at_.direct,
                                width);
    } else {
      std::fill_n(dv, width, Real{0});
    }
  }
}

/// One head: from to.o to to.q, to.k (added), to.beta, to.log_alpha (added) and v's part of to.conv (added).
template <class Real>
void GdnLayer<Real>::remember_backward(const ChunkContext<Real>& context, const Tape& tape, const Head& head,
                                       std::size_t h, const Gradients& to) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length, keys = shape_.keys, values = shape_.values, heads = shape_.heads;
  const auto& decay = head.chunk.decay;
  Real* dq = to.q + h * keys;
  Real* dk = to.k + h * keys;
  std::fill_n(to.since, length, Real{0});
  attend_backward(kernels, head.chunk, head.tape, to.o + h * values, value_width_,
                  {dq, key_width_, to.u, values, to.qk, to.between, to.since, to.rows});
  linear.gemm_nn(to.qk, length, head.chunk.k, key_width_, dq, key_width_, length, keys, length, true);
  linear.gemm_tn(to.qk, length, head.chunk.q, key_width_, dk, key_width_, length, keys, length, true);

  // The solve: G = (I + A)^-T dU, from the last row up, with the columns of -A as rows.
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t s = 0; s < length; ++s)
      to.solve[s * length + t] = s < t ? head.erase[t * length + s] : Real{0};
  }
  for (std::size_t t = length - 1; t-- > 0;) {
    linear.matvec_t(to.u + (t + 1) * values, values, length - 1 - t, values, to.solve + t * length + t + 1,
                    to.u + t * values, true);
  }
  // dA = -G U^T; A = beta M o KK^T, so its parts go to beta, M and KK^T.
  linear.gemm_nt(to.u, values, head.u, values, to.square, length, length, length, values, false);
  for (std::size_t t = 0; t < length; ++t) {
    const Real beta = tape.beta[t * heads + h];
    const Real* kk = head.kk + t * length;
    const Real* between = decay.between + t * length;
    Real* square = to.square + t * length;
    Real sum{0};
    for (std::size_t s = 0; s < t; ++s) {
      const Real da = -square[s];
      sum += da * between[s] * kk[s];
      to.between[t * length + s] += da * beta * kk[s];
      square[s] = da * beta * between[s];
    }
    std::fill(square + t, square + length, Real{0});
    // The right side: beta o (V - e o (K S_start)).
    const Real* g = to.u + t * values;
    const Real* recall = head.recall + t * values;
    const Real* v = tape.conv + t * conv_width_ + 2 * key_width_ + h * values;
    const Real g_recall = linear.dot(g, recall, values);
    to.beta[t * heads + h] = sum + (linear.dot(g, v, values) - decay.since[t] * g_recall);
    to.since[t] -= beta * g_recall;
    linear.axpy(beta, g, to.conv + t * conv_width_ + 2 * key_width_ + h * values, values);
    const Real fade = -beta * decay.since[t];
    for (std::size_t i = 0; i < values; ++i) to.rows[t * values + i] = fade * g[i];
  }
  linear.gemm_nn(to.square, length, head.chunk.k, key_width_, dk, key_width_, length, keys, length, true);
  linear.gemm_tn(to.square, length, head.chunk.k, key_width_, dk, key_width_, length, keys, length, true);
  linear.gemm_nt(to.rows, values, head.chunk.start, values, dk, key_width_, length, keys, values, true);
  decay_backward(decay, to.between, to.since, length, to.log_alpha + h, heads);
}

/// beta and alpha back to the gate columns of to.in and to the decay parameters; longhorn's part goes to
/// to.k.
template <class Real>
void GdnLayer<Real>::gates_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                    std::size_t length, const Tape& tape, const Gradients& to,
                                    Real* gradient) const {
  const std::size_t heads = shape_.heads, n = length * heads,
                    columns = in_width_ - conv_width_ - value_width_;
  const Real full = shape_.negative ? Real{2} : Real{1};
  for (std::size_t i = 0; i < n; ++i) {
    Real dbeta = to.beta[i];
    if (shape_.longhorn) {
      const Real dsquare = -dbeta * tape.beta[i] * tape.beta[i];
      kernels.linear.axpy(2 * dsquare, tape.k + i * shape_.keys, to.k + i * shape_.keys, shape_.keys);
      const Real shrink = Real{1} + tape.beta_raw[i] * tape.k_scale[i];
      dbeta /= shrink * shrink;
    }
    to.beta[i] = dbeta * tape.beta_raw[i] * (Real{1} - tape.beta_raw[i] / full);
    // log alpha = -exp(A_log) step, step = softplus(step_pre): d log alpha / d A_log = log alpha.
    const Real log_alpha = -weights.prepared[i % heads] * to.rows[i];
    gradient[at_.decay_log + i % heads] += to.log_alpha[i] * log_alpha;
    to.log_alpha[i] *= -weights.prepared[i % heads];
  }
  kernels.math.softplus_backward(tape.step_pre, to.log_alpha, to.log_alpha, n);
  for (std::size_t t = 0; t < length; ++t) {
    Real* gates = to.in + t * in_width_ + conv_width_ + value_width_;
    std::fill_n(gates, columns, Real{0});
    for (std::size_t h = 0; h < heads; ++h) {
      gates[h] = to.beta[t * heads + h];
      gates[heads + h] = to.log_alpha[t * heads + h];
      gradient[at_.step_bias + h] += to.log_alpha[t * heads + h];
    }
  }
}

/// Norms, convolution and input map.
template <class Real>
void GdnLayer<Real>::project_backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                      const Real* start, const Tape& tape, const Gradients& to, const Real* u,
                                      Real* du, Real* gradient) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, heads = shape_.heads, keys = shape_.keys, d = shape_.d;
  const Real query_scale = Real{1} / std::sqrt(static_cast<Real>(keys));
  const Real* p = weights.parameters;
  for (std::size_t t = 0; t < length; ++t) {
    const Real* conv = tape.conv + t * conv_width_;
    Real* dconv = to.conv + t * conv_width_;
    const Real* dk = to.k + t * key_width_;
    kernels.block.l2_norm_backward(conv, tape.q_scale + t * heads, to.q + t * key_width_, dconv, heads, keys,
                                   query_scale);
    if (shape_.longhorn) {
      std::copy_n(dk, key_width_, dconv + key_width_);
    } else {
      kernels.block.l2_norm_backward(conv + key_width_, tape.k_scale + t * heads, dk, dconv + key_width_,
                                     heads, keys, Real{1});
    }
  }
  kernels.block.convolve_backward(convolution(p, tape, start, length), tape.pre, to.conv, to.in, in_width_,
                                  gradient + at_.conv, nullptr);
  kernels.linear.gemm_tn(u, d, to.in, in_width_, gradient + at_.in, in_width_, d, in_width_, length, true);
  kernels.linear.gemm_nt(to.in, in_width_, p + at_.in, in_width_, du, d, length, d, in_width_, false);
}

template <class Real>
void GdnLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const std::size_t length = context.length;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients to = Gradients::carve(scratch, *this, length);
  std::fill_n(to.q, length * key_width_, Real{0});
  std::fill_n(to.k, length * key_width_, Real{0});
  std::fill_n(to.log_alpha, length * shape_.heads, Real{0});
  finish_backward(context, weights.parameters, tape, dout, to, gradient);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    remember_backward(context, tape, carve_head(tape, start, length, h), h, to);
  }
  context.kernels->math.softplus(tape.step_pre, to.rows, length * shape_.heads);
  gates_backward(*context.kernels, weights, length, tape, to, gradient);
  project_backward(context, weights, start, tape, to, u, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_gdn(LayerOptions& options, const LayerPlace& place) {
  GdnShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.keys = options.take_width("dk", 32, 16, 256);
  const std::size_t values = std::clamp<std::size_t>(round_up16(2 * place.d / shape.heads), 16, 512);
  shape.values = options.take_width("dv", values, 16, 512);
  shape.half_lives = options.take_half_lives({8, 64, 512, 8192});
  shape.direct = !options.take_flag("nodirect");
  shape.longhorn = options.take_flag("longhorn");
  shape.negative = options.take_flag("neg");
  return std::make_unique<GdnLayer<Real>>(std::move(shape));
}

}  // namespace

const LayerKind kGdnLayer = {
    "gdn",
    "Gated DeltaNet: h heads (4), dk key width (32), dv value width (2d/h), ladder half-lives per "
    "head (8/64/512/8192), nodirect, longhorn, neg",
    make_gdn<float>, make_gdn<double>};

template class GdnLayer<float>;
template class GdnLayer<double>;

}  // namespace ssmz::model
