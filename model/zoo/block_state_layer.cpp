// SPDX-License-Identifier: Apache-2.0
// Block-State layer. State: tokens in the block, whether one came before; (k', v') of that one and of this
// one, (k, v) of this one; the convolution's tail, the bank.
#include "model/zoo/block_state_layer.hpp"

#include <algorithm>

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
BlockStateLayer<Real>::BlockStateLayer(const BlockStateShape& shape)
    : shape_(shape), width_(shape.d / shape.heads) {
  const S d = shape.d;
  in_ = InputMap<Real>(list_, "", d, 4 * d, 3 * d);
  bank_ = S4dBank<Real>(list_, d, shape.states, FrequencyStart::linear);
  context_ = list_.add_map("context", d, 2 * d);
  out_ = OutputMap<Real>(list_, "", d, 1, d, false);
}

template <class Real>
typename BlockStateLayer<Real>::State BlockStateLayer<Real>::layout() const noexcept {
  const S rows = shape_.block * 2 * shape_.d;
  State at;
  at.filled = 0;
  at.earlier = 1;
  at.before = 16;
  at.block = at.before + rows;
  at.own = at.block + rows;
  at.tail = at.own + rows;
  at.bank = at.tail + in_.state();
  at.total = at.bank + bank_.state();
  return at;
}

template <class Real>
std::size_t BlockStateLayer<Real>::most_rows(S length) const noexcept {
  const S own = shape_.block - 1 + length;
  return (1 + (own - 1) / shape_.block) * shape_.block + own;
}

template <class Real>
typename BlockStateLayer<Real>::Rows BlockStateLayer<Real>::rows(const Real* start, S length) const noexcept {
  const State at = layout();
  Rows rows;
  rows.filled = static_cast<S>(start[at.filled]);
  const S own = rows.filled + length;
  rows.contexts = (1 + (own - 1) / shape_.block) * shape_.block;
  rows.all = rows.contexts + own;
  rows.any_before = start[at.earlier] != Real{0};
  return rows;
}

template <class Real>
typename BlockStateLayer<Real>::Tape BlockStateLayer<Real>::carve(Carver<Real>& carver, S length) const {
  const S most = most_rows(length);
  Tape tape;
  tape.in = in_.carve(carver, length);
  tape.bank = bank_.carve(carver, length);
  tape.out = out_.carve(carver, length);
  for (Real** piece : {&tape.h, &tape.attended, &tape.mixed}) *piece = carver.take(length * shape_.d);
  tape.context = carver.take(length * 2 * shape_.d);
  for (Real** piece : {&tape.keys, &tape.values}) *piece = carver.take(most * shape_.d);
  tape.scores = carver.take(shape_.heads * length * round_up16(most));
  tape.line = carver.take(most);
  return tape;
}

template <class Real>
LayerSizes BlockStateLayer<Real>::sizes(std::size_t length) const {
  const S most = most_rows(length);
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = layout().total;
  sizes.prepared = bank_.prepared();
  sizes.chunk_scratch =
      13 * length * shape_.d + 2 * most * shape_.d + length * round_up16(most) + bank_.scratch(length);
  return sizes;
}

template <class Real>
void BlockStateLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  bank_.initialise(random, parameters);
  draw_linear(random, shape_.d, 1.0f, parameters + context_, shape_.d * 2 * shape_.d);
  out_.initialise(random, residual_scale, parameters);
}

