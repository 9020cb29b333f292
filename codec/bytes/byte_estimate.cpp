// SPDX-License-Identifier: Apache-2.0
// Guesses of bytes, counted.
#include "codec/bytes/byte_estimate.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "codec/base/log2.hpp"
#include "codec/block/guess_counts.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Bytes by value, and those of them that repeat the one before.
class ByteCounts {
 public:
  void add(std::uint8_t byte, std::uint8_t before) noexcept {
    ++counts_[byte];
    repeats_[byte] += byte == before;
  }
  /// Their entropy of order 0, but that what repeats costs repeat_cost.
  [[nodiscard]] std::uint64_t cost(std::size_t total) const {
    std::uint64_t sum = 0;
    for (std::size_t byte = 0; byte < counts_.size(); ++byte) {
      if (counts_[byte] == 0) continue;
      const std::uint64_t cost = log2_sixteenths(total) - log2_sixteenths(counts_[byte]);
      sum += (counts_[byte] - repeats_[byte]) * cost + repeats_[byte] * std::min(cost, repeat_cost);
    }
    return sum;
  }

 private:
  std::array<std::uint32_t, 256> counts_{}, repeats_{};
};

/// What followed the last `order` bytes when they stood there last.
template <unsigned order>
class Followers {
 public:
  struct Slot {
    std::uint8_t byte, check;  // 0: empty
  };
  /// `history`: the last bytes, the last one lowest.
  Slot* find(std::uint64_t history) noexcept {
    const std::uint64_t hash = (history << (64 - 8 * order)) * 0x9e3779b97f4a7c15ull;
    check_ = static_cast<std::uint8_t>(hash >> 44 | 1);
    return &slots_[hash >> (64 - log2_slots)];
  }
  [[nodiscard]] std::uint8_t check() const noexcept { return check_; }

 private:
  static constexpr unsigned log2_slots = 12;  // a segment's bytes
  std::array<Slot, std::size_t{1} << log2_slots> slots_{};
  std::uint8_t check_ = 0;
};

/// Length of the records that a segment which is no text is made of, 0 if it is not known: the distance of
/// most of the strings of three bytes that stood there before, a fifth of all bytes at least. What looks
/// like text is passed over: its rows end in newlines. With shorter ones, too, files of Qt's were 1.3 %
/// larger at -1.
std::size_t record_length(Bytes segment) {
  constexpr std::size_t least = 16, longest = 1024, least_share = 5, least_such_share = 32;
  constexpr unsigned log2_places = 12;
  const auto no_text = [](std::uint8_t byte) {  // nor of UTF-8
    return (byte < ' ' && byte != '\n' && byte != '\r' && byte != '\t') || byte >= 0xf5;
  };
  if (static_cast<std::size_t>(std::ranges::count_if(segment, no_text)) * least_such_share < segment.size())
    return 0;
  std::array<std::uint16_t, std::size_t{1} << log2_places> places{};  // and one more
  std::array<std::uint16_t, longest> distances{};
  std::uint32_t history = 0;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    history = history << 8 | segment[i];
    std::uint16_t& place = places[(history << 8) * 0x9e3779b1u >> (32 - log2_places)];
    const std::size_t distance = i + 1 - place;
    if (place != 0 && distance >= least && distance < longest) ++distances[distance];
    place = static_cast<std::uint16_t>(i + 1);
  }
  const auto most = std::ranges::max_element(distances);
  return *most * least_share < segment.size() ? 0 : static_cast<std::size_t>(most - distances.begin());
}

/// Orders 6, 4, 3 and 2 choose no better than 5 and 3 do, 4 and 2 worse: the samples of text_estimate.cpp
/// lose 0.72, 0.66 and 1.1 % at -1 with them. `both`: first_level_of_both.
std::uint64_t estimate_bytes(Bytes segment, bool both) {
  // The model knows rows that lie farther back than a segment reaches: a table of colours, two of whose three
  // samples are those above, is 539 bytes of its first 60,000 at -1, 4,789 as text, by costs of 32,885 and
  // 30,762 before records were looked for.
  constexpr std::uint64_t record_thirds = 2;
  // What is learnt of bytes costs in relation to their entropy: without that the mean loss of the
  // samples of text_estimate.cpp is 1.2 % at -4 instead of 0.8.
  constexpr std::uint64_t learning_share = 10;
  Followers<5> far;
  Followers<3> near;
  GuessCounts<9> guesses;
  std::array<std::uint32_t, 256> missed{};
  ByteCounts counts;
  std::uint64_t history = 0;
  const std::size_t record = record_length(segment);
  std::size_t line = 0, size_above = record;
  int above_better = 0;  // lately
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const std::uint8_t byte = segment[i];
    auto* const far_slot = far.find(history);
    auto* const near_slot = near.find(history);
    // All without branches, which would be guessed wrong as often as bytes are: 12 ns a byte instead of 20.
    const bool far_known = far_slot->check == far.check(), near_known = near_slot->check == near.check();
    const bool known = far_known | near_known, has_above = record ? i >= record : i - line < size_above;
    const std::uint8_t above = segment[has_above ? i - size_above : i];
    const std::uint8_t follower = far_known ? far_slot->byte : near_slot->byte;
    const bool take_above = !known || (has_above && record && above_better > 0);
    const std::uint8_t guess = take_above ? above : follower;
    const bool hit = (guess == byte) & (known | has_above);
    guesses.add(std::size_t{known} + far_known + 3 * (has_above * (std::size_t{1} + (guess == above))), hit);
    missed[byte] += !hit;
    above_better = std::clamp(above_better + (above == byte) - (follower == byte), -4, 4);
    counts.add(byte, static_cast<std::uint8_t>(history));
    *far_slot = {byte, far.check()};
    *near_slot = {byte, near.check()};
    history = history << 8 | byte;
    if (byte != '\n' || record) continue;
    size_above = i + 1 - line;
    line = i + 1;
  }
  const std::uint64_t order_0 = counts.cost(segment.size());
  const std::uint64_t cost = guesses.cost() + entropy_sixteenths(missed) + order_0 / learning_share +
                             (both ? order_0 / order_0_divisor : 0);
  return record ? cost * record_thirds / 3 : cost;
}

}  // namespace

Estimate make_byte_estimate(const std::shared_ptr<const Vocabulary>&, int level) {
  return [both = level >= first_level_of_both](Bytes segment) { return estimate_bytes(segment, both); };
}

}  // namespace ssmz::codec
