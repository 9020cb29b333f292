// SPDX-License-Identifier: Apache-2.0
// Match or literal, the length, the distance: each by how much the predicted one saves.
#include "codec/deflate/token_model.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

constexpr std::array<unsigned, 11> gain_bounds = {4, 8, 12, 16, 24, 32, 48, 64, 96, 160, 512};
constexpr unsigned margin_steps = gain_bounds.size() + 1, gain_steps = 2 * margin_steps, length_steps = 20;
constexpr unsigned surely = 65500, likely_nearest = 60000;  // of 2^16

/// Costs in 1/16 bit, not negative, in steps that grow.
unsigned margin_step(int cost) {
  unsigned step = 0;
  while (step < gain_bounds.size() && gain_bounds[step] <= static_cast<unsigned>(cost)) ++step;
  return step;
}

/// What is saved, or not, likewise.
unsigned gain_step(int saved) {
  return saved < 0 ? margin_steps - 1 - margin_step(-saved) : margin_steps + margin_step(saved);
}

/// How probable a match is at first, of 2^16: what saves very much or costs it is sure.
unsigned first_of_gain(unsigned step) {
  if (step == 0) return (1u << 16) - surely;
  if (step == gain_steps - 1) return surely;
  constexpr unsigned middle = 1u << 15, slope = 2600;
  return step < margin_steps ? middle - slope * (margin_steps - step)
                             : middle + slope * (step - margin_steps);
}

unsigned length_step(unsigned length) {
  if (length < 12) return length;
  return std::min(12 + static_cast<unsigned>(std::bit_width((length - 12) / 4)), length_steps - 1);
}

/// What the next option costs more than the one of this rank.
unsigned margin_of(std::span<const LengthOption> options, std::size_t rank) {
  if (rank + 1 >= options.size()) return margin_steps - 1;
  return margin_step(options[rank + 1].cost - options[rank].cost);
}

/// How the longest match at the next byte compares to this one's.
unsigned ahead_step(unsigned length, unsigned ahead) {
  if (ahead == 0) return 0;
  if (ahead + 1 < length) return 1;
  return std::min(2 + ahead + 1 - length, 5u);
}

unsigned distance_step(unsigned distance) { return static_cast<unsigned>(std::bit_width(distance)) / 2; }

constexpr std::size_t ahead_steps = 6, distance_steps = 9;

}  // namespace

TokenModel::TokenModel()
    : is_match_({gain_steps * ahead_steps, (length_steps * distance_steps) * ahead_steps, gain_steps * 8 * 8,
                 length_steps * 16 * (gain_steps / 4), 256 * 8},
                gain_steps),
      is_length_({length_steps * margin_steps, std::size_t{length_steps} * length_steps, margin_steps * 16,
                  length_steps * ahead_steps * 4},
                 length_steps),
      is_option_({most_length_options * margin_steps * 2, length_steps * most_length_options * 4,
                  margin_steps * 4 * 8},
                 most_length_options),
      is_longest_(length_steps),
      is_longer_(1),
      is_nearest_(distance_steps * length_steps * 4),
      lengths_(8, 1),
      shorter_(8, length_steps),
      distances_(5, 2) {
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
  bool longest_is_out = longest == 0;
  for (std::size_t rank = 0; rank < prediction.lengths.size(); ++rank) {
    const LengthOption option = prediction.lengths[rank];
    const bool hit = rank == 0 ? code_is_first(io, prediction, length == option.length)
                               : code_is_option(io, prediction, rank, length == option.length);
    if (hit) return option.length;
    longest_is_out = longest_is_out || option.length == longest;
  }
  if (!longest_is_out && is_longest_.code(io, length == longest, length_step(longest))) return longest;
  if (longest != 0 && !is_longer_.code(io, length > longest))
    return shorter_.code(io, length - least_match, length_step(longest)) + least_match;
  return lengths_.code(io, length - least_match) + least_match;
}

bool TokenModel::code_is_first(DecisionIo& io, const TokenPrediction& prediction, bool is) {
  const unsigned longest = prediction.matches.back().length, likely = prediction.lengths[0].length;
  const unsigned margin = margin_of(prediction.lengths, 0), step = length_step(likely);
  const std::array<std::size_t, 4> contexts = {
      step * margin_steps + margin, step * length_steps + length_step(longest),
      margin * 16 + last_lengths_ % 16,
      (step * ahead_steps + ahead_step(likely, prediction.ahead)) * 4 + last_lengths_ % 4};
  const bool hit = is_length_.code(io, is, contexts, length_step(longest));
  last_lengths_ = last_lengths_ * 2 + hit;
  return hit;
}

bool TokenModel::code_is_option(DecisionIo& io, const TokenPrediction& prediction, std::size_t rank,
                                bool is) {
  const unsigned longest = prediction.matches.back().length, likely = prediction.lengths[rank].length;
  const unsigned margin = margin_of(prediction.lengths, rank);
  const bool is_longest = likely == longest, is_longer = likely > prediction.lengths[0].length;
  const std::size_t over = margin_step(prediction.lengths[rank].cost - prediction.lengths[0].cost);
  const std::array<std::size_t, 3> contexts = {
      (rank * margin_steps + margin) * 2 + is_longest,
      (length_step(likely) * most_length_options + rank) * 4 + is_longest * 2 + is_longer,
      (over * 4 + is_longest * 2 + is_longer) * 8 + last_lengths_ / 2 % 8};
  return is_option_.code(io, is, contexts, rank);
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
