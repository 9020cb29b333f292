// SPDX-License-Identifier: Apache-2.0
// Selective scan layer; equations and adjoints in LAYERS.md 2 and 0.5.
#include "model/layers/s6_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kSlowDecay =
    -1e-3f;  ///< Times the step size: fades over 1e4 to 1e6 tokens, so stays bounded. FORMAT
constexpr float kFullDecay = -1e30f;  ///< exp of it times any step size is 0.

}  // namespace

template <class Real>
S6Layer<Real>::S6Layer(const S6Shape& shape)
    : shape_(shape), mix_stride_(round_up16(2 * shape.states + shape.rank)) {
  ParameterList list;
  declare(list);
  const auto& specs = list.specs();
  at_ = {specs[0].offset, specs[1].offset, specs[2].offset, specs[3].offset, specs[4].offset,
         specs[5].offset, specs[6].offset, specs[7].offset, specs[8].offset};
}

template <class Real>
void S6Layer<Real>::declare(ParameterList& list) const {
  const std::size_t e = shape_.width;
  list.add_map("in", shape_.d, 2 * e);
  list.add("conv_weight", {4, e});
  list.add("conv_bias", {e});
  list.add_map("mix", e, mix_stride_);
  list.add_map("step_weight", shape_.rank, e);
  list.add("step_bias", {e});
  list.add("decay_log", {learned_states(), e});
  list.add("skip", {e});
  list.add_map("out", e, shape_.d);
}

template <class Real>
typename S6Layer<Real>::Tape S6Layer<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  const std::size_t n = length * shape_.width;
  Tape tape;
  tape.xz = carver.take(2 * n);
  tape.pre = carver.take(n);
  tape.x = carver.take(n);
  tape.mix = carver.take(length * mix_stride_);
  tape.step_pre = carver.take(n);
  tape.delta = carver.take(n);
  tape.y = carver.take(n);
  tape.gated = carver.take(n);
  return tape;
}

template <class Real>
LayerSizes S6Layer<Real>::sizes(std::size_t length) const {
  const std::size_t e = shape_.width, n = length * e;
  LayerSizes sizes =
      carved_sizes<Real>(length, [&](Carver<Real>& carver, std::size_t tokens) { carve(carver, tokens); });
  sizes.state = (shape_.states + 3) * e;
  sizes.prepared = shape_.states * e;
  sizes.memory = e;
  sizes.chunk_scratch = 6 * n + length * mix_stride_ + shape_.states * e + 64 * length * shape_.states;
  return sizes;
}

template <class Real>
void S6Layer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const std::size_t e = shape_.width, n = shape_.states;
  draw_linear(random, shape_.d, 1.0f, parameters + at_.in, shape_.d * 2 * e);
  draw_linear(random, 4, 1.0f, parameters + at_.conv_weight, 4 * e);
  for (std::size_t i = 0; i < e; ++i) {
    draw_linear(random, e, 1.0f, parameters + at_.mix + i * mix_stride_, 2 * n + shape_.rank);
  }
  draw_linear(random, shape_.rank, 1.0f, parameters + at_.step_weight, shape_.rank * e);
  draw_step_bias(random, 1e-3f, 0.1f, parameters + at_.step_bias, e);
  draw_decays(parameters);
  if (shape_.mimetic) draw_mimetic(parameters);
  std::fill_n(parameters + at_.skip, e, Real{1});
  draw_linear(random, e, residual_scale, parameters + at_.out, e * shape_.d);
}

template <class Real>
void S6Layer<Real>::draw_decays(Real* parameters) const {
  const std::size_t e = shape_.width, ladder = shape_.half_lives.size();
  for (std::size_t i = 0; i < e; ++i) {
    float slowest = 1.0f;
    if (ladder > 0) {
      const float step = softplus(static_cast<float>(parameters[at_.step_bias + i]));
      slowest = 0.693147181f / (shape_.half_lives[i * ladder / e] * step);
    }
    for (std::size_t j = 0; j < learned_states(); ++j) {
      parameters[at_.decay_log + j * e + i] = Real{log(static_cast<float>(j + 1) * slowest)};
    }
  }
}

