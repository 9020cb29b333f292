// SPDX-License-Identifier: Apache-2.0
// Distributions around predictions as inputs of the mixer, and the selectors of samples.
#include "codec/samples/sample_coder.hpp"

#include <algorithm>
#include <bit>

#include "codec/predict/logistic.hpp"
#include "codec/predict/selector.hpp"

namespace ssmz::codec {

namespace {

constexpr unsigned max_depth = 24;

}  // namespace

struct SampleCoder::Tables {
  using S = Situation;
  static constexpr unsigned nodes = 1280;
  static constexpr Selector<S> weight_sets[] = {
      {"bits so far", nodes, [](const S& s) { return s.node; }},
      {"errors around", 16 * max_depth, [](const S& s) { return s.forecast->energy * max_depth + s.depth; }},
      {"last error", 16 * max_depth, [](const S& s) { return s.forecast->last_error * max_depth + s.depth; }},
      {"channel and spread", 4 * 8 * max_depth,
       [](const S& s) { return (s.forecast->channel * 8 + s.forecast->spread) * max_depth + s.depth; }},
      {"contexts seen", 16 * max_depth, [](const S& s) { return s.seen * max_depth + s.depth; }},
      {"all errors", 16 * 16, [](const S& s) { return s.forecast->energy * 16 + s.forecast->last_error; }},
      {"recalled", 64 * max_depth, [](const S& s) { return s.recalled * max_depth + s.depth; }},
  };
  static constexpr Selector<S> finals[] = {
      {"bits so far", nodes, [](const S& s) { return s.node; }},
      {"errors around", 16 * max_depth, [](const S& s) { return s.forecast->energy * max_depth + s.depth; }},
      {"channel and spread", 4 * 8 * max_depth,
       [](const S& s) { return (s.forecast->channel * 8 + s.forecast->spread) * max_depth + s.depth; }},
  };
  static constexpr Selector<S> apms[] = {
      {"bits so far and errors around", nodes * 16,
       [](const S& s) { return s.node * 16 + s.forecast->energy; }},
      {"bits so far and last error", nodes * 16,
       [](const S& s) { return s.node * 16 + s.forecast->last_error; }},
  };
  // The last set is of what is recalled.
  static std::span<const Selector<S>> sets_of(const Shape& shape) {
    if (shape.lean) return std::span(weight_sets).first(2);
    return std::span(weight_sets).first(std::size(weight_sets) - (shape.recalls == 0));
  }
  static std::span<const Selector<S>> finals_of(const Shape& shape) {
    return std::span(finals).first(shape.lean ? 0 : std::size(finals));
  }
  static std::span<const Selector<S>> apms_of(const Shape& shape) {
    return std::span(apms).first(shape.lean ? 0 : std::size(apms));
  }
  static DecisionModelShape shape_of(const Shape& own) {
    DecisionModelShape shape;
    shape.contexts = own.contexts;
    // 24 small pictures and five sounds at -1: of 5 289,531 and 476,513 bytes, 8 295,117 and 483,574, 2
    // 287,701 and 473,318; at -5 280,474 and 472,386, 280,912 and 472,700, 280,269 and 472,160.
    shape.first_weight_sum = 2.0f;
    shape.phases = own.bits;
    shape.extra_inputs = own.predictors + 2 * own.recalls;
    shape.set_rows = rows_of<S>(sets_of(own));
    shape.final_rows = rows_of<S>(finals_of(own));
    shape.apm_contexts = rows_of<S>(apms_of(own));
    return shape;
  }
};

namespace {

constexpr float first_width = 8.0f;
constexpr float width_rate = 1.0f / 64.0f;  // of the mean error
constexpr auto per_mean_error = static_cast<float>(scale_per_mean_error);

std::size_t recall_entries(unsigned recalls) {
  return std::size_t{recalls} * (Recalled::max_trust + 1) * max_depth;
}

}  // namespace

SampleCoder::SampleCoder(SlotTable& table, const Shape& shape, std::uint64_t salt)
    : shape_(shape),
      salt_(salt),
      model_(Tables::shape_of(shape), table),
      widths_(std::size_t{shape.predictors} * widths_per_predictor, first_width),
      recall_map_(recall_entries(shape.recalls), 255) {}

std::uint64_t SampleCoder::memory(const Shape& shape) {
  return DecisionModel::memory(Tables::shape_of(shape)) +
         std::uint64_t{shape.predictors} * widths_per_predictor * sizeof(float) +
         AdaptiveMap::memory(recall_entries(shape.recalls));
}

unsigned SampleCoder::bucket(std::uint32_t error) noexcept {
  if (error < 3) return error;
  const auto log = static_cast<unsigned>(std::bit_width(error)) - 1;
  return std::min(15u, 1 + 2 * log + (error >> (log - 1) & 1u) - 0u);
}

void SampleCoder::begin(const SampleForecast& forecast) {
  forecast_ = forecast;
  at_ = Position{};
  value_ = 1;
  depth_ = 0;
  from_ = 0;
  to_ = 1u << shape_.bits;
  for (unsigned k = 0; k < shape_.predictors; ++k) {
    Interval& interval = intervals_[k];
    interval.centre = forecast.predictions[k] - static_cast<float>(forecast.centre);
    interval.per_unit = 1.0f / (width(k) * per_mean_error + 0.05f);
    interval.low = {0.0f, 1.0f};
    interval.high = {1.0f, 0.0f};
  }
}

void SampleCoder::fill_inputs() {
  float* const inputs = model_.extra();
  const std::int32_t half = 1 << (shape_.bits - 1);
  const float middle = static_cast<float>(static_cast<std::int32_t>((from_ + to_) / 2) - half) - 0.5f;
  for (unsigned k = 0; k < shape_.predictors; ++k) {
    Interval& interval = intervals_[k];
    interval.middle = logistic_mass((middle - interval.centre) * interval.per_unit);
    inputs[k] = share_as_input(upper_share(interval.low, interval.middle, interval.high));
  }
}

// As matches do: how often so much trust was right at this bit.
void SampleCoder::fill_recalled(float* inputs) {
  const std::uint32_t half = 1u << (shape_.bits - 1);
  for (unsigned k = 0; k < shape_.recalls; ++k, inputs += 2) {
    const Recalled& recalled = forecast_.recalled[k];
    inputs[0] = inputs[1] = 0.0f;
    expected_[k] = -1;
    if (recalled.sample < 0) continue;
    const std::uint32_t residual =
        (static_cast<std::uint32_t>(recalled.sample - forecast_.centre) + half) & (2 * half - 1);
    const unsigned left = shape_.bits - depth_;
    if (((2 * half) | residual) >> left != value_) continue;
    expected_[k] = static_cast<int>(residual >> (left - 1) & 1u);
    const unsigned p = recall_map_.probability(recall_entry(k));
    const float strength = stretch_table()[p >> (16 - stretch_bits)];
    const float linear = linear_input(p);
    inputs[0] = expected_[k] ? strength : -strength;
    inputs[1] = expected_[k] ? linear : -linear;
  }
}

std::size_t SampleCoder::recall_entry(unsigned k) const noexcept {
  return (std::size_t{k} * (Recalled::max_trust + 1) + forecast_.recalled[k].trust) * max_depth + depth_;
}

unsigned SampleCoder::recalled_state() const noexcept {
  unsigned state = 0;
  for (unsigned k = 0; k < std::min(shape_.recalls, 2u); ++k) {
    const auto trust = std::min(3u, static_cast<unsigned>(std::bit_width(forecast_.recalled[k].trust)));
    state = state * 8 + (expected_[k] < 0 ? 0 : trust * 2 + static_cast<unsigned>(expected_[k]));
  }
  return state;
}

// Of the first byte all, of the second what stands behind the two first bytes of small residuals, of the
// third which one it is.
unsigned SampleCoder::node_of() const noexcept {
  if (depth_ < 8) return value_;
  if (depth_ >= 16) return 1024 + ((1u << (depth_ - 16)) | (value_ & ((1u << (depth_ - 16)) - 1)));
  const unsigned first = value_ >> (depth_ - 8) & 0xffu;
  const unsigned second = (1u << (depth_ - 8)) | (value_ & ((1u << (depth_ - 8)) - 1));
  if (first == 0x80) return 256 + second;
  if (first == 0x7f) return 512 + second;
  return 768 + second;
}

DecisionContexts SampleCoder::choose() {
  fill_inputs();
  fill_recalled(model_.extra() + shape_.predictors);
  const Situation situation{node_of(), depth_,
                            std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1)),
                            recalled_state(), &forecast_};
  DecisionContexts chosen;
  choose_rows<Situation>(Tables::sets_of(shape_), situation, chosen.sets);
  choose_rows<Situation>(Tables::finals_of(shape_), situation, chosen.finals);
  choose_rows<Situation>(Tables::apms_of(shape_), situation, chosen.apms);
  return chosen;
}