/// Fills keys and values.
template <class Real>
void BlockStateLayer<Real>::load(S length, const Real* start, const Rows& rows, const Tape& tape) const {
  const S d = shape_.d, block = shape_.block;
  const State at = layout();
  const auto put = [&](S row, const Real* key, const Real* value) {
    std::copy_n(key, d, tape.keys + row * d);
    std::copy_n(value, d, tape.values + row * d);
  };
  const auto put_kept = [&](S row, const Real* kept) { put(row, kept, kept + d); };
  for (S i = 0; i < block; ++i) put_kept(i, start + at.before + i * 2 * d);
  for (S i = block; i < rows.contexts; ++i) {
    const S token = i - block;
    put_kept(i, token < rows.filled ? start + at.block + token * 2 * d
                                    : tape.context + (token - rows.filled) * 2 * d);
  }
  for (S i = 0; i < rows.filled; ++i) put_kept(rows.contexts + i, start + at.own + i * 2 * d);
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * 3 * d;
    put(rows.contexts + rows.filled + t, act + d, act + 2 * d);
  }
}

/// The blocks after the chunk; rows of tokens to come are zeros. `end` may be `start` if the chunk is one
/// token.
template <class Real>
void BlockStateLayer<Real>::save(S length, const Real* start, Real* end, const Tape& tape) const {
  const S d = shape_.d, block = shape_.block;
  const State at = layout();
  const auto filled = static_cast<S>(start[at.filled]);
  const S tokens = filled + length, done = tokens / block * block;
  if (end != start) std::copy_n(start, at.tail, end);
  const auto context = [&](S token) {
    return token < filled ? start + at.block + token * 2 * d : tape.context + (token - filled) * 2 * d;
  };
  if (done > 0) {
    for (S i = 0; i < block; ++i) std::copy_n(context(done - block + i), 2 * d, end + at.before + i * 2 * d);
    std::fill_n(end + at.block, 2 * block * 2 * d, Real{0});
    end[at.earlier] = Real{1};
  }
  for (S token = std::max(done, filled); token < tokens; ++token) {
    const Real* act = tape.in.act + (token - filled) * 3 * d;
    std::copy_n(tape.context + (token - filled) * 2 * d, 2 * d, end + at.block + (token - done) * 2 * d);
    std::copy_n(act + d, 2 * d, end + at.own + (token - done) * 2 * d);
  }
  end[at.filled] = static_cast<Real>(tokens - done);
}

/// Biases of a head's rows: 0 for what a token sees.
template <class Real>
void BlockStateLayer<Real>::see(S length, const Rows& rows, Real* scores) const {
  const S pitch = round_up16(rows.all), block = shape_.block;
  std::fill_n(scores, length * pitch, Real{kShutOut});
  for (S t = 0; t < length; ++t) {
    Real* row = scores + t * pitch;
    const S token = rows.filled + t, first = token / block * block;
    if (first > 0 || rows.any_before) std::fill_n(row + first, block, Real{0});
    std::fill_n(row + rows.contexts + first, token - first + 1, Real{0});
  }
}

template <class Real>
RowHead<Real> BlockStateLayer<Real>::head(S length, const Rows& rows, const Tape& tape, S h) const {
  const S column = h * width_;
  return {
      length,  rows.all, width_, tape.in.act + column, 3 * shape_.d, tape.keys + column, tape.values + column,
      shape_.d};
}

template <class Real>
void BlockStateLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                const Real* start, Real* end, const Real* u, Real* out,
                                const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const S d = shape_.d;
  const State at = layout();
  const Real* p = weights.parameters;
  in_.forward(kernels, p, length, start + at.tail, end == nullptr ? nullptr : end + at.tail, u, tape.in);
  bank_.forward(kernels, weights, length, start + at.bank, end == nullptr ? nullptr : end + at.bank, u,
                tape.h, tape.bank);
  apply_map(kernels, tape.h, d, p + context_, tape.context, 2 * d, length, 2 * d, d);
  const Rows all = rows(start, length);
  const S scores = length * round_up16(all.all);
  load(length, start, all, tape);
  for (S h = 0; h < shape_.heads; ++h) {
    see(length, all, tape.scores + h * scores);
    attend_rows(kernels, head(length, all, tape, h), tape.scores + h * scores, tape.attended + h * width_, d,
                tape.line);
  }
  std::copy_n(tape.h, length * d, tape.mixed);
  kernels.linear.axpy(Real{1}, tape.attended, tape.mixed, length * d);
  if (end != nullptr) save(length, start, end, tape);
  out_.forward(kernels, p, length, tape.mixed, tape.in.proj + 3 * d, 4 * d, out, tape.out);
}

