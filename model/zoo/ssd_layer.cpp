// SPDX-License-Identifier: Apache-2.0
// Mamba-2: parameters, step, chunk forward and its backward (LAYERS.md 0.5 and 3).
#include "model/zoo/ssd_layer.hpp"

#include <utility>

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
SsdLayer<Real>::SsdLayer(SsdShape shape)
    : shape_(std::move(shape)),
      width_(shape_.heads * shape_.values),
      conv_width_(width_ + 2 * shape_.states),
      in_width_(conv_width_ + width_ + round_up16(shape_.heads)) {
  ParameterList list;
  declare(list);
  const auto& specs = list.specs();
  at_ = {specs[0].offset, specs[1].offset, specs[2].offset, specs[3].offset,
         specs[4].offset, specs[5].offset, specs[6].offset, specs[7].offset};
}

template <class Real>
void SsdLayer<Real>::declare(ParameterList& list) const {
  list.add_map("in", shape_.d, in_width_);
  list.add("conv_weight", {4, conv_width_});
  list.add("conv_bias", {conv_width_});
  list.add("decay_log", {shape_.heads});
  list.add("step_bias", {shape_.heads});
  list.add("skip", {width_});
  list.add("norm", {width_});
  list.add_map("out", width_, shape_.d);
}

template <class Real>
typename SsdLayer<Real>::Tape SsdLayer<Real>::carve(Carver<Real>& carver, std::size_t length,
                                                    bool chunk) const {
  const std::size_t heads = length * shape_.heads, n = length * width_;
  Tape tape;
  tape.in = carver.take(length * in_width_);
  tape.pre = carver.take(length * conv_width_);
  tape.conv = carver.take(length * conv_width_);
  for (Real** piece : {&tape.step_pre, &tape.step, &tape.decay}) *piece = carver.take(heads);
  for (Real** piece : {&tape.v, &tape.y, &tape.gated, &tape.normed}) *piece = carver.take(n);
  tape.scale = carver.take(length);
  tape.qk = carver.take(chunk ? length * length : 0);
  tape.heads = carver.take(chunk ? shape_.heads * head_tape(length) : 0);
  return tape;
}

template <class Real>
typename SsdLayer<Real>::Gradients SsdLayer<Real>::carve_gradients(Carver<Real>& carver,
                                                                   std::size_t length) const {
  const std::size_t n = length * width_, square = length * length, heads = length * shape_.heads;
  Gradients g;
  g.in = carver.take(length * in_width_);
  g.conv = carver.take(length * conv_width_);
  for (Real** piece : {&g.v, &g.y, &g.gated, &g.normed}) *piece = carver.take(n);
  for (Real** piece : {&g.step, &g.log_decay}) *piece = carver.take(heads);
  for (Real** piece : {&g.qk, &g.head_qk, &g.between}) *piece = carver.take(square);
  g.since = carver.take(length);
  g.scratch = carver.take(std::max(square, length * std::max(shape_.values, shape_.states)));
  return g;
}

template <class Real>
std::size_t SsdLayer<Real>::head_tape(std::size_t length) const {
  return 2 * round_up16(length * length) + round_up16(length) + length * shape_.values;
}

template <class Real>
typename SsdLayer<Real>::Head SsdLayer<Real>::carve_head(const Tape& tape, const Real* start,
                                                         std::size_t length, std::size_t h) const {
  Carver<Real> carver(tape.heads + h * head_tape(length));
  Head head;
  head.chunk.length = length;
  head.chunk.keys = shape_.states;
  head.chunk.values = shape_.values;
  head.chunk.k = tape.conv + width_;
  head.chunk.q = tape.conv + width_ + shape_.states;
  head.chunk.q_stride = head.chunk.k_stride = conv_width_;
  head.chunk.v = tape.v + h * shape_.values;
  head.chunk.v_stride = width_;
  head.chunk.qk = tape.qk;
  head.chunk.decay.between = carver.take(length * length);
  head.chunk.decay.since = carver.take(length);
  head.chunk.start = start + h * shape_.states * shape_.values;
  head.tape.weights = carver.take(length * length);
  head.tape.read = carver.take(length * shape_.values);
  return head;
}

