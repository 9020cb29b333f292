// SPDX-License-Identifier: Apache-2.0
// Learning what letters' widths lose, and the distances that are asked for.
#include "codec/bytes/glyph_rounding.hpp"

#include <cstdlib>

namespace ssmz::codec {
namespace {

// A number of at most so much is but a mending; the least kerns of fonts are larger.
constexpr std::int32_t most_mending = 2;
// Rate of a letter's error: 1, falling with its count to the least. At first 1/2 +1 %, 12 letters instead of
// 3 +5 % of what whether a number comes takes.
constexpr std::int32_t rate_decay = 20, least_rate = 1311, first_rate = 65536;
constexpr std::int32_t most_error = GlyphRounding::unit * 6 / 10;

}  // namespace

void GlyphRounding::begin_line() noexcept {
  drift_ = 0;
  space_ = 0;
  recent_count_ = 0;
  open_ = false;
}

void GlyphRounding::letter(std::uint8_t letter) noexcept {
  if (open_) mend(0);
  drift_ += errors_[letter];
  if (counts_[letter] < 65535) ++counts_[letter];
  std::copy_backward(recent_.begin(), recent_.end() - 1, recent_.end());
  recent_[0] = letter;
  recent_count_ = std::min<unsigned>(recent_count_ + 1, most_recent);
  open_ = true;
}

void GlyphRounding::number(std::int32_t number) noexcept {
  if (std::abs(number) <= most_mending)
    mend(number);
  else
    move(number);
  open_ = false;
}

// What must be added to a distance so that it is written as this number.
std::int64_t GlyphRounding::outside(std::int64_t value, std::int32_t number) noexcept {
  const std::int64_t least = -std::int64_t{number} * unit - unit / 2;
  return std::clamp(value, least, least + unit) - value;
}

void GlyphRounding::mend(std::int32_t number) noexcept {
  const auto missing = static_cast<std::int32_t>(outside(drift_, number));
  drift_ += missing + number * unit;
  if (missing == 0) return;
  for (unsigned k = 0; k < recent_count_; ++k) {
    std::int32_t& error = errors_[recent_[k]];
    const std::int32_t rate =
        std::max(first_rate / (rate_decay + counts_[recent_[k]]) * rate_decay, least_rate);
    const std::int64_t step = std::int64_t{missing} * rate * 3 / (2 * unit * std::int64_t{recent_count_});
    error = static_cast<std::int32_t>(std::clamp<std::int64_t>(error + step, -most_error, most_error));
  }
}

void GlyphRounding::move(std::int32_t number) noexcept {
  const std::int64_t written = std::int64_t{number} * unit;
  auto at = std::find_if(moves_.begin(), moves_.end(), [&](const Move& known) {
    return known.count > 0 && std::abs(known.value + drift_ + written) < unit;
  });
  if (at == moves_.end()) {
    std::copy_backward(moves_.begin(), moves_.end() - 1, moves_.end());
    moves_[0] = {-written, 1};
    drift_ = 0;
  } else {
    std::rotate(moves_.begin(), at, at + 1);
    Move& known = moves_[0];
    ++known.count;
    const std::int64_t missing = outside(known.value + drift_, number);
    known.value += missing / 2;
    drift_ = static_cast<std::int32_t>(known.value + drift_ + (missing - missing / 2) + written);
  }
  if (std::abs(number) >= least_space) space_ = moves_[0].value;
}

}  // namespace ssmz::codec
