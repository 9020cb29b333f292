// SPDX-License-Identifier: Apache-2.0
// The cascade of filters, the blend of their stages, and the contexts of its error.
#include "codec/audio/sound_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>

#include "codec/levels/level_models.hpp"
#include "codec/predict/coder_probability.hpp"
#include "codec/samples/sample_content.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t salt = 23000;  // apart from the other models' contexts in the common table

// Never further out than any difference of samples, and a number: what any input leads to stays finite.
float bounded(double value, float most) {
  return value > -most ? std::min(static_cast<float>(value), most) : -most;
}

// A rest has at most 23 bits; of a whole float: whether it is 0, and the last one; of whole numbers: whether
// it is 0.
constexpr std::size_t rest_contexts = 48, rest_entries = rest_contexts + 3;
constexpr unsigned rest_limit = 255;

}  // namespace

std::unique_ptr<ContentModel> make_sound_content(const ContentEnvironment& environment) {
  return std::make_unique<SampleContent<SoundModel, SoundLayout>>(environment);
}

std::uint64_t sound_memory(const ModelParameters& parameters, std::size_t) {
  SoundLayout most;
  most.sample_bytes = 4;
  most.channels = SoundLayout::max_channels;
  return SoundModel::memory(most, sample_effort(parameters));
}

SampleCoder::Shape SoundModel::shape_of(const SoundLayout& layout, const SampleEffort& effort) {
  return {.bits = SampleScale(layout).head_bits(),
          .contexts = std::min(effort.contexts, context_count),
          .predictors = effort.lean ? lean_predictors : predictors,
          .recalls = 0,
          .lean = effort.lean};
}

std::uint64_t SoundModel::memory(const SoundLayout& layout, const SampleEffort& effort) {
  std::uint64_t channel = sizeof(Channel) + LeastSquares::memory(inputs_of(layout.channels));
  for (const LmsShape& filter : filter_shapes) channel += LmsFilter::memory(filter.order);
  return sizeof(SoundModel) + SampleCoder::memory(shape_of(layout, effort)) + layout.channels * channel +
         AdaptiveMap::memory(rest_entries);
}

SoundModel::SoundModel(SlotTable& table, const SoundLayout& layout, const SampleEffort& effort)
    : layout_(layout),
      scale_(layout),
      grain_(scale_.head_bits(), is_companded(layout.form)),
      most_(static_cast<float>((1u << scale_.head_bits()) - 1)),
      fine_(scale_.head_bits() == 24 ? 8 : 0),
      coder_(table, shape_of(layout, effort),
             salt + 4 * static_cast<unsigned>(layout.form) + layout.sample_bytes),
      interval_(effort.interval),
      rest_map_(rest_entries, rest_limit) {
  begin_picture();
}

bool SoundModel::fits(const SoundLayout& layout) const {
  return layout.packed() >> 1 == layout_.packed() >> 1;
}

void SoundModel::begin_picture() {
  channels_.clear();
  channels_.reserve(layout_.channels);
  for (unsigned i = 0; i < layout_.channels; ++i)
    channels_.emplace_back(inputs_of(layout_.channels), interval_);
  channel_ = 0;
  grain_ = {scale_.head_bits(), is_companded(layout_.form)};
}

unsigned SoundModel::size_of(float error) const {
  return SampleCoder::bucket(static_cast<std::uint32_t>(error * 2.0f) >> fine_);
}

std::uint64_t SoundModel::level(std::int32_t difference) const {
  const auto size = SampleCoder::bucket(static_cast<std::uint32_t>(std::abs(difference)) >> fine_);
  return difference < 0 ? 31u - size : size;
}

void SoundModel::forecast() {
  Channel& c = channels_[channel_];
  double* const inputs = c.close.inputs();
  std::copy(c.last.begin(), c.last.end(), inputs);
  // Of the channel before: for the first one that is the last channel a moment ago.
  if (layout_.channels > 1) {
    const Channel& beside = channels_[(channel_ + layout_.channels - 1) % layout_.channels];
    std::copy_n(beside.last.begin(), other, inputs + own);
  }
  stages_[0] = bounded(c.close.predict(), 2.0f * scale_.full_scale());
  for (unsigned i = 0; i < 3; ++i)
    stages_[i + 1] = bounded(c.filters[i].predict(), 2.0f * scale_.full_scale());
  auto& p = candidates_;
  p[squares] = stages_[0];
  p[long_filter] = p[squares] + stages_[1];
  p[middle_filter] = p[long_filter] + stages_[2];
  p[cascade] = p[middle_filter] + stages_[3];
  p[line] = static_cast<float>(2.0 * c.last[0] - c.last[1]);
  float sum = 0.0f, weights = 0.0f;
  for (unsigned k = 0; k < candidates; ++k) {
    p[k] = std::clamp(scale_.place(p[k]), 0.0f, most_);
    const float missed = c.misses[k] + 0.1f;
    const float square = missed * missed;
    const float weight = 1.0f / (square * square);
    sum += weight * p[k];
    weights += weight;
  }
  const float blended = weights > 0.0f ? std::clamp(sum / weights, 0.0f, most_) : p[cascade];
  forecast_.predictions[0] = blended;
  std::copy(p.begin(), p.end(), forecast_.predictions.begin() + 1);
  const auto most = static_cast<std::int32_t>(most_);
  expected_ = std::min(static_cast<std::int32_t>(blended + 0.5f), most);
  // Differences then begin a step where what rounds to its multiple does.
  const auto step = static_cast<std::int32_t>(grain_.step());
  if (step > 1) expected_ = std::min(expected_ + step / 2, most) / step * step;
  forecast_.centre = std::max(0, expected_ - step / 2);
  forecast_.energy = size_of(c.means[1] * 0.5f);
  forecast_.channel = std::min(channel_, 3u);
  const std::int32_t last_error = channel_ ? channels_[channel_ - 1].errors[0] : c.errors[0];
  forecast_.last_error = SampleCoder::bucket(static_cast<std::uint32_t>(std::abs(last_error)) >> fine_);
  forecast_.spread = std::min(7u, size_of(c.means[0]) / 2);
}

