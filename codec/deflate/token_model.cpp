// SPDX-License-Identifier: Apache-2.0
// Match or literal, the length, the distance: each by how much the predicted one saves.
#include "codec/deflate/token_model.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

constexpr unsigned gain_steps = 24, margin_steps = 12, length_steps = 20;
constexpr unsigned surely = 65500, likely_nearest = 60000;  // of 2^16

/// Saved sixteenths of a bit in steps that grow: 0..gain_steps - 1, 12 from 0 on.
unsigned gain_step(int saved) {
  const auto size = static_cast<unsigned>(saved < 0 ? -saved : saved);
  const unsigned step = size < 4     ? 0
                        : size < 8   ? 1
                        : size < 12  ? 2
                        : size < 16  ? 3
                        : size < 24  ? 4
                        : size < 32  ? 5
                        : size < 48  ? 6
                        : size < 64  ? 7
                        : size < 96  ? 8
                        : size < 160 ? 9
                        : size < 512 ? 10
                                     : 11;
  return saved < 0 ? 11 - step : 12 + step;
}

/// How probable a match is at first, of 2^16: what saves very much or costs it is sure.
unsigned first_of_gain(unsigned step) {
  if (step == 0) return (1u << 16) - surely;
  if (step == gain_steps - 1) return surely;
  constexpr unsigned middle = 1u << 15, slope = 2600;
  return step < gain_steps / 2 ? middle - slope * (gain_steps / 2 - step)
                               : middle + slope * (step - gain_steps / 2);
}

unsigned length_step(unsigned length) {
  if (length < 12) return length;
  return std::min(12 + static_cast<unsigned>(std::bit_width((length - 12) / 4)), length_steps - 1);
}

/// How the longest match at the next byte compares to this one's.
unsigned ahead_step(unsigned length, unsigned ahead) {
  if (ahead == 0) return 0;
  if (ahead + 1 < length) return 1;
  return std::min(2 + ahead + 1 - length, 5u);
}

unsigned distance_step(unsigned distance) { return static_cast<unsigned>(std::bit_width(distance)) / 2; }

constexpr std::size_t ahead_steps = 6, distance_steps = 9;
constexpr std::array<std::size_t, 5> match_contexts = {gain_steps * ahead_steps,
                                                       length_steps* distance_steps* ahead_steps,
                                                       gain_steps * 64, length_steps * 16 * 6, 256 * 8};
constexpr std::array<std::size_t, 4> length_contexts = {length_steps * margin_steps,
                                                        length_steps* length_steps, margin_steps * 16,
                                                        length_steps* ahead_steps * 4};

}  // namespace

TokenModel::TokenModel()
    : is_match_(match_contexts, gain_steps),
      is_length_(length_contexts, length_steps),
      is_longest_(length_steps * 4),
      is_longer_(4),
      is_nearest_(distance_steps * length_steps * 4),
      lengths_(8, 1),
      shorter_(8, length_steps),
      distances_(5, 4) {
  for (unsigned gain = 0; gain < gain_steps; ++gain) {
    const unsigned first = first_of_gain(gain);
    for (unsigned ahead = 0; ahead < ahead_steps; ++ahead)
      is_match_.start(0, gain * ahead_steps + ahead, first);
    for (unsigned past = 0; past < 64; ++past) is_match_.start(2, gain * 64 + past, first);
  }
  for (unsigned length = 0; length < length_steps; ++length)
    is_length_.start(0, length * margin_steps + margin_steps - 1, surely);
  for (unsigned past = 0; past < 16; ++past) is_length_.start(2, (margin_steps - 1) * 16 + past, surely);
  for (unsigned context = 0; context < distance_steps * length_steps * 4; ++context)
    is_nearest_.start(context, likely_nearest);
}

DeflateToken TokenModel::code(DecisionIo& io, const TokenPrediction& prediction, DeflateToken token) {
  const bool is_match = code_is_match(io, prediction, token.length != 0);
  DeflateToken is;
  if (is_match) {
    is.length = static_cast<std::uint16_t>(code_length(io, prediction, token.length));
    is.distance = static_cast<std::uint16_t>(code_distance(io, prediction, is.length, token.distance));
  }
  matches_ = matches_ * 2 + is_match;
  hits_ = hits_ * 2 + (is == prediction.likely);
  return is;
}

bool TokenModel::code_is_match(DecisionIo& io, const TokenPrediction& prediction, bool is) {
  const unsigned gain = prediction.matches.empty() ? 0 : gain_step(prediction.saved);
  const unsigned longest = prediction.matches.empty() ? 0 : prediction.matches.back().length;
  const unsigned distance = prediction.matches.empty() ? 0 : prediction.matches.back().distance;
  const unsigned ahead = ahead_step(longest, prediction.ahead);
  const unsigned length = length_step(longest);
  const std::array<std::size_t, 5> contexts = {
      gain * ahead_steps + ahead, (length * distance_steps + distance_step(distance)) * ahead_steps + ahead,
      gain * 64 + (hits_ % 8) * 8 + matches_ % 8, (length * 16 + matches_ % 16) * 6 + gain / 4,
      prediction.literal * std::size_t{8} + std::min(longest, 7u)};
  return is_match_.code(io, is, contexts, gain);
}

unsigned TokenModel::code_length(DecisionIo& io, const TokenPrediction& prediction, unsigned length) {
  const unsigned longest = prediction.matches.empty() ? 0 : prediction.matches.back().length;
  if (longest != 0) {
    const unsigned margin = gain_step(prediction.margin) - gain_steps / 2,
                   likely = length_step(prediction.length);
    const std::array<std::size_t, 4> contexts = {
        likely * margin_steps + margin, likely * length_steps + length_step(longest),
        margin * 16 + last_length_ % 16,
        (likely * ahead_steps + ahead_step(prediction.length, prediction.ahead)) * 4 + last_length_ % 4};
    const bool hit = is_length_.code(io, length == prediction.length, contexts, length_step(longest));
    last_length_ = last_length_ * 2 + hit;
    if (hit) return prediction.length;
    if (longest != prediction.length &&
        is_longest_.code(io, length == longest, length_step(longest) * 4 + last_length_ / 2 % 4))
      return longest;
    if (!is_longer_.code(io, length > longest))
      return shorter_.code(io, length - least_match, length_step(longest)) + least_match;
  }
  return lengths_.code(io, length - least_match) + least_match;
}

unsigned TokenModel::code_distance(DecisionIo& io, const TokenPrediction& prediction, unsigned length,
                                   unsigned distance) {
  const auto match =
      std::ranges::find_if(prediction.matches, [&](DeflateToken found) { return found.length >= length; });
  const bool found = match != prediction.matches.end();
  if (found) {
    const std::size_t context =
        (distance_step(match->distance) * length_steps + length_step(length)) * 4 + last_nearest_ % 4;
    const bool hit = is_nearest_.code(io, distance == match->distance, context);
    last_nearest_ = last_nearest_ * 2 + hit;
    if (hit) return match->distance;
  }
  const DeflateSymbol symbol = distance_symbol(std::max(distance, 1u));
  const unsigned is = distances_.code(io, symbol.symbol, found) % distance_symbols;
  const SymbolRange range = distances_of(is);
  return range.first + code_plain(io, symbol.extra, range.extra_bits);
}

}  // namespace ssmz::codec
