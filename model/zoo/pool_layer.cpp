// SPDX-License-Identifier: Apache-2.0
// Summary pool. State: its own pool, those of the layers below it reads, then the convolution's tail.
#include "model/zoo/pool_layer.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {

template <class Real>
PoolLayer<Real>::PoolLayer(const PoolShape& shape)
    : shape_(shape), hidden_(round_up16(shape.d / 4)), pool_(shape.rows, shape.summary) {
  in_ = InputMap<Real>(list_, "", shape.d, 3 * shape.summary + hidden_, 2 * shape.summary);
  score_ = list_.add("score", {hidden_});
  score_bias_ = list_.add("score_bias", {1});
  out_ = OutputMap<Real>(list_, "", shape.d, 1, shape.summary, false);
}

template <class Real>
typename PoolLayer<Real>::Tape PoolLayer<Real>::carve(Carver<Real>& carver, S length) const {
  Tape t;
  t.in = in_.carve(carver, length);
  t.out = out_.carve(carver, length);
  t.hidden = carver.take(length * hidden_);
  t.importance = carver.take(length);
  t.read = carver.take(length * shape_.summary);
  for (S i = 0; i <= shape_.below; ++i) t.pools.push_back(pool_.carve(carver, length));
  return t;
}

template <class Real>
LayerSizes PoolLayer<Real>::sizes(std::size_t length) const {
  const S w = shape_.summary;
  LayerSizes sizes = this->tape_sizes(length);
  sizes.surprise = shape_.bits > 0.0f;
  sizes.state = tail() + in_.state();
  sizes.memory = shape_.share ? offered() : w;
  sizes.offers = shape_.share ? Offer::summaries : Offer::readout;
  sizes.reads = Offer::summaries;
  sizes.chunk_scratch = length * in_.width() + 9 * length * w + round_up16(pool_.scratch(length));
  return sizes;
}

template <class Real>
void PoolLayer<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  in_.initialise(random, parameters);
  draw_linear(random, hidden_, 1.0f, parameters + score_, hidden_);
  out_.initialise(random, residual_scale, parameters);
}

/// The chunk's own summaries, and which of them are let in.
template <class Real>
void PoolLayer<Real>::write(const ChunkContext<Real>& context, const Real* p, const Tape& tape) const {
  const S w = shape_.summary;
  const KernelTable<Real>& kernels = *context.kernels;
  for (S t = 0; t < context.length; ++t) {
    const Real *h = tape.in.proj + t * in_.width() + 3 * w, *s = tape.in.act + t * 2 * w + w;
    Real *hidden = tape.hidden + t * hidden_, *importance = tape.importance + t;
    kernels.math.silu(h, hidden, hidden_);
    const Real score = kernels.linear.dot(hidden, p + score_, hidden_) + p[score_bias_];
    kernels.math.sigmoid(&score, importance, 1);
    pool_.let_in(t, shape_.bits > 0.0f ? context.surprise[t] >= shape_.bits : score >= Real{0},
                 tape.pools[0]);
    if (shape_.bits > 0.0f) *importance = Real{1};
    Real* summary = pool_.summary(t, tape.pools[0]);
    for (S j = 0; j < w; ++j) summary[j] = *importance * s[j];
  }
}

template <class Real>
void PoolLayer<Real>::take_below(const ChunkContext<Real>& context, const Tape& tape) const {
  const S w = shape_.summary;
  for (S i = 0; i < shape_.below * context.length; ++i) {
    const S t = i / shape_.below, pool = 1 + i % shape_.below;
    const Real* from = context.memory_in + i * record();
    std::copy_n(from, w, pool_.summary(t, tape.pools[pool]));
    pool_.let_in(t, from[w] != Real{0}, tape.pools[pool]);
  }
}

/// Hands the token's read-out, or its record and those from below, to the layers above.
template <class Real>
void PoolLayer<Real>::offer(const ChunkContext<Real>& context, const Tape& tape) const {
  const S w = shape_.summary;
  if (context.memory_out == nullptr) return;
  if (!shape_.share) {
    std::copy_n(tape.read, context.length * w, context.memory_out);
    return;
  }
  for (S t = 0; t < context.length; ++t) {
    Real* to = context.memory_out + t * offered();
    std::copy_n(pool_.summary(t, tape.pools[0]), w, to);
    std::fill_n(to + w, kPoolFlags, Real{0});
    to[w] = pool_.is_in(t, tape.pools[0]) ? Real{1} : Real{0};
    const S below = shape_.below * record();
    if (below > 0) std::copy_n(context.memory_in + t * below, below, to + record());
  }
}

