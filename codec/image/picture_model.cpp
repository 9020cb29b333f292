// SPDX-License-Identifier: Apache-2.0
// Neighbours, predictors, their blend, and the contexts of its error.
#include "codec/image/picture_model.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdlib>

#include "codec/levels/level_models.hpp"
#include "codec/samples/sample_content.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t salt = 22000;  // apart from the other models' contexts in the common table
constexpr unsigned most_neighbours = 24;
constexpr unsigned close_neighbours = 10;  // 6, 8: +0.8, +0.3 % (photograph and mr)
constexpr unsigned per_channel = 4;        // samples of each channel before it
// Pixels between two solutions of the local predictor, at most. Lean, 2 and 6: 102,991 and 102,949 bytes
// (200,054 of a photograph at -1) in 0.86 of the instructions.
constexpr unsigned usual_local = LocalLeastSquares::stripe, lean_local = 3 * LocalLeastSquares::stripe;
constexpr int offsets[most_neighbours][2] = {{-1, 0},  {0, -1},  {-1, -1}, {1, -1},  {-2, 0}, {0, -2},
                                             {2, -1},  {-2, -1}, {1, -2},  {-1, -2}, {-3, 0}, {2, -2},
                                             {-2, -2}, {0, -3},  {3, -1},  {-3, -1}, {1, -3}, {-1, -3},
                                             {-4, 0},  {3, -2},  {-3, -2}, {0, -4},  {2, -3}, {-2, -3}};

// Of the sample's own channel that the wide predictor takes. 12, 18, 24 where there is no other: 32,815;
// 31,296; 30,807 bytes (200,000 of mr at -9); 12 and 16 with others: the same within 0.05 %.
unsigned neighbours_of(unsigned channels) { return channels == 1 ? most_neighbours : 12; }
// How slowly the wide predictor forgets. The more inputs, the slower: 0.9996 +0.08 % (mr).
double wide_forget(unsigned channels) { return channels == 1 ? 0.9992 : 0.9985; }

unsigned before(unsigned channel) { return std::min(channel, 2u); }

unsigned wide_inputs(unsigned channel, unsigned channels) {
  const unsigned first_of_many = channel == 0 && channels > 1 ? 2 : 0;
  return neighbours_of(channels) + before(channel) * per_channel + first_of_many;
}

std::int32_t median_of(std::int32_t a, std::int32_t b, std::int32_t gradient) {
  return std::clamp(gradient, std::min(a, b), std::max(a, b));
}

// A difference as a small number: its sign and two steps a doubling.
std::uint64_t level(std::int32_t difference) {
  const auto size = SampleCoder::bucket(static_cast<std::uint32_t>(std::abs(difference)));
  return difference < 0 ? 31u - size : size;
}
// ... and one step for two doublings.
std::uint64_t coarse(std::int32_t difference) {
  const auto size =
      (static_cast<unsigned>(std::bit_width(static_cast<unsigned>(std::abs(difference)))) + 1) / 2;
  return difference < 0 ? 15u - size : size;
}

}  // namespace

std::uint64_t PictureLayout::packed() const {
  return std::uint64_t{row_bytes} << 6 | (is_signed ? 32u : 0u) | (channels - 1) << 3 |
         (big_endian ? 4u : 0u) | (sample_bytes - 1) << 1 | (goes_on ? 1u : 0u);
}

PictureLayout PictureLayout::of(std::uint64_t packed) {
  return {(packed & 1u) != 0,
          static_cast<unsigned>(packed >> 1 & 1u) + 1,
          (packed & 4u) != 0,
          static_cast<unsigned>(packed >> 3 & 3u) + 1,
          static_cast<std::uint32_t>(packed >> 6),
          (packed & 32u) != 0};
}

bool valid_picture_layout(std::uint64_t packed) {
  const std::uint64_t row = packed >> 6;
  const PictureLayout is = PictureLayout::of(packed);
  return row >= 1 && row <= PictureLayout::max_row && row % is.sample_bytes == 0 &&
         (is.sample_bytes == 2 || !is.is_signed);
}

std::unique_ptr<ContentModel> make_picture_content(const ContentEnvironment& environment) {
  return std::make_unique<SampleContent<PictureModel, PictureLayout>>(environment);
}

// Of the layout that takes most.
std::uint64_t picture_memory(const ModelParameters& parameters, std::size_t) {
  std::uint64_t most = 0;
  for (const unsigned sample_bytes : {1u, 2u})
    for (unsigned channels = 1; channels <= 4; ++channels)
      most =
          std::max(most, PictureModel::memory({false, sample_bytes, false, channels, PictureLayout::max_row},
                                              sample_effort(parameters)));
  return most;
}

