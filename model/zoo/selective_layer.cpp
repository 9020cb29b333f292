// SPDX-License-Identifier: Apache-2.0
// Selective attention. State: threshold and number of rows, buckets, keys and values of the rows kept (the
// newest last), the convolution's tail, the bank.
#include "model/zoo/selective_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kThresholdRate = 0.02f;  ///< A step of the threshold; slow against a budget of some per cent.
constexpr std::uint64_t kPlaneSeed = 1907;  ///< The hash's planes are the same in every model.

}  // namespace

template <class Real>
SelectiveLayer<Real>::SelectiveLayer(const SelectiveShape& shape)
    : shape_(shape), width_(shape.d / shape.heads) {
  const S d = shape.d;
  in_ = InputMap<Real>(list_, "", d, 4 * d, 3 * d);
  if (sparse()) bank_ = S4dBank<Real>(list_, d, shape.states, FrequencyStart::linear);
  if (shape.selection != Selection::hashed) {
    score_ = list_.add("score", {d});
    score_bias_ = list_.add("score_bias", {1});
  } else {
    Random random(kPlaneSeed);
    planes_.resize(shape.bits * d);
    for (Real& value : planes_) value = random.normal();
  }
  out_ = OutputMap<Real>(list_, "", d, 1, d, false);
}

template <class Real>
typename SelectiveLayer<Real>::State SelectiveLayer<Real>::layout() const noexcept {
  State at;
  at.threshold = 0;
  at.count = 1;
  at.buckets = 16;
  at.keys = at.buckets + round_up16(shape_.rows);
  at.values = at.keys + shape_.rows * shape_.d;
  at.tail = at.values + shape_.rows * shape_.d;
  at.bank = at.tail + in_.state();
  at.total = at.bank + (sparse() ? bank_.state() : 0);
  return at;
}

template <class Real>
typename SelectiveLayer<Real>::Tape SelectiveLayer<Real>::carve(Carver<Real>& carver, S length) const {
  Tape tape;
  tape.in = in_.carve(carver, length);
  if (sparse()) tape.bank = bank_.carve(carver, length);
  tape.out = out_.carve(carver, length);
  for (Real** piece : {&tape.h, &tape.attended, &tape.mixed}) *piece = carver.take(length * shape_.d);
  for (Real** piece : {&tape.share, &tape.selected, &tape.bucket}) *piece = carver.take(length);
  for (Real** piece : {&tape.keys, &tape.values}) *piece = carver.take(all(length) * shape_.d);
  for (Real** piece : {&tape.kept, &tape.buckets, &tape.line}) *piece = carver.take(all(length));
  tape.scores = carver.take(shape_.heads * length * round_up16(all(length)));
  return tape;
}

template <class Real>
LayerSizes SelectiveLayer<Real>::sizes(std::size_t length) const {
  LayerSizes sizes = this->tape_sizes(length);
  sizes.state = layout().total;
  sizes.prepared = sparse() ? bank_.prepared() : 0;
  sizes.chunk_scratch = 13 * length * shape_.d + 2 * all(length) * shape_.d +
                        length * round_up16(all(length)) + (sparse() ? bank_.scratch(length) : 0);
  return sizes;
}

template <class Real>
void SelectiveLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  if (sparse()) bank_.initialise(random, parameters);
  if (shape_.selection != Selection::hashed)
    draw_linear(random, shape_.d, 1.0f, parameters + score_, shape_.d);
  out_.initialise(random, residual_scale, parameters);
}

/// The number whose bits are the signs of R k.
template <class Real>
Real SelectiveLayer<Real>::bucket_of(const KernelTable<Real>& kernels, const Real* k) const {
  unsigned bucket = 0;
  for (S i = 0; i < shape_.bits; ++i) {
    const bool positive = kernels.linear.dot(planes_.data() + i * shape_.d, k, shape_.d) > Real{0};
    bucket = bucket * 2 + (positive ? 1 : 0);
  }
  return static_cast<Real>(bucket);
}

/// Fills share, selected and bucket, and moves the threshold.
template <class Real>
void SelectiveLayer<Real>::select(const KernelTable<Real>& kernels, const Real* p, S length,
                                  const Real* start, Real* end, const Real* u, const Tape& tape) const {
  const S d = shape_.d;
  Real threshold = start[layout().threshold];
  for (S t = 0; t < length; ++t) {
    tape.share[t] = tape.selected[t] = Real{1};
    tape.bucket[t] = Real{0};
    if (shape_.selection == Selection::hashed) {
      tape.bucket[t] = bucket_of(kernels, tape.in.act + t * 3 * d + d);
      continue;
    }
    const Real* x = (sparse() ? tape.h : u) + t * d;
    const Real score = kernels.linear.dot(p + score_, x, d) + p[score_bias_];
    kernels.math.sigmoid(&score, tape.share + t, 1);
    tape.selected[t] = score >= (sparse() ? Real{0} : threshold) ? Real{1} : Real{0};
    threshold += Real{kThresholdRate} * (tape.selected[t] - Real{shape_.budget});
  }
  if (end != nullptr) end[layout().threshold] = threshold;
}

