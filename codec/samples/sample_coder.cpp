// SPDX-License-Identifier: Apache-2.0
// Distributions around predictions as inputs of the mixer, and the selectors of samples.
#include "codec/samples/sample_coder.hpp"

#include <algorithm>
#include <bit>

#include "codec/predict/logistic.hpp"
#include "codec/predict/selector.hpp"

namespace ssmz::codec {

struct SampleCoder::Tables {
  using S = Situation;
  static constexpr unsigned nodes = 1024;
  static constexpr Selector<S> weight_sets[] = {
      {"bits so far", nodes, [](const S& s) { return s.node; }},
      {"errors around", 16 * 16, [](const S& s) { return s.forecast->energy * 16 + s.depth; }},
      {"last error", 16 * 16, [](const S& s) { return s.forecast->last_error * 16 + s.depth; }},
      {"channel and spread", 4 * 8 * 16,
       [](const S& s) { return (s.forecast->channel * 8 + s.forecast->spread) * 16 + s.depth; }},
      {"contexts seen", 16 * 16, [](const S& s) { return s.seen * 16 + s.depth; }},
      {"all errors", 16 * 16, [](const S& s) { return s.forecast->energy * 16 + s.forecast->last_error; }},
  };
  static constexpr Selector<S> finals[] = {
      {"bits so far", nodes, [](const S& s) { return s.node; }},
      {"errors around", 16 * 16, [](const S& s) { return s.forecast->energy * 16 + s.depth; }},
      {"channel and spread", 4 * 8 * 16,
       [](const S& s) { return (s.forecast->channel * 8 + s.forecast->spread) * 16 + s.depth; }},
  };
  static constexpr Selector<S> apms[] = {
      {"bits so far and errors around", nodes * 16,
       [](const S& s) { return s.node * 16 + s.forecast->energy; }},
      {"bits so far and last error", nodes * 16,
       [](const S& s) { return s.node * 16 + s.forecast->last_error; }},
  };
  static DecisionModelShape shape(unsigned bits, unsigned contexts, unsigned predictors) {
    DecisionModelShape shape;
    shape.contexts = contexts;
    shape.phases = bits;
    shape.extra_inputs = predictors;
    shape.set_rows = rows_of<S>(weight_sets);
    shape.final_rows = rows_of<S>(finals);
    shape.apm_contexts = rows_of<S>(apms);
    return shape;
  }
};

namespace {

constexpr float first_width = 8.0f;
constexpr float width_rate = 1.0f / 64.0f;  // of the mean error
constexpr float per_mean_error =
    0.72f;                           // scale of a logistic distribution whose mean error is 1: 1 / (2 ln 2)
constexpr float least_mass = 1e-6f;  // of an interval: less says nothing

// Below and above a bound.
void masses(float z, float* out) {
  out[0] = squash(z);
  out[1] = squash(-z);
}

// Between two bounds; differences are taken on the side where they are small numbers.
float between(const float* low, const float* high) {
  return low[0] > 0.5f ? low[1] - high[1] : high[0] - low[0];
}

}  // namespace

SampleCoder::SampleCoder(SlotTable& table, unsigned bits, unsigned contexts, unsigned predictors,
                         std::uint64_t salt)
    : bits_(bits),
      predictors_(predictors),
      salt_(salt),
      model_(Tables::shape(bits, contexts, predictors), table),
      widths_(std::size_t{predictors} * widths_per_predictor, first_width) {}

std::uint64_t SampleCoder::memory(unsigned bits, unsigned contexts, unsigned predictors) {
  return DecisionModel::memory(Tables::shape(bits, contexts, predictors)) +
         std::uint64_t{predictors} * widths_per_predictor * sizeof(float);
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
  to_ = 1u << bits_;
  const float half = static_cast<float>(1u << (bits_ - 1));
  for (unsigned k = 0; k < predictors_; ++k) {
    Interval& interval = intervals_[k];
    interval.centre = forecast.predictions[k] - static_cast<float>(forecast.centre) + half;
    interval.per_unit = 1.0f / (width(k) * per_mean_error + 0.05f);
    interval.low_mass[0] = interval.high_mass[1] = 0.0f;
    interval.low_mass[1] = interval.high_mass[0] = 1.0f;
  }
}

void SampleCoder::fill_inputs() {
  float* const inputs = model_.extra();
  const float middle = static_cast<float>((from_ + to_) / 2) - 0.5f;
  for (unsigned k = 0; k < predictors_; ++k) {
    Interval& interval = intervals_[k];
    masses((middle - interval.centre) * interval.per_unit, interval.middle_mass);
    const float below = between(interval.low_mass, interval.middle_mass);
    const float above = between(interval.middle_mass, interval.high_mass);
    const float sum = below + above;
    const float p = sum > least_mass ? above / sum : 0.5f;
    const int index =
        std::clamp(static_cast<int>(p * static_cast<float>(1 << stretch_bits)), 0, (1 << stretch_bits) - 1);
    inputs[k] = stretch_table()[static_cast<std::size_t>(index)];
  }
}

// Of the first byte all, of the second what stands behind the two first bytes of small residuals.
unsigned SampleCoder::node_of() const noexcept {
  if (depth_ < 8) return value_;
  const unsigned first = value_ >> (depth_ - 8) & 0xffu;
  const unsigned second = (1u << (depth_ - 8)) | (value_ & ((1u << (depth_ - 8)) - 1));
  if (first == 0x80) return 256 + second;
  if (first == 0x7f) return 512 + second;
  return 768 + second;
}

DecisionContexts SampleCoder::choose() {
  fill_inputs();
  const Situation situation{node_of(), depth_,
                            std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1)), &forecast_};
  DecisionContexts chosen;
  choose_rows<Situation>(Tables::weight_sets, situation, chosen.sets);
  choose_rows<Situation>(Tables::finals, situation, chosen.finals);
  choose_rows<Situation>(Tables::apms, situation, chosen.apms);
  return chosen;
}

unsigned SampleCoder::decide(DecisionIo& io, bool bit, bool last) {
  const auto chosen = [this] { return choose(); };
  return SymbolWalk(model_).decide(io, bit, at_, depth_, chosen, last);
}

void SampleCoder::narrow(unsigned bit) {
  const std::uint32_t middle = (from_ + to_) / 2;
  (bit ? from_ : to_) = middle;
  for (unsigned k = 0; k < predictors_; ++k) {
    Interval& interval = intervals_[k];
    std::copy_n(interval.middle_mass, 2, bit ? interval.low_mass : interval.high_mass);
  }
  at_.taken.bits |= std::uint64_t{bit} << depth_;
  ++at_.taken.depth;
  ++depth_;
  value_ = value_ * 2 + bit;
}

void SampleCoder::end(std::uint32_t sample) {
  SymbolWalk(model_).end(sample);
  for (unsigned k = 0; k < predictors_; ++k) {
    const float error = static_cast<float>(sample) - forecast_.predictions[k];
    float& mean = width(k);
    mean += ((error < 0.0f ? -error : error) - mean) * width_rate;
  }
}

}  // namespace ssmz::codec
