// SPDX-License-Identifier: Apache-2.0
// Chains of hashed strings, matched greedily or lazily.
#include "codec/deflate/match_predictor.hpp"

#include <bit>
#include <cstring>

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

bool is_filtered(DeflateWriter writer) {
  return writer == DeflateWriter::zlib_filtered || writer == DeflateWriter::large_filtered;
}

unsigned hash_bits_of(DeflateWriter writer) {
  return writer == DeflateWriter::zlib_large || writer == DeflateWriter::large_filtered ? 16 : 15;
}

/// Equal bytes at the beginnings of both, at most `most`.
unsigned common_length(const std::uint8_t* a, const std::uint8_t* b, unsigned most) {
  unsigned length = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; length + 8 <= most; length += 8) {
      std::uint64_t x = 0, y = 0;
      std::memcpy(&x, a + length, 8);
      std::memcpy(&y, b + length, 8);
      if (x != y) return length + static_cast<unsigned>(std::countr_zero(x ^ y)) / 8;
    }
  }
  while (length < most && a[length] == b[length]) ++length;
  return length;
}

}  // namespace

MatchPredictor::MatchPredictor(DeflateParameters parameters, std::span<const std::uint8_t> plain)
    : parameters_(parameters),
      plain_(plain),
      hash_bits_(hash_bits_of(parameters.writer)),
      heads_(std::size_t{1} << hash_bits_),
      before_(deflate_window) {}

void MatchPredictor::insert_to(std::size_t end) {
  const unsigned shift = (hash_bits_ + least_match - 1) / least_match;
  for (; inserted_ < end; ++inserted_) {
    if (plain_.size() - inserted_ < least_match) continue;
    const std::uint8_t* const string = plain_.data() + inserted_;
    const unsigned hash = (unsigned{string[0]} << 2 * shift ^ unsigned{string[1]} << shift ^ string[2]) &
                          ((1u << hash_bits_) - 1);
    before_[inserted_ % deflate_window] = heads_[hash];
    heads_[hash] = static_cast<std::uint32_t>(inserted_);
  }
}

MatchPredictor::Match MatchPredictor::search(std::size_t at, unsigned beaten) {
  const Effort& effort = efforts[parameters_.level - 1];
  const std::size_t rest = plain_.size() - at;
  const auto most = static_cast<unsigned>(std::min<std::size_t>(rest, most_match));
  const unsigned nice = std::min<unsigned>(effort.nice, most);
  if (rest < least_match || beaten >= most) return {};
  std::size_t from = before_[at % deflate_window];
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
    from = before_[from % deflate_window];
  } while (from > limit && --chain != 0);
  if (best.length <= beaten) return {};
  if (parameters_.level <= last_greedy_level) return best;
  const bool too_far = best.length == least_match && at - best.at > furthest_of_least;
  const bool filtered = is_filtered(parameters_.writer) && best.length < least_filtered;
  return too_far || filtered ? Match{} : best;
}

DeflateToken MatchPredictor::token_of(const Match& match) const noexcept {
  return {static_cast<std::uint16_t>(match.length), static_cast<std::uint16_t>(position_ - match.at)};
}

DeflateToken MatchPredictor::predict() {
  insert_to(position_ + 1);
  if (!known_) here_ = search(position_, least_match - 1);
  known_ = true;
  looked_ahead_ = false;
  if (here_.length < least_match) return {};
  if (parameters_.level > last_greedy_level && here_.length < efforts[parameters_.level - 1].lazy &&
      position_ + 1 < plain_.size()) {
    insert_to(position_ + 2);
    next_ = search(position_ + 1, here_.length);
    looked_ahead_ = next_.length > here_.length;
  }
  return looked_ahead_ ? DeflateToken{} : token_of(here_);
}

void MatchPredictor::take(DeflateToken token) {
  if (token.length == 0) {
    ++position_;
    known_ = looked_ahead_;  // only then was a literal predicted because of what comes
    if (known_) here_ = next_;
    looked_ahead_ = false;
    return;
  }
  const bool skips =
      parameters_.level <= last_greedy_level && token.length > efforts[parameters_.level - 1].lazy;
  position_ += token.length;
  if (skips)
    inserted_ = std::max(inserted_, position_);
  else
    insert_to(position_);
  known_ = looked_ahead_ = false;
}

void MatchPredictor::pass(std::size_t size) {
  position_ += size;
  insert_to(position_);
  known_ = looked_ahead_ = false;
}

}  // namespace ssmz::codec