template <class Real>
void PoolLayer<Real>::run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                          const Real* start, Real* end, const Real* u, Real* out, const Tape& tape) const {
  const KernelTable<Real>& kernels = *context.kernels;
  const std::size_t length = context.length;
  const S w = shape_.summary;
  in_.forward(kernels, weights.parameters, length, start + tail(), end == nullptr ? nullptr : end + tail(), u,
              tape.in);
  for (S i = 0; i < tape.pools.size(); ++i) pool_.load(start + i * pool_.state(), tape.pools[i]);
  write(context, weights.parameters, tape);
  take_below(context, tape);
  std::fill_n(tape.read, length * w, Real{0});
  for (S i = 0; i < tape.pools.size(); ++i) {
    pool_.read(kernels, length, tape.in.act, 2 * w, tape.pools[i]);
    kernels.linear.axpy(Real{1}, tape.pools[i].read, tape.read, length * w);
    if (end != nullptr) pool_.save(end + i * pool_.state(), length, tape.pools[i]);
  }
  offer(context, tape);
  out_.forward(kernels, weights.parameters, length, tape.read, tape.in.proj + 2 * w, in_.width(), out,
               tape.out);
}

/// From the gradient of c to those of q (in dact) and of the summaries: its own, and those of the layers
/// below.
template <class Real>
void PoolLayer<Real>::read_backward(const ChunkContext<Real>& context, const Tape& tape, const Real* dread,
                                    Real* dact, Real* dsummary, Carver<Real> scratch) const {
  const S w = shape_.summary, length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  Real *dq = scratch.take(length * 2 * w), *dbelow = scratch.take(length * w);
  Real* work = scratch.take(pool_.scratch(length));
  const Real* doffered = shape_.share ? context.memory_out_gradient : nullptr;
  for (S i = 0; i < tape.pools.size(); ++i) {
    Real* to = i == 0 ? dsummary : dbelow;
    pool_.backward(kernels, length, tape.in.act, 2 * w, tape.pools[i], dread, dq, to, work);
    for (S t = 0; t < length; ++t) {
      kernels.linear.axpy(Real{1}, dq + t * 2 * w, dact + t * 2 * w, w);
      if (doffered != nullptr && pool_.is_in(t, tape.pools[i])) {
        kernels.linear.axpy(Real{1}, doffered + t * offered() + i * record(), to + t * w, w);
      }
      if (i == 0) continue;
      Real* below = context.memory_in_gradient + (t * shape_.below + i - 1) * record();
      kernels.linear.axpy(Real{1}, dbelow + t * w, below, w);
    }
  }
}

/// From the gradients of the summaries the chunk wrote to those of s and h.
template <class Real>
void PoolLayer<Real>::write_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                     const Tape& tape, const Real* dsummary, Real* dact, Real* dproj,
                                     Real* gradient) const {
  const S w = shape_.summary;
  for (S t = 0; t < length; ++t) {
    const Real *s = tape.in.act + t * 2 * w + w, *h = tape.in.proj + t * in_.width() + 3 * w;
    Real *ds = dact + t * 2 * w + w, *dh = dproj + t * in_.width() + 3 * w;
    const Real importance = tape.importance[t];
    for (S j = 0; j < w; ++j) ds[j] = importance * dsummary[t * w + j];
    if (shape_.bits > 0.0f) continue;
    const Real dscore = kernels.linear.dot(dsummary + t * w, s, w) * importance * (Real{1} - importance);
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
  const S w = shape_.summary, length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length);
  Real *dproj = scratch.take(length * in_.width()), *dact = scratch.take(length * 2 * w);
  Real *dread = scratch.take(length * w), *dsummary = scratch.take(length * w);
  Real* work = scratch.take(2 * length * w);
  std::fill_n(context.scratch, scratch.used(), Real{0});
  out_.backward(kernels, p, length, tape.read, tape.in.proj + 2 * w, in_.width(), dout, tape.out, dread,
                dproj + 2 * w, in_.width(), gradient, work);
  if (!shape_.share && context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, dread, length * w);
  }
  read_backward(context, tape, dread, dact, dsummary, scratch);
  write_backward(kernels, p, length, tape, dsummary, dact, dproj, gradient);
  in_.backward(kernels, p, length, start + tail(), u, tape.in, dact, dproj, du, gradient);
}

namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_pool(LayerOptions& options, const LayerPlace& place) {
  PoolShape shape;
  shape.d = place.d;
  shape.summary = options.take_width("s", 64, 16, 512);
  shape.rows = options.take_size("m", 50, 1, 1024);
  shape.bits = options.take_number("bits", 0.0f, 0.0f, 64.0f);
  shape.share = options.take_flag("share");
  if (options.take_flag("cross")) {
    const std::size_t record = shape.summary + kPoolFlags;
    shape.below = place.summaries_width / record;
    if (shape.below == 0 || place.summaries_width % record != 0) {
      options.reject("option 'cross' needs a pool below with 'share' and summaries of the same width");
      shape.below = 0;
    }
  }
  return std::make_unique<PoolLayer<Real>>(shape);
}

}  // namespace

const LayerKind kPoolLayer = {
    "pool",
    "MemMamba's pool of summaries, to stand above a scan: m summaries (50), s their width (64), "
    "bits surprise that lets a token in (0: a learned score does), share offers the summaries to "
    "layers above, cross reads those of the pools below too",
    make_pool<float>, make_pool<double>};

template class PoolLayer<float>;
template class PoolLayer<double>;

}  // namespace ssmz::model