unsigned SampleCoder::decide(DecisionIo& io, bool bit, bool last) {
  const auto chosen = [this] { return choose(); };
  return SymbolWalk(model_).decide(io, bit, at_, depth_, chosen, last);
}

void SampleCoder::narrow(unsigned bit) {
  for (unsigned k = 0; k < shape_.recalls; ++k)
    if (expected_[k] >= 0) recall_map_.update(recall_entry(k), static_cast<unsigned>(expected_[k]) == bit);
  const std::uint32_t middle = (from_ + to_) / 2;
  (bit ? from_ : to_) = middle;
  for (unsigned k = 0; k < shape_.predictors; ++k) {
    Interval& interval = intervals_[k];
    (bit ? interval.low : interval.high) = interval.middle;
  }
  at_.taken.bits |= std::uint64_t{bit} << depth_;
  ++at_.taken.depth;
  ++depth_;
  value_ = value_ * 2 + bit;
}

void SampleCoder::end(std::uint32_t sample) {
  SymbolWalk(model_).end(sample);
  for (unsigned k = 0; k < shape_.predictors; ++k) {
    const float error = static_cast<float>(sample) - forecast_.predictions[k];
    float& mean = width(k);
    mean += ((error < 0.0f ? -error : error) - mean) * width_rate;
  }
}

}  // namespace ssmz::codec