PictureModel::PictureModel(SlotTable& table, const PictureLayout& layout, const SampleEffort& effort)
    : layout_(layout),
      flip_(layout.is_signed ? 1u << 15 : 0u),
      channels_(layout.channels),
      greatest_((1 << (8 * layout.sample_bytes)) - 1),
      row_samples_(layout.row_bytes / layout.sample_bytes),
      row_size_(row_samples_ + std::size_t{2} * margin * channels_),
      coder_(table, shape_of(layout, effort), salt + layout.channels * 2 + layout.sample_bytes),
      lean_(effort.lean),
      samples_(rows * row_size_),
      errors_(2 * row_size_),
      misses_(2 * row_size_ * candidates) {
  for (unsigned channel = 0; channel < channels_; ++channel)
    models_.push_back(
        {LeastSquares(wide_inputs(channel, channels_), wide_forget(channels_), 0.02, effort.interval),
         LeastSquares(close_neighbours + before(channel), 0.97, 0.5, effort.interval),
         LocalLeastSquares(close_neighbours + before(channel), row_samples_ / channels_ + 1,
                           std::min(effort.interval, effort.lean ? lean_local : usual_local))});
}

SampleCoder::Shape PictureModel::shape_of(const PictureLayout& layout, const SampleEffort& effort) {
  return {.bits = 8 * layout.sample_bytes,
          .contexts = std::min(effort.contexts, context_count),
          .predictors = effort.lean ? 1 + gradient + 1 : candidates,
          .recalls = effort.lean ? lean_recalls : recalls,
          .lean = effort.lean};
}

std::uint64_t PictureModel::memory(const PictureLayout& layout, const SampleEffort& effort) {
  const std::uint64_t row = layout.row_bytes / layout.sample_bytes + 2 * margin * layout.channels;
  std::uint64_t sum = sizeof(PictureModel) + SampleCoder::memory(shape_of(layout, effort)) +
                      recalls * (sizeof(Recall) + Recall::memory()) +
                      row * ((rows + 2) * sizeof(std::int32_t) + 2 * candidates * sizeof(float));
  for (unsigned channel = 0; channel < layout.channels; ++channel)
    sum += sizeof(Channel) + LeastSquares::memory(wide_inputs(channel, layout.channels)) +
           LeastSquares::memory(close_neighbours + before(channel)) +
           LocalLeastSquares::memory(close_neighbours + before(channel), row / layout.channels);
  return sum;
}

bool PictureModel::fits(const PictureLayout& layout) const {
  return layout.sample_bytes == layout_.sample_bytes && layout.channels == layout_.channels &&
         layout.row_bytes == layout_.row_bytes && layout.big_endian == layout_.big_endian &&
         layout.is_signed == layout_.is_signed;
}

void PictureModel::begin_picture() {
  std::fill(samples_.begin(), samples_.end(), 0);
  std::fill(errors_.begin(), errors_.end(), 0);
  std::fill(misses_.begin(), misses_.end(), 0.0f);
  for (Channel& channel : models_) channel.local.begin_picture();
  row_ = rows - 1;
  begin_row();
}

// Beside a row stand the pixels of its ends, to the left those of the row above.
void PictureModel::begin_row() {
  std::int32_t* const ended = &samples_[row_ * row_size_];
  const std::size_t end = std::size_t{margin} * channels_ + row_samples_;
  for (unsigned i = 0; i < margin * channels_; ++i) {
    const std::size_t from = end + i - channels_;
    ended[end + i] = ended[from];
  }
  row_ = (row_ + 1) % rows;
  parity_ ^= 1u;
  x_ = 0;
  std::int32_t* const coming = &samples_[row_ * row_size_];
  for (unsigned i = 0; i < margin * channels_; ++i) coming[i] = ended[margin * channels_ + i % channels_];
}