void SoundModel::list_contexts(ContextLister& list) const {
  const SampleForecast& f = forecast_;
  const Channel& c = channels_[channel_];
  const std::uint64_t ch = channel_;
  const std::int32_t beside = channel_ ? channels_[channel_ - 1].errors[0] : 0;
  const auto of = [&](unsigned k) { return static_cast<std::int32_t>(candidates_[k]) - expected_; };
  const unsigned fast = size_of(c.means[0]), slower = size_of(c.means[1]), slow = size_of(c.means[2]);
  const auto fraction =
      static_cast<std::uint64_t>((f.predictions[0] - static_cast<float>(expected_)) * 4.0f + 4.0f);
  list.add(ch, slower);
  list.add(ch, fast, slow);
  // What was made from few values is some of them more often than others.
  if (expected_ != f.centre)
    list.add(ch, expected_, slower / 2);
  else
    list.add(ch, level(c.errors[0]), slower);
  if (list.full()) return;
  list.add(ch, level(beside), slower);
  list.add(ch, level(of(squares)), level(of(cascade)));
  list.add(ch, expected_ >> fine_);
  list.add(ch, fraction, slower);
  list.add(ch, level(c.errors[0]), level(c.errors[1]), slower / 2);
  list.add(ch, level(of(line)), slower);
  list.add(ch, fast, slower, slow);
  list.add(ch, expected_ >> fine_, slower);
  list.add(ch, level(of(squares)), slower);
  list.add(ch, level(beside), level(c.errors[0]), slower / 2);
  list.add(ch, level(of(long_filter)), level(of(middle_filter)), slower / 2);
  list.add(ch, fast, level(beside));
  list.add(ch, c.errors[0]);
  list.add(ch, beside);
  list.add(ch, slow, expected_ >> (4 + fine_));
  list.add(ch, level(of(line)), level(c.errors[0]));
  list.add(ch, level(of(cascade)), slow, fast);
  assert(list.count() == context_count);
}

std::uint32_t SoundModel::code(DecisionIo& io, std::uint32_t sample) {
  forecast();
  SplitSample parts = scale_.split(sample);
  parts.head = coder_.code(io, parts.head, forecast_, [this](ContextLister& list) { list_contexts(list); });
  if (const unsigned bits = scale_.rest_bits(parts.head)) parts.rest = code_rest(io, parts.rest, bits);
  push(parts.head);
  return scale_.join(parts);
}

// Lowest bit first: samples that were made from shorter ones are 0 there.
std::uint32_t SoundModel::code_rest(DecisionIo& io, std::uint32_t rest, unsigned bits) {
  const auto choose = [&](bool bit, std::size_t context) {
    const unsigned is = io.code(bit, coder_probability(rest_map_.probability(context)), {});
    rest_map_.update(context, is);
    return is;
  };
  if (bits == SampleScale::whole_float) {
    std::uint32_t& last = channels_[channel_].last_float;
    if (choose(rest == 0, rest_contexts)) return 0;
    if (choose(rest == last, rest_contexts + 1)) return last;
    const std::uint32_t high = code_plain(io, rest >> 16, 16);
    last = high << 16 | code_plain(io, rest & 0xffff, 16);
    return last;
  }
  if (layout_.form == SampleForm::whole && choose(rest == 0, rest_contexts + 2)) return 0;
  std::uint32_t coded = 0;
  for (unsigned i = 0; i < bits; ++i)
    coded |= choose((rest >> i & 1) != 0, std::size_t{2} * (bits - i) + (coded != 0)) << i;
  return coded;
}

void SoundModel::push(std::uint32_t head) {
  Channel& c = channels_[channel_];
  const float value = scale_.sound(head);
  grain_.note(head);
  c.close.update(value);
  const float left0 = value - stages_[0], left1 = left0 - stages_[1], left2 = left1 - stages_[2];
  c.filters[0].update(left0, value);
  c.filters[1].update(left1, left0);
  c.filters[2].update(left2, left1);
  for (unsigned k = 0; k < candidates; ++k)
    c.misses[k] += (std::fabs(static_cast<float>(head) - candidates_[k]) - c.misses[k]) * (1.0f / 64.0f);
  const auto error = static_cast<std::int32_t>(head) - expected_;
  const auto size = static_cast<float>(std::abs(error));
  c.means[0] += (size - c.means[0]) * (1.0f / 4.0f);
  c.means[1] += (size - c.means[1]) * (1.0f / 16.0f);
  c.means[2] += (size - c.means[2]) * (1.0f / 128.0f);
  c.errors = {error, c.errors[0]};
  for (unsigned i = own - 1; i > 0; --i) c.last[i] = c.last[i - 1];
  c.last[0] = value;
  channel_ = (channel_ + 1) % layout_.channels;
}

}  // namespace ssmz::codec
