// SPDX-License-Identifier: Apache-2.0
// The least costs from each place on, worked out backwards over some thousand bytes at a time.
#include "codec/deflate/frugal_predictor.hpp"

#include <algorithm>

#include "codec/deflate/match_predictor.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned hash_bits = 16;
// Bytes that a plan is used for, and bytes behind them that it weighs.
constexpr std::size_t planned = 4096, weighed_ahead = 512;
constexpr std::size_t most_matches = 32;  // of a place; then the last makes way
// Up to the first each length is weighed, beyond only those that leave at most so many bytes of a match: runs
// took 0.7 us a byte with all lengths.
constexpr unsigned last_of_all = 32, longest_cut = 8;
constexpr int byte_cost = 40;  // guessed, of bytes behind what is weighed

}  // namespace

FrugalPredictor::FrugalPredictor(DeflateParameters parameters, std::span<const std::uint8_t> plain)
    : plain_(plain),
      depth_(2u << parameters.level),
      chains_(plain, hash_bits),
      costs_(plain.first(std::min(plain.size(), planned))) {}

void FrugalPredictor::search(std::size_t at) {
  chains_.enter_to(at + 1);
  const std::size_t left = plain_.size() - at;
  if (left < least_match) return;
  const auto most = static_cast<unsigned>(std::min<std::size_t>(left, most_match));
  const std::uint8_t* const here = plain_.data() + at;
  unsigned best = least_match - 1;
  std::size_t from = chains_.before(at);
  for (unsigned places = depth_; from != 0 && at - from <= deflate_window && places > 0; --places) {
    ++looked_at_;
    const std::uint8_t* const there = plain_.data() + from;
    if (there[best] == here[best]) {
      const unsigned length = common_length(here, there, most);
      if (length > best) {
        if (found_.size() - starts_.back() == most_matches) found_.pop_back();
        found_.push_back({static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(at - from)});
        best = length;
        if (length == most) return;
      }
    }
    const std::size_t next = chains_.before(from);
    if (next >= from) return;  // older than the window
    from = next;
  }
}

std::span<const DeflateToken> FrugalPredictor::matches(std::size_t at) const noexcept {
  const std::size_t i = at - begin_;
  return std::span(found_).subspan(starts_[i], starts_[i + 1] - starts_[i]);
}

int FrugalPredictor::rest(std::size_t at) const noexcept {
  return at < end_ ? rest_[at - begin_] : -static_cast<int>(at - end_) * byte_cost;
}

template <class Weigh>
void FrugalPredictor::weigh_matches(std::size_t at, const Weigh& weigh) const {
  unsigned length = least_match;
  for (const DeflateToken match : matches(at)) {
    const int distance = costs_.distance(match.distance);
    const auto weigh_it = [&] { weigh(length, distance + costs_.length(length) + rest(at + length)); };
    for (; length <= std::min<unsigned>(match.length, last_of_all); ++length) weigh_it();
    for (length = std::max(length, match.length - std::min<unsigned>(match.length, longest_cut));
         length <= match.length; ++length)
      weigh_it();
  }
}

void FrugalPredictor::plan() {
  const std::size_t from = std::min(position_, end_);  // what was found from here on stays
  const std::size_t gone = starts_[from - begin_];
  found_.erase(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(gone));
  starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(from - begin_));
  for (std::uint32_t& start : starts_) start -= static_cast<std::uint32_t>(gone);
  begin_ = position_;
  end_ = std::max(end_, position_);
  for (const std::size_t end = std::min(position_ + planned + weighed_ahead, plain_.size()); end_ < end;
       ++end_) {
    search(end_);
    starts_.push_back(static_cast<std::uint32_t>(found_.size()));
  }
  costs_.settle();
  rest_.resize(end_ - begin_);
  for (std::size_t at = end_; at-- > begin_;) {
    int least = costs_.literal(plain_[at]) + rest(at + 1);
    weigh_matches(at, [&](unsigned, int cost) { least = std::min(least, cost); });
    rest_[at - begin_] = least;
  }
  next_plan_ = std::min(position_ + planned, end_);
}

TokenPrediction FrugalPredictor::predict() {
  if (position_ >= next_plan_) plan();
  TokenPrediction prediction;
  prediction.literal = plain_[position_];
  prediction.matches = matches(position_);
  if (position_ + 1 < end_ && !matches(position_ + 1).empty())
    prediction.ahead = matches(position_ + 1).back().length;
  if (prediction.matches.empty()) return prediction;
  std::size_t count = 0;
  weigh_matches(position_, [&](unsigned length, int cost) {  // longer ones first among equals
    std::size_t i = count;
    while (i > 0 && lengths_[i - 1].cost >= cost) --i;
    if (i == lengths_.size()) return;
    if (count < lengths_.size()) ++count;
    std::copy_backward(lengths_.begin() + static_cast<std::ptrdiff_t>(i),
                       lengths_.begin() + static_cast<std::ptrdiff_t>(count - 1),
                       lengths_.begin() + static_cast<std::ptrdiff_t>(count));
    lengths_[i] = {length, cost};
  });
  prediction.lengths = std::span(lengths_).first(count);
  const LengthOption best = lengths_.front();
  prediction.saved = costs_.literal(plain_[position_]) + rest(position_ + 1) - best.cost;
  if (prediction.saved < 0) return prediction;
  const auto match = std::ranges::find_if(prediction.matches,
                                          [&](DeflateToken found) { return found.length >= best.length; });
  prediction.likely = {static_cast<std::uint16_t>(best.length), match->distance};
  return prediction;
}

void FrugalPredictor::take(DeflateToken token) {
  costs_.add(token, plain_[position_]);
  position_ += std::max<std::size_t>(token.length, 1);
}

void FrugalPredictor::pass(std::size_t size) { position_ += size; }

std::unique_ptr<TokenPredictor> make_predictor(DeflateParameters parameters,
                                               std::span<const std::uint8_t> plain) {
  if (parameters.writer == DeflateWriter::frugal) return std::make_unique<FrugalPredictor>(parameters, plain);
  return std::make_unique<MatchPredictor>(parameters, plain);
}

}  // namespace ssmz::codec