void PictureModel::forecast() {
  const unsigned channel = x_ % channels_;
  Channel& model = models_[channel];
  const std::int32_t w = at(-1, 0), n = at(0, -1), nw = at(-1, -1), ne = at(1, -1);
  const double level_here = 0.5 * (w + n);
  double* const around = model.wide.inputs();
  double* const nearby = model.close.inputs();
  const unsigned neighbours = neighbours_of(channels_);
  unsigned k = 0;
  for (; k < neighbours; ++k) around[k] = at(offsets[k][0], offsets[k][1]) - level_here;
  for (unsigned i = 0; i < close_neighbours; ++i) nearby[i] = around[i];
  std::int32_t change = 0;  // how the channel before differs from what its neighbours say
  for (unsigned c = 1; c <= before(channel); ++c) {
    const int other = -static_cast<int>(c);
    const std::int32_t there = at(0, 0, other), there_w = at(-1, 0, other), there_n = at(0, -1, other);
    const double level_there = 0.5 * (there_w + there_n);
    around[k++] = there - level_there;
    around[k++] = there_w - level_there;
    around[k++] = at(-1, -1, other) - level_there;
    around[k++] = at(1, -1, other) - level_there;
    nearby[close_neighbours + c - 1] = there - level_there;
    if (c == 1) change = there - median_of(there_w, there_n, there_w + there_n - at(-1, -1, other));
  }
  if (channel == 0 && channels_ > 1) {
    around[k++] = at(-1, 0, 1) - at(-1, -1, 1);
    around[k++] = at(0, -1, 1) - at(-1, -1, 1);
  }
  const std::int32_t median = median_of(w, n, w + n - nw);
  const std::int32_t side = channel ? at(0, 0, -1) : 0;
  auto& p = candidates_;
  p[wide] = static_cast<float>(level_here + model.wide.predict());
  p[local] = static_cast<float>(level_here + model.local.predict(nearby, x_ / channels_));
  p[gradient] = static_cast<float>(median + change);
  p[from_west] = static_cast<float>(w + (channel ? side - at(-1, 0, -1) : ne - n));
  p[from_north] = static_cast<float>(n + (channel ? side - at(0, -1, -1) : n - at(0, -2)));
  p[plane] = static_cast<float>(channel ? w + n - nw + (side - at(-1, 0, -1) - at(0, -1, -1) + at(-1, -1, -1))
                                        : w + n - nw);
  p[west] = static_cast<float>(w);
  p[close] = lean_ ? p[wide] : static_cast<float>(level_here + model.close.predict());
  const auto top = static_cast<float>(greatest_);
  for (float& prediction : p) prediction = prediction > 0.0f ? std::min(prediction, top) : 0.0f;
}

// By the squares of the errors at the neighbours.
void PictureModel::blend() {
  const std::size_t base = (std::size_t{margin} * channels_ + x_) * candidates;
  const std::size_t row = std::size_t{parity_} * row_size_ * candidates, above = row_size_ * candidates - row;
  const std::size_t step = std::size_t{channels_} * candidates;
  float sum = 0.0f, weights = 0.0f, least = 1e9f, most = -1e9f;
  for (unsigned k = 0; k < candidates; ++k) {
    if (lean_ && k == close) continue;  // nothing solves for it
    const float missed = misses_[row + base - step + k] + misses_[above + base + k] +
                         0.5f * (misses_[above + base - step + k] + misses_[above + base + step + k]) + 0.3f;
    const float weight = 1.0f / (missed * missed * missed);
    sum += weight * candidates_[k];
    weights += weight;
    if (k != west) least = std::min(least, candidates_[k]), most = std::max(most, candidates_[k]);
  }
  const float blended = sum / weights;
  forecast_.predictions[0] = blended;
  std::copy_n(candidates_.begin(), candidates - 1, forecast_.predictions.begin() + 1);
  forecast_.centre = std::clamp(static_cast<std::int32_t>(blended + 0.5f), 0, greatest_);
  const auto around = static_cast<std::uint32_t>(2 * (std::abs(error_at(-1, 0)) + std::abs(error_at(0, -1))) +
                                                 std::abs(error_at(-1, -1)) + std::abs(error_at(1, -1)));
  const auto further = static_cast<std::uint32_t>(std::abs(error_at(-2, 0)) + std::abs(error_at(2, -1)) +
                                                  std::abs(error_at(-2, -1)));
  forecast_.energy = SampleCoder::bucket((around + further) * 3 / 8);
  forecast_.channel = x_ % channels_;
  forecast_.last_error = SampleCoder::bucket(
      static_cast<std::uint32_t>(std::abs(forecast_.channel ? error_at(0, 0, -1) : error_at(-1, 0))));
  forecast_.spread = std::min(7u, SampleCoder::bucket(static_cast<std::uint32_t>(most - least)) / 2);
}