template <class Real>
void S6Layer<Real>::draw_mimetic(Real* parameters) const {
  const std::size_t e = shape_.width, n = shape_.states;
  for (std::size_t j = learned_states() / 2; j < learned_states(); ++j) {
    std::fill_n(parameters + at_.decay_log + j * e, e, Real{log(0.05f)});
    for (std::size_t i = 0; i < e; ++i) {
      Real* row = parameters + at_.mix + i * mix_stride_;
      row[n + j] = (row[n + j] + row[j]) * Real{0.5f};
    }
  }
}

template <class Real>
void S6Layer<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  const std::size_t e = shape_.width, n = learned_states() * e;
  kernels.math.exp(parameters + at_.decay_log, prepared, n);
  for (std::size_t i = 0; i < n; ++i) prepared[i] = -prepared[i];
  if (!shape_.polarised) return;
  std::fill_n(prepared + n, e, Real{kSlowDecay});
  std::fill_n(prepared + n + e, e, Real{kFullDecay});
}

template <class Real>
Convolution<Real> S6Layer<Real>::convolution(const Real* parameters, const Tape& tape, const Real* start,
                                             std::size_t length) const {
  const std::size_t e = shape_.width;
  return {length,
          e,
          tape.xz,
          2 * e,
          start + shape_.states * e,
          parameters + at_.conv_weight,
          parameters + at_.conv_bias};
}

template <class Real>
SelectiveScan<Real> S6Layer<Real>::scan(const LayerWeights<Real>& weights, const Tape& tape,
                                        const Real* start, std::size_t length) const {
  return {length,      shape_.width,     shape_.states,
          tape.delta,  tape.x,           tape.mix,
          mix_stride_, weights.prepared, weights.parameters + at_.skip,
          start};
}

template <class Real>
typename S6Layer<Real>::Tape S6Layer<Real>::from_row(const Tape& tape, std::size_t row) const {
  const std::size_t n = row * shape_.width;
  return {tape.xz + 2 * n,   tape.pre + n,   tape.x + n, tape.mix + row * mix_stride_,
          tape.step_pre + n, tape.delta + n, tape.y + n, tape.gated + n};
}

template <class Real>
void S6Layer<Real>::run(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, const Run* runs,
                        std::size_t run_count, const Real* u, Real* out, Real* memory,
                        Real* memory_out) const {
  const std::size_t e = shape_.width, d = shape_.d;
  const Real* p = weights.parameters;
  std::size_t length = 0;
  for (std::size_t i = 0; i < run_count; ++i) length += runs[i].length;
  Carver<Real> carver(memory);
  const Tape tape = carve(carver, length);

  apply_map(kernels, u, d, p + at_.in, tape.xz, 2 * e, length, 2 * e, d);
  for (std::size_t i = 0, row = 0; i < run_count; row += runs[i++].length) {
    const Tape part = from_row(tape, row);
    kernels.block.convolve(convolution(p, part, runs[i].start, runs[i].length), part.pre, part.x,
                           runs[i].end == nullptr ? nullptr : runs[i].end + shape_.states * e);
  }
  apply_map(kernels, tape.x, e, p + at_.mix, tape.mix, mix_stride_, length, mix_stride_, e);
  for (std::size_t t = 0; t < length; ++t) std::copy_n(p + at_.step_bias, e, tape.step_pre + t * e);
  apply_map(kernels, tape.mix + 2 * shape_.states, mix_stride_, p + at_.step_weight, tape.step_pre, e, length,
            e, shape_.rank, true);
  kernels.math.softplus(tape.step_pre, tape.delta, length * e);
  for (std::size_t i = 0, row = 0; i < run_count; row += runs[i++].length) {
    const Tape part = from_row(tape, row);
    kernels.block.selective_scan(scan(weights, part, runs[i].start, runs[i].length), part.y, runs[i].end);
  }
  if (memory_out != nullptr) std::copy_n(tape.y, length * e, memory_out);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.gate(tape.y + t * e, tape.xz + t * 2 * e + e, tape.gated + t * e, e);
  }
  apply_map(kernels, tape.gated, e, p + at_.out, out, d, length, d, e);
}

template <class Real>
void S6Layer<Real>::step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                         const Real* u, Real* out) const {
  const Run one{1, state, state};
  run(*context.kernels, weights, &one, 1, u, out, context.scratch, context.memory_out);
}

template <class Real>
void S6Layer<Real>::step_batch(const BatchContext<Real>& context, const LayerWeights<Real>& weights,
                               const Real* const* starts, Real* const* ends, const Real* u, Real* out) const {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < context.count; ++i) runs.push_back({1, starts[i], ends[i]});
  run(*context.kernels, weights, runs.data(), runs.size(), u, out, context.scratch, context.memory_out);
}