template <class Real>
LayerSizes SsdLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes;
  sizes.state = memory_size() + 3 * conv_width_;
  sizes.prepared = shape_.heads;
  sizes.memory = width_;
  sizes.step_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, 1, false); });
  sizes.tape = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, length, true); });
  sizes.chunk_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve_gradients(carver, length); });
  return sizes;
}

template <class Real>
void SsdLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const std::size_t used = conv_width_ + width_ + shape_.heads;
  for (std::size_t i = 0; i < shape_.d; ++i) {
    draw_linear(random, shape_.d, 1.0f, parameters + at_.in + i * in_width_, used);
  }
  if (shape_.mimetic) tie_queries(parameters);
  draw_linear(random, 4, 1.0f, parameters + at_.conv_weight, 4 * conv_width_);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + at_.step_bias, shape_.heads);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    float decay = random.uniform(1.0f, 16.0f);
    if (!shape_.half_lives.empty()) {  // decay * step = ln 2 / half-life
      const float step = softplus(static_cast<float>(parameters[at_.step_bias + h]));
      decay = 0.69314718f / (shape_.half_lives[h % shape_.half_lives.size()] * step);
    }
    parameters[at_.decay_log + h] = log(decay);
  }
  std::fill_n(parameters + at_.skip, width_, Real{1});
  std::fill_n(parameters + at_.norm, width_, Real{1});
  draw_linear(random, width_, residual_scale, parameters + at_.out, width_ * shape_.d);
}

/// Half of the columns of C become the mean of theirs and B's, so that queries resemble keys.
template <class Real>
void SsdLayer<Real>::tie_queries(Real* parameters) const {
  for (std::size_t i = 0; i < shape_.d; ++i) {
    Real* b = parameters + at_.in + i * in_width_ + width_;
    Real* c = b + shape_.states;
    for (std::size_t j = 0; j < shape_.states / 2; ++j) c[j] = (c[j] + b[j]) * Real{0.5f};
  }
}

template <class Real>
void SsdLayer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  kernels.math.exp(parameters + at_.decay_log, prepared, shape_.heads);
}

template <class Real>
Convolution<Real> SsdLayer<Real>::convolution(const Real* parameters, const Tape& tape, const Real* start,
                                              std::size_t length) const {
  return {length,
          conv_width_,
          tape.in,
          in_width_,
          start + memory_size(),
          parameters + at_.conv_weight,
          parameters + at_.conv_bias};
}

template <class Real>
void SsdLayer<Real>::project(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                             std::size_t length, const Real* start, Real* end, const Real* u,
                             const Tape& tape) const {
  const Real* p = weights.parameters;
  const std::size_t heads = shape_.heads, values = shape_.values, n = length * heads;
  apply_map(kernels, u, shape_.d, p + at_.in, tape.in, in_width_, length, in_width_, shape_.d);
  kernels.block.convolve(convolution(p, tape, start, length), tape.pre, tape.conv,
                         end == nullptr ? nullptr : end + memory_size());
  for (std::size_t i = 0; i < n; ++i) {
    tape.step_pre[i] =
        tape.in[i / heads * in_width_ + conv_width_ + width_ + i % heads] + p[at_.step_bias + i % heads];
  }
  kernels.math.softplus(tape.step_pre, tape.step, n);
  for (std::size_t i = 0; i < n; ++i) tape.decay[i] = -weights.prepared[i % heads] * tape.step[i];
  kernels.math.exp(tape.decay, tape.decay, n);
  for (std::size_t i = 0; i < n; ++i) {
    const Real* x = tape.conv + i / heads * conv_width_ + i % heads * values;
    for (std::size_t j = 0; j < values; ++j) tape.v[i * values + j] = tape.step[i] * x[j];
  }
}

