// SPDX-License-Identifier: Apache-2.0
// Finding, following and leaving matches.
#include "codec/predict/match_model.hpp"

#include <algorithm>
#include <bit>

#include "codec/base/hash.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned trained_count = 12;  // as in context_bank.cpp

unsigned length_bucket(unsigned length) {
  if (length < 8) return length;
  if (length < 16) return 8 + (length - 8) / 4;
  return std::min(15u, 10u + static_cast<unsigned>(std::bit_width(length / 16)));
}

}  // namespace

MatchModel::MatchModel(unsigned min_length, unsigned table_log2)
    : min_length_(min_length),
      shift_(64 - table_log2),
      table_(std::size_t{1} << table_log2),
      map_(16 * 16 * stage_count, 255) {
  for (std::size_t i = 0; i < map_.size(); ++i) map_.set(i, 56000);
}

void MatchModel::start_from(const FirstValues& first, unsigned number) noexcept {
  if (first.match_entries != map_.size() || number >= first.matches) return;
  for (std::size_t i = 0; i < map_.size(); ++i) {
    const int value = static_cast<std::int8_t>(first.match_maps[number * map_.size() + i]);
    if (value != FirstValues::unknown) map_.set(i, first_probability(value), trained_count);
  }
}

unsigned MatchModel::verify(const SymbolHistory& history, std::uint64_t at) const noexcept {
  const std::uint64_t limit = std::min<std::uint64_t>(max_length, at);
  unsigned length = 0;
  while (length < limit && history.key(at - 1 - length) == history.key_back(length + 1)) ++length;
  return length;
}

std::uint32_t MatchModel::find(const SymbolHistory& history) {
  const std::uint64_t count = history.count();
  expected_id_ = FollowerBank::none;
  bucket_ = 0;
  if (count < min_length_) return FollowerBank::none;
  std::uint32_t& head = table_[head_];
  const bool stale = length_ == 0 || (misses_ & 0xffu) != 0;
  if (stale && head != 0 && count - head < history.size() - max_length) {
    const unsigned length = verify(history, head);
    if (length >= min_length_ && (length > length_ || misses_ > 7)) {
      pointer_ = head;
      length_ = length;
      misses_ = 0;
    }
  }
  head = static_cast<std::uint32_t>(count);
  if (pointer_ == 0 || count - pointer_ >= history.size() - max_length) {
    pointer_ = 0;
    length_ = 0;
    return FollowerBank::none;
  }
  expected_id_ = history.id(pointer_);
  note_standing();
  return expected_id_;
}

// Once a symbol, not once a decision.
void MatchModel::note_standing() noexcept {
  const unsigned missed =
      std::min(3u, static_cast<unsigned>(std::popcount(misses_ & 0xffu))) * 4 + (misses_ & 3u);
  const unsigned longest = length_bucket(length_), half = 1 + longest / 2;
  first_index_ = std::size_t{longest * 16 + missed} * stage_count;
  bucket_ = misses_ ? std::min(half, 7u) : 7 + half;
}

void MatchModel::predict(const Position& at, float* out) noexcept {
  out[0] = out[1] = 0.0f;
  expected_ = pointer_ ? expected_bit(path_, at) : -1;
  if (expected_ < 0) return;
  index_ = first_index_ + static_cast<unsigned>(at.stage);
  const unsigned p = map_.probability(index_);
  const float strength = stretch_table()[p >> (16 - stretch_bits)];
  const float linear = linear_input(p);
  out[0] = expected_ ? strength : -strength;
  out[1] = expected_ ? linear : -linear;
}

void MatchModel::update(unsigned bit) noexcept {
  if (expected_ >= 0) map_.update(index_, static_cast<unsigned>(expected_) == bit);
}

// Long before find() reads the head, so that it is in the cache by then.
void MatchModel::hash(const SymbolHistory& history) noexcept {
  std::uint64_t hash = min_length_;
  for (unsigned k = 1; k <= min_length_; ++k) hash = hash_mix(hash, history.key_back(k));
  head_ = hash >> shift_;
  __builtin_prefetch(&table_[head_], 1);
}

void MatchModel::finish(const SymbolHistory& history) noexcept {
  hash(history);
  if (!pointer_) return;
  const bool right = history.key(pointer_) == history.key_back(1);
  ++pointer_;
  misses_ = (misses_ << 1 | !right) & 0xffu;
  if (right) {
    length_ = std::min(length_ + 1, max_length);
  } else {
    length_ /= 4;
    if (std::popcount(misses_) > 4) pointer_ = 0, length_ = 0, misses_ = 0;
  }
}

void MatchModel::resume(const SymbolHistory& history, bool followed) noexcept {
  hash(history);
  if (!followed) pointer_ = 0, length_ = 0, misses_ = 0;
}

MatchSummary summarise(const std::vector<MatchModel>& matches) noexcept {
  MatchSummary summary;
  for (const MatchModel& match : matches) {
    if (match.expected() < 0) continue;
    summary.bucket = std::max(summary.bucket, match.bucket());
    summary.expected = match.expected();
  }
  return summary;
}

}  // namespace ssmz::codec