template <class Real>
void S6Layer<Real>::forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                            const Real* start, Real* end, const Real* u, Real* out, Real* tape) const {
  const Run chunk{context.length, start, end};
  run(*context.kernels, weights, &chunk, 1, u, out, tape, context.memory_out);
}

template <class Real>
void S6Layer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                             const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                             Real* memory) const {
  const std::size_t e = shape_.width, d = shape_.d, states = shape_.states, length = context.length,
                    n = length * e;
  const KernelTable<Real>& kernels = *context.kernels;
  const auto& linear = kernels.linear;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real* dxz = scratch.take(2 * n);
  Real* dgated = scratch.take(n);
  Real* dy = scratch.take(n);
  Real* dx = scratch.take(n);
  Real* ddelta = scratch.take(n);
  Real* dmix = scratch.take(length * mix_stride_);
  Real* ddecay = scratch.take(states * e);

  linear.gemm_tn(tape.gated, e, dout, d, gradient + at_.out, d, e, d, length, true);
  linear.gemm_nt(dout, d, p + at_.out, d, dgated, e, length, e, d, false);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.gate_backward(tape.y + t * e, tape.xz + t * 2 * e + e, dgated + t * e, dy + t * e,
                               dxz + t * 2 * e + e, e);
  }

  if (context.memory_out_gradient != nullptr) linear.axpy(Real{1}, context.memory_out_gradient, dy, n);
  std::fill_n(ddecay, states * e, Real{0});
  std::fill_n(dmix, length * mix_stride_, Real{0});
  kernels.block.selective_scan_backward(
      scan(weights, tape, start, length), dy,
      {ddelta, dx, dmix, ddecay, gradient + at_.skip, scratch.take(64 * length * states)});
  kernels.math.multiply_add(ddecay, weights.prepared, gradient + at_.decay_log, learned_states() * e);

  kernels.math.softplus_backward(tape.step_pre, ddelta, ddelta, n);
  for (std::size_t t = 0; t < length; ++t) linear.axpy(Real{1}, ddelta + t * e, gradient + at_.step_bias, e);
  linear.gemm_tn(tape.mix + 2 * states, mix_stride_, ddelta, e, gradient + at_.step_weight, e, shape_.rank, e,
                 length, true);
  linear.gemm_nt(ddelta, e, p + at_.step_weight, e, dmix + 2 * states, mix_stride_, length, shape_.rank, e,
                 false);

  linear.gemm_tn(tape.x, e, dmix, mix_stride_, gradient + at_.mix, mix_stride_, e, mix_stride_, length, true);
  linear.gemm_nt(dmix, mix_stride_, p + at_.mix, mix_stride_, dx, e, length, e, mix_stride_, true);
  kernels.block.convolve_backward(convolution(p, tape, start, length), tape.pre, dx, dxz, 2 * e,
                                  gradient + at_.conv_weight, gradient + at_.conv_bias);

  linear.gemm_tn(u, d, dxz, 2 * e, gradient + at_.in, 2 * e, d, 2 * e, length, true);
  linear.gemm_nt(dxz, 2 * e, p + at_.in, 2 * e, du, d, length, d, 2 * e, false);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_s6(LayerOptions& options, const LayerPlace& place) {
  S6Shape shape;
  shape.d = place.d;
  shape.width = options.take_width("e", 2 * place.d, 16, 4096);
  shape.states = options.take_size("n", 16, 1, 62);
  shape.rank = options.take_size("r", (place.d + 15) / 16, 1, 256);
  shape.polarised = options.take_flag("polar");
  if (shape.polarised) shape.states += 2;
  shape.mimetic = options.take_flag("mimetic");
  shape.half_lives = options.take_half_lives({1, 8, 64, 2048});
  return std::make_unique<S6Layer<Real>>(shape);
}

}  // namespace

const LayerKind kS6Layer = {
    "s6",
    "selective scan (Mamba): e inner width (2d), n states per channel (16), r step-size rank "
    "(d/16), polar adds a slow and an instant state, mimetic, ladder=half-life/...",
    make_s6<float>, make_s6<double>};

template class S6Layer<float>;
template class S6Layer<double>;

}  // namespace ssmz::model