template <class Real>
void SsdLayer<Real>::finish(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                            const Tape& tape, Real* out) const {
  for (std::size_t t = 0; t < length; ++t) {
    Real* y = tape.y + t * width_;
    kernels.math.multiply_add(parameters + at_.skip, tape.conv + t * conv_width_, y, width_);
    kernels.math.gate(y, tape.in + t * in_width_ + conv_width_, tape.gated + t * width_, width_);
  }
  kernels.block.rms_norm(tape.gated, parameters + at_.norm, tape.normed, tape.scale, length, width_,
                         Real{1e-5f});
  apply_map(kernels, tape.normed, width_, parameters + at_.out, out, shape_.d, length, shape_.d, width_);
}

template <class Real>
void SsdLayer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                          const Real* u, Real* out) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t states = shape_.states, values = shape_.values;
  Carver<Real> carver(context.scratch);
  const Tape tape = carve(carver, 1, false);
  project(kernels, weights, 1, state, state, u, tape);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    kernels.block.memory_step(state + h * states * values, states, values, tape.decay[h], tape.conv + width_,
                              tape.v + h * values, tape.conv + width_ + states, tape.y + h * values);
  }
  finish(kernels, weights.parameters, 1, tape, out);
  if (context.memory_out != nullptr) std::copy_n(tape.y, width_, context.memory_out);
}

template <class Real>
void SsdLayer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, Real* end, const Real* u, Real* out, Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, states = shape_.states;
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, length, true);
  project(kernels, weights, length, start, end, u, tape);
  kernels.linear.gemm_nt(tape.conv + width_ + states, conv_width_, tape.conv + width_, conv_width_, tape.qk,
                         length, length, length, states, false);
  for (std::size_t h = 0; h < shape_.heads; ++h) {
    const Head head = carve_head(tape, start, length, h);
    fill_decay(tape.decay + h, shape_.heads, length, head.chunk.decay);
    attend(kernels, head.chunk, head.tape, tape.y + h * shape_.values, width_);
    if (end != nullptr)
      advance_memory(kernels, head.chunk, end + h * states * shape_.values, context.scratch);
  }
  finish(kernels, weights.parameters, length, tape, out);
  if (context.memory_out != nullptr) std::copy_n(tape.y, length * width_, context.memory_out);
}

/// Output map, norm, gate and skip; leaves the gradient of the memory's output in to.y, x's part in to.conv.
template <class Real>
void SsdLayer<Real>::finish_backward(const ChunkContext<Real>& context, const Real* parameters,
                                     const Tape& tape, const Real* dout, const Gradients& to,
                                     Real* gradient) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, d = shape_.d;
  kernels.linear.gemm_tn(tape.normed, width_, dout, d, gradient + at_.out, d, width_, d, length, true);
  kernels.linear.gemm_nt(dout, d, parameters + at_.out, d, to.normed, width_, length, width_, d, false);
  std::fill_n(to.gated, length * width_, Real{0});
  kernels.block.rms_norm_backward(tape.gated, parameters + at_.norm, tape.scale, to.normed, to.gated,
                                  gradient + at_.norm, length, width_);
  for (std::size_t t = 0; t < length; ++t) {
    Real* dy = to.y + t * width_;
    kernels.math.gate_backward(tape.y + t * width_, tape.in + t * in_width_ + conv_width_,
                               to.gated + t * width_, dy, to.in + t * in_width_ + conv_width_, width_);
    if (context.memory_out_gradient != nullptr) {
      kernels.linear.axpy(Real{1}, context.memory_out_gradient + t * width_, dy, width_);
    }
    kernels.math.multiply(parameters + at_.skip, dy, to.conv + t * conv_width_, width_);
    kernels.math.multiply_add(tape.conv + t * conv_width_, dy, gradient + at_.skip, width_);
  }
}