/// The rows kept before the chunk, in the last places before the chunk's own, which are put behind them.
template <class Real>
void SelectiveLayer<Real>::load(S length, const Real* start, const Tape& tape) const {
  const S d = shape_.d, rows = shape_.rows;
  const State at = layout();
  const auto count = static_cast<S>(start[at.count]);
  std::fill_n(tape.keys, (1 + rows) * d, Real{0});
  std::fill_n(tape.values, (1 + rows) * d, Real{0});
  std::fill_n(tape.kept, 1 + rows, Real{0});
  const S first = 1 + rows - count;
  std::copy_n(start + at.keys, count * d, tape.keys + first * d);
  std::copy_n(start + at.values, count * d, tape.values + first * d);
  std::copy_n(start + at.buckets, count, tape.buckets + first);
  std::fill_n(tape.kept + first, count, Real{1});
  for (S t = 0; t < length; ++t) {
    const Real* act = tape.in.act + t * 3 * d;
    std::copy_n(act + d, d, tape.keys + (1 + rows + t) * d);
    std::copy_n(act + 2 * d, d, tape.values + (1 + rows + t) * d);
    tape.kept[1 + rows + t] = tape.selected[t];
    tape.buckets[1 + rows + t] = tape.bucket[t];
  }
}

template <class Real>
void SelectiveLayer<Real>::save(S length, Real* end, const Tape& tape) const {
  const S d = shape_.d;
  const State at = layout();
  S count = 0;
  for (S r = 1; r < all(length); ++r) count += tape.kept[r] != Real{0} ? 1 : 0;
  S skip = count > shape_.rows ? count - shape_.rows : 0, to = 0;
  for (S r = 1; r < all(length); ++r) {
    if (tape.kept[r] == Real{0} || (skip > 0 && skip-- > 0)) continue;
    std::copy_n(tape.keys + r * d, d, end + at.keys + to * d);
    std::copy_n(tape.values + r * d, d, end + at.values + to * d);
    end[at.buckets + to++] = tape.buckets[r];
  }
  end[at.count] = static_cast<Real>(to);
}

/// Biases of a head's rows: 0 for what a token sees.
template <class Real>
void SelectiveLayer<Real>::see(S length, Real* scores, const Tape& tape) const {
  const S pitch = round_up16(all(length));
  std::fill_n(scores, length * pitch, Real{kShutOut});
  for (S t = 0; t < length; ++t) {
    Real* row = scores + t * pitch;
    row[0] = Real{0};
    S left = shape_.rows;
    for (S r = 1 + shape_.rows + t; r > 0 && left > 0; --r) {
      if (tape.kept[r] == Real{0}) continue;
      --left;
      if (tape.buckets[r] == tape.bucket[t]) row[r] = Real{0};
    }
  }
}

template <class Real>
RowHead<Real> SelectiveLayer<Real>::head(S length, const Tape& tape, S h) const {
  const S column = h * width_;
  return {length,
          all(length),
          width_,
          tape.in.act + column,
          3 * shape_.d,
          tape.keys + column,
          tape.values + column,
          shape_.d};
}

template <class Real>
void SelectiveLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                               const Real* start, Real* end, const Real* u, Real* out,
                               const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const S d = shape_.d, scores = length * round_up16(all(length));
  const State at = layout();
  const Real* p = weights.parameters;
  in_.forward(kernels, p, length, start + at.tail, end == nullptr ? nullptr : end + at.tail, u, tape.in);
  std::fill_n(tape.h, length * d, Real{0});
  if (sparse()) {
    bank_.forward(kernels, weights, length, start + at.bank, end == nullptr ? nullptr : end + at.bank, u,
                  tape.h, tape.bank);
  }
  select(kernels, p, length, start, end, u, tape);
  const bool skipped = length == 1 && tape.selected[0] == Real{0};
  std::copy_n(tape.h, length * d, tape.mixed);
  if (!skipped) {
    load(length, start, tape);
    for (S h = 0; h < shape_.heads; ++h) {
      see(length, tape.scores + h * scores, tape);
      attend_rows(kernels, head(length, tape, h), tape.scores + h * scores, tape.attended + h * width_, d,
                  tape.line);
    }
    for (S t = 0; t < length; ++t) {
      kernels.linear.axpy(tape.share[t] * tape.selected[t], tape.attended + t * d, tape.mixed + t * d, d);
    }
    if (end != nullptr) save(length, end, tape);
  }
  out_.forward(kernels, p, length, tape.mixed, tape.in.proj + 3 * d, 4 * d, out, tape.out);
}

