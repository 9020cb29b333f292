// SPDX-License-Identifier: Apache-2.0
// Chains of hashed strings, matched greedily or lazily.
#include "codec/deflate/match_predictor.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

struct Effort {
  std::uint16_t good, lazy, nice, chain;
};
// [level - 1]: from a match of `good` bytes on a quarter of the chain is looked at, none from `lazy` on (up
// to level 3: no strings within longer matches are entered), a match of `nice` bytes ends the search.
constexpr Effort efforts[DeflateParameters::most_level] = {
    {4, 4, 8, 4},      {4, 5, 16, 8},     {4, 6, 32, 32},       {4, 4, 16, 16},      {8, 16, 32, 32},
    {8, 16, 128, 128}, {8, 32, 128, 256}, {32, 128, 258, 1024}, {32, 258, 258, 4096}};
constexpr unsigned last_greedy_level = 3;
constexpr std::size_t furthest = deflate_window - (most_match + least_match + 1);
constexpr std::size_t furthest_of_least = 4096;  // a match of three bytes from further back is none
constexpr unsigned least_filtered = 6;
constexpr int sure = 1 << 10;  // saved bits are not what these writers go by

bool is_filtered(DeflateWriter writer) {
  return writer == DeflateWriter::zlib_filtered || writer == DeflateWriter::large_filtered;
}

StringHash hash_of(DeflateWriter writer) {
  if (writer == DeflateWriter::chromium) return StringHash::chromium;
  return writer == DeflateWriter::hasty ? StringHash::snappy : StringHash::zlib;
}

unsigned hash_bits_of(DeflateWriter writer) {
  if (writer == DeflateWriter::hasty) return 14;
  return writer == DeflateWriter::zlib_large || writer == DeflateWriter::large_filtered ? 16 : 15;
}

}  // namespace

MatchPredictor::MatchPredictor(DeflateParameters parameters, std::span<const std::uint8_t> plain)
    : parameters_(parameters),
      is_hasty_(parameters.writer == DeflateWriter::hasty),
      is_greedy_(is_hasty_ || parameters.level <= last_greedy_level),
      plain_(plain),
      chains_(plain, hash_bits_of(parameters.writer), hash_of(parameters.writer)) {}

MatchPredictor::Match MatchPredictor::search(std::size_t at, unsigned beaten) {
  const Effort effort = is_hasty_
                            ? Effort{258, 0, 258, static_cast<std::uint16_t>(1u << (parameters_.level - 1))}
                            : efforts[parameters_.level - 1];
  const std::size_t rest = plain_.size() - at;
  const auto most = static_cast<unsigned>(std::min<std::size_t>(rest, most_match));
  const unsigned nice = std::min<unsigned>(effort.nice, most);
  if (rest < least_match || beaten >= most) return {};
  std::size_t from = chains_.before(at);
  if (from == 0 || at - from > furthest) return {};
  const std::size_t limit = at > furthest ? at - furthest : 0;
  unsigned chain = beaten >= effort.good ? effort.chain / 4u : effort.chain;
  const std::uint8_t* const here = plain_.data() + at;
  Match best{beaten, 0};
  do {
    ++looked_at_;
    const std::uint8_t* const there = plain_.data() + from;
    if (there[best.length] == here[best.length]) {
      const unsigned length = common_length(here, there, most);
      if (length > best.length) {
        best = {length, from};
        if (length >= nice) break;
      }
    }
    from = chains_.before(from);
  } while (from > limit && --chain != 0);
  if (best.length <= beaten) return {};
  if (is_greedy_) return best;
  const bool too_far = best.length == least_match && at - best.at > furthest_of_least;
  const bool filtered = is_filtered(parameters_.writer) && best.length < least_filtered;
  return too_far || filtered ? Match{} : best;
}

DeflateToken MatchPredictor::token_of(const Match& match) const noexcept {
  return {static_cast<std::uint16_t>(match.length), static_cast<std::uint16_t>(position_ - match.at)};
}

TokenPrediction MatchPredictor::predict() {
  chains_.enter_to(position_ + 1);
  if (!known_) here_ = search(position_, least_match - 1);
  known_ = true;
  looked_ahead_ = false;
  TokenPrediction prediction;
  prediction.literal = plain_[position_];
  if (here_.length < least_match) return prediction;
  found_ = token_of(here_);
  prediction.matches = {&found_, 1};
  length_ = {here_.length, 0};
  prediction.lengths = {&length_, 1};
  if (!is_greedy_ && here_.length < efforts[parameters_.level - 1].lazy && position_ + 1 < plain_.size()) {
    chains_.enter_to(position_ + 2);
    next_ = search(position_ + 1, here_.length);
    looked_ahead_ = next_.length > here_.length;
    if (looked_ahead_) prediction.ahead = next_.length;
  }
  if (!looked_ahead_) prediction.likely = found_;
  prediction.saved = looked_ahead_ ? -sure : sure;
  return prediction;
}

void MatchPredictor::take(DeflateToken token) {
  if (token.length == 0) {
    ++position_;
    known_ = looked_ahead_;  // only then was a literal predicted because of what comes
    if (known_) here_ = next_;
    looked_ahead_ = false;
    return;
  }
  const bool skips = is_hasty_ || (is_greedy_ && token.length > efforts[parameters_.level - 1].lazy);
  position_ += token.length;
  if (is_hasty_ && token.length > 1) chains_.enter(position_ - 1);
  if (skips)
    chains_.skip_to(position_);
  else
    chains_.enter_to(position_);
  known_ = looked_ahead_ = false;
}

void MatchPredictor::pass(std::size_t size) {
  position_ += size;
  chains_.enter_to(position_);
  known_ = looked_ahead_ = false;
}

}  // namespace ssmz::codec