// By whole pixels around and what is known of this one.
void PictureModel::recall() {
  const unsigned channel = x_ % channels_;
  std::uint64_t here = channel;
  for (unsigned c = 1; c <= channel; ++c)
    here = hash_mix(here, static_cast<std::uint64_t>(at(0, 0, -static_cast<int>(c))));
  const auto pixel = [&](std::uint64_t hash, int dx, int dy) {
    for (unsigned c = 0; c < channels_; ++c)
      hash = hash_mix(
          hash, static_cast<std::uint64_t>(at(dx, dy, static_cast<int>(c) - static_cast<int>(channel))));
    return hash;
  };
  const std::uint64_t w = pixel(here, -1, 0), w_n = pixel(w, 0, -1);
  const std::uint64_t four = pixel(pixel(w_n, -1, -1), 1, -1);
  forecast_.recalled[0] = recalls_[0].find(hash_mix(four, 0));
  if (lean_) return;
  forecast_.recalled[1] = recalls_[1].find(hash_mix(w_n, 1));
  forecast_.recalled[2] = recalls_[2].find(hash_mix(pixel(pixel(pixel(four, -2, 0), 0, -2), 2, -1), 2));
}

void PictureModel::list_contexts(ContextLister& list) const {
  const SampleForecast& f = forecast_;
  const std::uint64_t c = f.channel;
  const std::int32_t w = at(-1, 0), n = at(0, -1), nw = at(-1, -1), ne = at(1, -1), p = f.centre;
  const std::int32_t ew = error_at(-1, 0), en = error_at(0, -1), enw = error_at(-1, -1),
                     ene = error_at(1, -1);
  const std::int32_t before1 = c > 0 ? error_at(0, 0, -1) : 0, before2 = c > 1 ? error_at(0, 0, -2) : 0;
  const auto of = [&](unsigned k) { return static_cast<std::int32_t>(candidates_[k]) - p; };
  const auto fraction = static_cast<std::uint64_t>((f.predictions[0] - static_cast<float>(p)) * 8.0f + 8.0f);
  list.add(c, f.energy);
  list.add(c, level(ew), level(en));
  list.add(c, level(w - p), level(n - p));
  if (list.full()) return;
  list.add(c, level(before1), f.energy);
  list.add(c, level(of(wide)), level(of(close)));
  list.add(c, p, w, n);
  list.add(c, coarse(ew), coarse(en), coarse(enw), coarse(ene));
  list.add(c, fraction, f.energy);
  list.add(c, p);
  list.add(c, level(n - p), level(ne - p));
  list.add(c, coarse(w - p), coarse(n - p), coarse(nw - p), coarse(ne - p));
  list.add(c, level(of(gradient)), f.energy);
  list.add(c, before1, before2);
  list.add(c, level(before1), level(ew), level(en));
  list.add(c, p, w);
  list.add(c, p, n);
  list.add(c, p, w, n, nw, ne);
  list.add(c, p, at(-1, 0, 1), at(0, -1, 1), c ? at(0, 0, -1) : 0);
  list.add(c, p, before1);
  list.add(c, level(of(from_west)), level(of(from_north)));
  list.add(c, x_, p >> 3);
  list.add(c, p, n, at(0, -2));
  list.add(c, p, w, at(-2, 0));
  list.add(c, ew, coarse(en));
  list.add(c, level(of(wide)), level(of(gradient)), coarse(before1));
  list.add(c, level(at(-2, 0) - p), level(w - p));
  list.add(c, level(at(0, -2) - p), level(n - p));
  list.add(c, f.spread, f.energy, coarse(of(plane)));
  list.add(c, c ? at(0, 0, -1) : 0, p, c > 1 ? at(0, 0, -2) : 0);
  list.add(c, fraction, level(of(wide)), coarse(ew));
  assert(list.count() == context_count);
}

std::uint32_t PictureModel::code(DecisionIo& io, std::uint32_t sample) {
  forecast();
  blend();
  recall();
  sample = coder_.code(io, sample ^ flip_, forecast_, [this](ContextLister& list) { list_contexts(list); });
  push(sample);
  return sample ^ flip_;
}

void PictureModel::push(std::uint32_t sample) {
  const auto value = static_cast<std::int32_t>(sample);
  const std::size_t place = std::size_t{margin} * channels_ + x_;
  Channel& model = models_[x_ % channels_];
  const double target = value - 0.5 * (at(-1, 0) + at(0, -1));
  model.wide.update(target);
  if (!lean_) model.close.update(target);
  model.local.update(model.close.inputs(), x_ / channels_, target);
  samples_[row_ * row_size_ + place] = value;
  errors_[parity_ * row_size_ + place] = value - forecast_.centre;
  float* const misses = &misses_[(std::size_t{parity_} * row_size_ + place) * candidates];
  for (unsigned k = 0; k < candidates; ++k) misses[k] = std::fabs(static_cast<float>(value) - candidates_[k]);
  const unsigned used = lean_ ? lean_recalls : recalls;
  for (unsigned k = 0; k < used; ++k) recalls_[k].update(sample);
  if (++x_ == row_samples_) begin_row();
}

}  // namespace ssmz::codec