/// From the gradient of o to those of q, k and v.
template <class Real>
void SelectiveLayer<Real>::attend_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                                           const Real* dattended, Real* dact, Carver<Real> scratch) const {
  const S d = shape_.d, first = (1 + shape_.rows) * d, scores = length * round_up16(all(length));
  Real *dkeys = scratch.take(all(length) * d), *dvalues = scratch.take(all(length) * d);
  Real* dscores = scratch.take(scores);
  for (S h = 0; h < shape_.heads; ++h) {
    const S column = h * width_;
    attend_rows_backward(kernels, head(length, tape, h), tape.scores + h * scores, dattended + column, d,
                         dact + column, dkeys + column, dvalues + column, dscores);
  }
  for (S t = 0; t < length; ++t) {
    std::copy_n(dkeys + first + t * d, d, dact + t * 3 * d + d);
    std::copy_n(dvalues + first + t * d, d, dact + t * 3 * d + 2 * d);
  }
}

template <class Real>
void SelectiveLayer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                    const Real* start, const Real* u, const Real* dout, Real* du,
                                    Real* gradient, Real* memory) const {
  const S d = shape_.d, length = context.length;
  const State at = layout();
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dproj = scratch.take(length * 4 * d), *dact = scratch.take(length * 3 * d),
       *dh = scratch.take(length * d);
  Real *dattended = scratch.take(length * d), *dx = scratch.take(length * d),
       *work = scratch.take(2 * length * d);
  out_.backward(kernels, p, length, tape.mixed, tape.in.proj + 3 * d, 4 * d, dout, tape.out, dh,
                dproj + 3 * d, 4 * d, gradient, work);
  std::fill_n(dattended, length * d, Real{0});
  std::fill_n(dx, length * d, Real{0});
  for (S t = 0; t < length; ++t) {
    kernels.linear.axpy(tape.share[t] * tape.selected[t], dh + t * d, dattended + t * d, d);
    if (shape_.selection == Selection::hashed || tape.selected[t] == Real{0}) continue;
    const Real a = tape.share[t];
    const Real dscore = kernels.linear.dot(dh + t * d, tape.attended + t * d, d) * a * (Real{1} - a);
    gradient[score_bias_] += dscore;
    kernels.linear.axpy(dscore, (sparse() ? tape.h : u) + t * d, gradient + score_, d);
    kernels.linear.axpy(dscore, p + score_, dx + t * d, d);
  }
  attend_backward(kernels, length, tape, dattended, dact, scratch);
  in_.backward(kernels, p, length, start + at.tail, u, tape.in, dact, dproj, du, gradient);
  if (sparse()) {
    kernels.linear.axpy(Real{1}, dx, dh, length * d);
    bank_.backward(kernels, weights, length, start + at.bank, u, dh, dx, gradient, tape.bank,
                   scratch.take(0));
  }
  kernels.linear.axpy(Real{1}, dx, du, length * d);
}

namespace {

SelectiveShape take_shape(LayerOptions& options, const LayerPlace& place, Selection selection) {
  SelectiveShape shape{selection, place.d, options.take_heads(place.d), options.take_size("m", 64, 1, 1024)};
  if (selection == Selection::budget) shape.budget = options.take_number("share", 0.25f, 0.01f, 1.0f);
  if (selection == Selection::hashed) shape.bits = options.take_size("bits", 3, 1, 16);
  if (selection != Selection::sparse) return shape;
  shape.states = options.take_size("n", 16, 2, 256);
  if (shape.states % 2 != 0) options.reject("option 'n' must be even");
  return shape;
}

template <class Real, Selection selection>
std::unique_ptr<Layer<Real>> make_selective(LayerOptions& options, const LayerPlace& place) {
  return std::make_unique<SelectiveLayer<Real>>(take_shape(options, place, selection));
}

}  // namespace

const LayerKind kTaipanLayer = {"taipan",
                                "attention of tokens whose score reaches a running threshold to the newest "
                                "such: h heads (4), m rows (64), "
                                "share of tokens selected (0.25)",
                                make_selective<float, Selection::budget>,
                                make_selective<double, Selection::budget>};
const LayerKind kSeqboatLayer = {"seqboat",
                                 "fixed decays that switch attention on, among the newest tokens that did: h "
                                 "heads (4), m rows (64), n states (16)",
                                 make_selective<float, Selection::sparse>,
                                 make_selective<double, Selection::sparse>};
const LayerKind kHaxLayer = {"hax",
                             "attention to those of the newest tokens whose keys hash alike: h heads (4), m "
                             "rows (64), bits of the hash (3)",
                             make_selective<float, Selection::hashed>,
                             make_selective<double, Selection::hashed>};

template class SelectiveLayer<float>;
template class SelectiveLayer<double>;

}  // namespace ssmz::model
