// SPDX-License-Identifier: Apache-2.0
// The layer of weight sets.
#include "codec/predict/mixer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "codec/predict/logistic.hpp"
#include "model/kernels/kernels.hpp"

namespace ssmz::codec {
namespace {

constexpr float output_bound = 12.0f;
// Share of the usual square below which that of the inputs does not count: no step is more than 1.8 times as
// long as the rate says.
constexpr float least_square = 0.3f;

// Up to so many sets are squashed by table: a vector of sixteen takes as long for one. FORMAT.
constexpr std::size_t few_sets = 4;

std::size_t rows_in(std::span<const unsigned> rows_per_set) {
  return std::accumulate(rows_per_set.begin(), rows_per_set.end(), std::size_t{0});
}

}  // namespace

AlignedFloats::AlignedFloats(std::size_t count) : size_((count + 15) & ~std::size_t{15}) {
  storage_ = std::make_unique<float[]>(size_ + 16);
  const auto address = reinterpret_cast<std::uintptr_t>(storage_.get());
  data_ = storage_.get() + (64 - address % 64) % 64 / sizeof(float);
}

RateTable::RateTable(const MixerRate& rate) : rates_(place(most_visits) + 1) {
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    const auto visits_from = [](std::size_t at) {
      const auto bits = static_cast<std::uint32_t>(at << step_log2) + std::bit_cast<std::uint32_t>(offset);
      return std::bit_cast<float>(bits) - offset;
    };
    const float first = visits_from(i), step = visits_from(i + 1) - first;
    float visits = first + (step - 1.0f) * 0.5f;
    rates_[i] = rate.next(visits);
  }
}

MixerLayer::MixerLayer(unsigned inputs, std::span<const unsigned> rows_per_set, float first_weight,
                       MixerRate rate, float joint_share)
    : padded_(padded(inputs)),
      count_(inputs),
      first_weight_(first_weight),
      inputs_(padded_),
      weights_((rows_in(rows_per_set) + rows_per_set.size() + 1) * padded_),
      rows_(rows_per_set.begin(), rows_per_set.end()),
      outputs_(rows_per_set.size()),
      errors_(rows_per_set.size()),
      rate_(rate),
      rates_(rate),
      joint_share_(joint_share) {
  std::size_t row = 0;
  for (const unsigned rows : rows_) {
    first_rows_.push_back(row);
    row += rows;
  }
  selected_.resize(rows_.size());
  chosen_.resize(rows_.size());
  at_.resize(rows_.size());
  visits_ = model::ZeroedArray(row + rows_.size() + 1);
  places_ = model::Zeroed<std::uint32_t>(row);
  places_.expect_use_of_all();  // where any is read it is soon written
  placed_ = static_cast<std::uint32_t>(rows_.size());
  for (unsigned set = 0; set < rows_.size(); ++set) select(set, 0);
}

std::uint64_t MixerLayer::memory(unsigned inputs, std::span<const unsigned> rows_per_set) {
  const std::uint64_t rows = rows_in(rows_per_set) + rows_per_set.size() + 1;
  return rows * (padded(inputs) + 2) * sizeof(float);
}

void MixerLayer::select(unsigned set, unsigned row) noexcept {
  assert(row < rows_[set]);
  chosen_[set] = first_rows_[set] + row;
  at_[set] = places_[chosen_[set]];
  if (at_[set] != 0) {
    selected_[set] = weights_.data() + at_[set] * padded_;
    // The processor itself fetches what comes behind the first lines.
    __builtin_prefetch(selected_[set], 1);
    __builtin_prefetch(selected_[set] + 16, 1);
    return;
  }
  at_[set] = 1 + set;
  float* const weights = weights_.data() + at_[set] * padded_;
  selected_[set] = weights;
  if (firsts_.empty())
    std::fill_n(weights, count_, first_weight_);
  else
    std::copy_n(firsts_.data() + (phase_ * rows_.size() + set) * padded_, count_, weights);
}

void MixerLayer::start_from(std::vector<float> firsts) {
  firsts_ = std::move(firsts);
  for (unsigned set = 0; set < rows_.size(); ++set) select(set, 0);
}

// The selected row is about to learn for the first time: it gets its own place.
void MixerLayer::settle(unsigned set) noexcept {
  const std::uint32_t place = ++placed_;
  weights_.expect_use(place * std::size_t{padded_}, padded_, ready_);
  std::copy_n(selected_[set], padded_, weights_.data() + place * std::size_t{padded_});
  selected_[set] = weights_.data() + place * std::size_t{padded_};
  places_[chosen_[set]] = place;
  at_[set] = place;
}

const float* MixerLayer::mix() noexcept {
  model::kernels().linear.dot_rows(inputs_.data(), padded_, selected_.data(), selected_.size(),
                                   outputs_.data());
  for (unsigned set = 0; set < rows_.size(); ++set)
    outputs_.data()[set] = std::clamp(outputs_.data()[set], -output_bound, output_bound);
  return outputs_.data();
}

// The root, not the square itself, as in normalised least mean squares: that gains but half as much.
float MixerLayer::step_scale() const noexcept {
  if (rate_.usual_square == 0.0f) return 1.0f;
  const float* const row = inputs_.data();
  float square = 0.0f;
  model::kernels().linear.dot_rows(row, padded_, &row, 1, &square);
  const float usual = rate_.usual_square * static_cast<float>(count_);
  return std::sqrt(usual / (square + usual * least_square));
}

void MixerLayer::update(unsigned bit, float mixed) noexcept {
  const float target = bit ? 1.0f : 0.0f;
  if (std::fabs(target - mixed) < rate_.least_error) return;
  const std::size_t sets = rows_.size();
  // By pointers: what is written could else be any of the layer's own members, which would be read again.
  const float* const outputs = outputs_.data();
  float* const errors = errors_.data();
  if (sets <= few_sets)
    std::transform(outputs, outputs + sets, errors, squash_near);
  else  // all lanes, as both arrays have them: a part of a vector takes longer
    model::kernels().math.sigmoid(outputs, errors, outputs_.size());
  const float scale = step_scale(), own_share = 1.0f - joint_share_, joint = joint_share_ * (target - mixed);
  float* const visits = visits_.data();
  const std::size_t* const at = at_.data();
  for (unsigned set = 0; set < sets; ++set) {
    if (at[set] <= sets) settle(set);
    const float rate = scale * rates_.next(visits[at[set]]);
    errors[set] = ((target - errors[set]) * own_share + joint) * rate;
  }
  const float* const direction =
      preconditioner_ ? preconditioner_->direction(inputs_.data()) : inputs_.data();
  model::kernels().linear.axpy_rows(direction, padded_, errors_.data(), selected_.data(), selected_.size());
}

}  // namespace ssmz::codec