/// From the gradient of o to those of q, k and v, and of (k', v').
template <class Real>
void BlockStateLayer<Real>::attend_backward(const KernelTable<Real>& kernels, S length, const Rows& all,
                                            const Tape& tape, const Real* dattended, Real* dact,
                                            Real* dcontext, Carver<Real> scratch) const {
  const S d = shape_.d, scores = length * round_up16(all.all);
  Real *dkeys = scratch.take(all.all * d), *dvalues = scratch.take(all.all * d);
  Real* dscores = scratch.take(scores);
  for (S h = 0; h < shape_.heads; ++h) {
    const S column = h * width_;
    attend_rows_backward(kernels, head(length, all, tape, h), tape.scores + h * scores, dattended + column, d,
                         dact + column, dkeys + column, dvalues + column, dscores);
  }
  std::fill_n(dcontext, length * 2 * d, Real{0});
  for (S t = 0; t < length; ++t) {
    const S own = all.contexts + all.filled + t, context = shape_.block + all.filled + t;
    std::copy_n(dkeys + own * d, d, dact + t * 3 * d + d);
    std::copy_n(dvalues + own * d, d, dact + t * 3 * d + 2 * d);
    if (context >= all.contexts) continue;
    std::copy_n(dkeys + context * d, d, dcontext + t * 2 * d);
    std::copy_n(dvalues + context * d, d, dcontext + t * 2 * d + d);
  }
}

template <class Real>
void BlockStateLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                     const Real* start, const Real* u, const Real* dout, Real* du,
                                     Real* gradient, Real* memory) const {
  const S d = shape_.d, length = context.length;
  const State at = layout();
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dproj = scratch.take(length * 4 * d), *dact = scratch.take(length * 3 * d);
  Real *dh = scratch.take(length * d), *dx = scratch.take(length * d);
  Real *dcontext = scratch.take(length * 2 * d), *work = scratch.take(2 * length * d);
  out_.backward(kernels, p, length, tape.mixed, tape.in.proj + 3 * d, 4 * d, dout, tape.out, dh,
                dproj + 3 * d, 4 * d, gradient, work);
  attend_backward(kernels, length, rows(start, length), tape, dh, dact, dcontext, scratch);
  kernels.linear.gemm_tn(tape.h, d, dcontext, 2 * d, gradient + context_, 2 * d, d, 2 * d, length, true);
  kernels.linear.gemm_nt(dcontext, 2 * d, p + context_, 2 * d, dh, d, length, d, 2 * d, true);
  in_.backward(kernels, p, length, start + at.tail, u, tape.in, dact, dproj, du, gradient);
  bank_.backward(kernels, weights, length, start + at.bank, u, dh, dx, gradient, tape.bank, scratch.take(0));
  kernels.linear.axpy(Real{1}, dx, du, length * d);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_block_state(LayerOptions& options, const LayerPlace& place) {
  BlockStateShape shape{place.d, options.take_heads(place.d), options.take_size("w", 32, 1, 1024), 16};
  shape.states = options.take_size("n", 16, 2, 256);
  if (shape.states % 2 != 0) options.reject("option 'n' must be even");
  return std::make_unique<BlockStateLayer<Real>>(shape);
}

}  // namespace

const LayerKind kBlockStateLayer = {
    "bst",
    "Block-State: attention within blocks and to what fixed decays made of the "
    "block before: h heads (4), w tokens a block (32), n states (16)",
    make_block_state<float>, make_block_state<double>};

template class BlockStateLayer<float>;
template class BlockStateLayer<double>;

}  // namespace ssmz::model
