// SPDX-License-Identifier: Apache-2.0
// Learning what letters' widths lose, and the distances that are asked for.
#include "codec/bytes/glyph_rounding.hpp"

#include <algorithm>
#include <cstdlib>

namespace ssmz::codec {
namespace {

constexpr std::int32_t unit = GlyphRounding::unit, half = unit / 2;
// A number of at most so much is but a mending; the least kerns of fonts are larger.
constexpr std::int32_t most_mending = 2;
// Rate of a letter's error: 1, falling with its count to the least. Decay 20 +1.2 %, 150 +1.5 %; least rate
// 1311 +0.1 %; 3 letters +0.3 % of what it takes whether and which number comes (reymont's first 260,000
// bytes by drift() and letter).
constexpr std::int32_t rate_decay = 60, least_rate = 3000, first_rate = 65536;
constexpr std::int32_t most_error = unit * 6 / 10;
constexpr std::uint32_t most_kern_count = 6;  // of its mean; 20 +0.3 %
constexpr std::uint32_t full_weight = 1u << 16, least_weight = 4;
constexpr std::int32_t tolerance =
    unit / 64;  // of a contradiction, for half of the weight; 1/24 +0.2 %, 1/12 +1 %

// What must be added to a drift so that this number is written.
std::int32_t outside(std::int32_t drift, std::int32_t number) {
  const std::int32_t least = -number * unit - half;
  return std::clamp(drift, least, least + unit) - drift;
}

}  // namespace

void GlyphRounding::begin_line() noexcept {
  drifts_.fill(0);
  spaces_.fill(0);
  weights_.fill(full_weight);
  space_base_ = 0;
  recent_count_ = 0;
  open_ = false;
  foretell();
}

void GlyphRounding::letter(std::uint8_t letter) noexcept {
  if (open_) mend(0);
  add(errors_[letter]);
  if (counts_[letter] < 65535) ++counts_[letter];
  std::copy_backward(recent_.begin(), recent_.end() - 1, recent_.end());
  recent_[0] = letter;
  recent_count_ = std::min<unsigned>(recent_count_ + 1, most_recent);
  open_ = true;
  foretell();
}

void GlyphRounding::number(std::int32_t number) noexcept {
  if (std::abs(number) <= most_mending)
    mend(number);
  else if (number <= -least_space)
    move_by_space(number);
  else
    move_by_kern(number);
  open_ = false;
  foretell();
}

void GlyphRounding::add(std::int32_t distance) noexcept {
  for (std::int32_t& drift : drifts_) drift += distance;
}

std::int32_t GlyphRounding::mean() const noexcept {
  std::int64_t sum = 0, weights = 0;
  for (std::size_t i = 0; i < guesses; ++i) {
    sum += std::int64_t{drifts_[i]} * weights_[i];
    weights += weights_[i];
  }
  return static_cast<std::int32_t>(sum / weights);
}

// Guesses that would have had another number lose weight; then all are as if they had this one.
void GlyphRounding::judge(std::int32_t number) noexcept {
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < guesses; ++i) {
    const std::int32_t missing = outside(drifts_[i], number);
    const std::int64_t wrong = std::min(std::abs(missing), unit);
    weights_[i] = static_cast<std::uint32_t>(std::int64_t{weights_[i]} * tolerance / (tolerance + wrong));
    weights_[i] = std::max(weights_[i], least_weight);
    drifts_[i] += missing + number * unit;
    most = std::max(most, weights_[i]);
  }
  for (; most < full_weight / 2; most *= 2)
    for (std::uint32_t& weight : weights_) weight *= 2;
}

void GlyphRounding::learn(std::int32_t missing) noexcept {
  for (unsigned k = 0; k < recent_count_; ++k) {
    std::int32_t& error = errors_[recent_[k]];
    const std::int32_t rate =
        std::max(first_rate / (rate_decay + counts_[recent_[k]]) * rate_decay, least_rate);
    const std::int64_t step = std::int64_t{missing} * rate * 3 / (2 * unit * std::int64_t{recent_count_});
    error = static_cast<std::int32_t>(std::clamp<std::int64_t>(error + step, -most_error, most_error));
  }
}

void GlyphRounding::mend(std::int32_t number) noexcept {
  const std::int32_t missing = outside(mean(), number);
  judge(number);
  if (missing != 0) learn(missing);
}

// The first space of a line may be any distance that is written so.
void GlyphRounding::move_by_space(std::int32_t number) noexcept {
  const std::int32_t more = number - space_base_;
  if (space_base_ != 0 && std::abs(more) <= most_mending) {
    for (std::size_t i = 0; i < guesses; ++i) drifts_[i] += spaces_[i];
    judge(more);
    return;
  }
  const std::int32_t drift = mean();
  if (space_base_ == 0) {
    space_base_ = number;
    weights_.fill(full_weight);
    for (std::size_t i = 0; i < guesses; ++i) {
      drifts_[i] = static_cast<std::int32_t>(2 * i + 1) * (half / std::int32_t{guesses}) - half;
      spaces_[i] = drifts_[i] - drift;
    }
  } else {
    drifts_.fill(0);
  }
}

void GlyphRounding::move_by_kern(std::int32_t number) noexcept {
  const std::int64_t written = std::int64_t{number} * unit;
  const std::int32_t drift = mean();
  auto at = std::find_if(kerns_.begin(), kerns_.end(), [&](const Move& known) {
    return known.count > 0 && std::abs(known.value + drift + written) < unit;
  });
  if (at == kerns_.end()) {
    std::copy_backward(kerns_.begin(), kerns_.end() - 1, kerns_.end());
    kerns_[0] = {-written, 1};
    drifts_.fill(0);
    return;
  }
  std::rotate(kerns_.begin(), at, at + 1);
  Move& known = kerns_[0];
  const std::int64_t missing = outside(static_cast<std::int32_t>(known.value + drift + written), 0);
  add(static_cast<std::int32_t>(known.value + written));
  judge(0);
  known.count = std::min(known.count + 1, most_kern_count);
  known.value += missing / known.count;
}

void GlyphRounding::foretell() noexcept {
  const std::int32_t drift = mean();
  drift_bucket_ = static_cast<std::uint8_t>(
      std::clamp((drift + unit) / (2 * unit / std::int32_t{drifts}), 0, std::int32_t{drifts} - 1));
  std::uint64_t beyond = 0, sum = 0;
  for (std::size_t i = 0; i < guesses; ++i) {
    sum += weights_[i];
    if (outside(drifts_[i], 0) != 0) beyond += weights_[i];
  }
  forecast_ = static_cast<std::uint8_t>(std::min<std::uint64_t>(beyond * forecasts / sum, forecasts - 1));
  space_ = 0;
  if (space_base_ == 0) return;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < guesses; ++i) all += (std::int64_t{drifts_[i]} + spaces_[i]) * weights_[i];
  const auto distance = static_cast<std::int32_t>(all / static_cast<std::int64_t>(sum)) + half;
  space_ = space_base_ - (distance >> 16);
  space_fraction_ = static_cast<std::uint8_t>((distance & (unit - 1)) / (unit / 8));
}

}  // namespace ssmz::codec