/// All heads: from to.y to to.v, to.log_decay and the B and C parts of to.conv.
template <class Real>
void SsdLayer<Real>::heads_backward(const ChunkContext<Real>& context, const Real* start, const Tape& tape,
                                    const Gradients& to) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const std::size_t length = context.length, states = shape_.states, values = shape_.values,
                    heads = shape_.heads;
  Real* db = to.conv + width_;
  Real* dc = db + states;
  for (std::size_t t = 0; t < length; ++t) std::fill_n(db + t * conv_width_, 2 * states, Real{0});
  std::fill_n(to.log_decay, length * heads, Real{0});
  std::fill_n(to.qk, length * length, Real{0});
  for (std::size_t h = 0; h < heads; ++h) {
    const Head head = carve_head(tape, start, length, h);
    std::fill_n(to.since, length, Real{0});
    attend_backward(
        kernels, head.chunk, head.tape, to.y + h * values, width_,
        {dc, conv_width_, to.v + h * values, width_, to.head_qk, to.between, to.since, to.scratch});
    linear.axpy(Real{1}, to.head_qk, to.qk, length * length);
    decay_backward(head.chunk.decay, to.between, to.since, length, to.log_decay + h, heads);
  }
  const Real* b = tape.conv + width_;
  const Real* c = b + states;
  linear.gemm_nn(to.qk, length, b, conv_width_, dc, conv_width_, length, states, length, true);
  linear.gemm_tn(to.qk, length, c, conv_width_, db, conv_width_, length, states, length, true);
}

/// v = step x and the decays back to x's part of to.conv, the step columns of to.in and the parameters.
template <class Real>
void SsdLayer<Real>::steps_backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                                    std::size_t length, const Tape& tape, const Gradients& to,
                                    Real* gradient) const {
  const std::size_t heads = shape_.heads, values = shape_.values, n = length * heads;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = i / heads * conv_width_ + i % heads * values;
    const Real* dv = to.v + i * values;
    kernels.linear.axpy(tape.step[i], dv, to.conv + at, values);
    // log a = -exp(A_log) step, so its derivative by A_log is itself.
    const Real rate = -weights.prepared[i % heads];
    gradient[at_.decay_log + i % heads] += to.log_decay[i] * (rate * tape.step[i]);
    to.step[i] = kernels.linear.dot(dv, tape.conv + at, values) + rate * to.log_decay[i];
  }
  kernels.math.softplus_backward(tape.step_pre, to.step, to.step, n);
  for (std::size_t t = 0; t < length; ++t) {
    Real* columns = to.in + t * in_width_ + conv_width_ + width_;
    std::fill_n(columns, in_width_ - conv_width_ - width_, Real{0});
    for (std::size_t h = 0; h < heads; ++h) {
      columns[h] = to.step[t * heads + h];
      gradient[at_.step_bias + h] += columns[h];
    }
  }
}

template <class Real>
void SsdLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                              const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                              Real* memory) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length, d = shape_.d;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients to = carve_gradients(scratch, length);
  finish_backward(context, p, tape, dout, to, gradient);
  heads_backward(context, start, tape, to);
  steps_backward(kernels, weights, length, tape, to, gradient);
  kernels.block.convolve_backward(convolution(p, tape, start, length), tape.pre, to.conv, to.in, in_width_,
                                  gradient + at_.conv_weight, gradient + at_.conv_bias);
  kernels.linear.gemm_tn(u, d, to.in, in_width_, gradient + at_.in, in_width_, d, in_width_, length, true);
  kernels.linear.gemm_nt(to.in, in_width_, p + at_.in, in_width_, du, d, length, d, in_width_, false);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_ssd(LayerOptions& options, const LayerPlace& place) {
  SsdShape shape;
  shape.d = place.d;
  shape.values = options.take_width("p", 32, 16, 256);
  shape.heads = options.take_size("h", std::max<std::size_t>(2 * place.d / shape.values, 1), 1, 64);
  shape.states = options.take_width("n", 32, 16, 256);
  shape.half_lives = options.take_half_lives({1, 8, 64, 2048});
  shape.mimetic = options.take_flag("mimetic");
  return std::make_unique<SsdLayer<Real>>(std::move(shape));
}

}  // namespace

const LayerKind kSsdLayer = {
    "ssd",
    "Mamba-2: h heads (2d/p) of p values (32), n states (32), ladder half-lives per head "
    "(1/8/64/2048), mimetic",
    make_ssd<float>, make_ssd<double>};

template class SsdLayer<float>;
template class SsdLayer<double>;

}  // namespace ssmz::model
