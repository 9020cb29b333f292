// SPDX-License-Identifier: Apache-2.0
// A rolling hash chooses strings; where one came before, both sides are compared byte by byte.
#include "codec/frame/copy_finder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace ssmz::codec {

namespace {

using Bytes = std::span<const std::uint8_t>;

/// One string in 2^8 is kept: some four of the shortest copy.
constexpr unsigned rarity_log2 = 8;
/// Periods so short may have no string that is kept: they are sought where none was for as long.
constexpr std::uint64_t longest_short_period = 2048;
/// What must repeat for a short period to be looked at.
constexpr std::size_t short_string = 32;

/// Arbitrary numbers: the outputs of splitmix64 (S. Vigna).
constexpr std::array<std::uint64_t, 256> gear = [] {
  std::array<std::uint64_t, 256> table{};
  std::uint64_t state = 0;
  for (std::uint64_t& value : table) {
    state += 0x9E3779B97F4A7C15u;
    value = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    value ^= value >> 31;
  }
  return table;
}();

std::uint64_t entries_for(std::uint64_t reach) noexcept {
  return std::bit_ceil(std::max<std::uint64_t>(reach >> rarity_log2, 16)) * 2;
}

/// What lies before a window, and the window.
struct Known {
  const ContentHistory& history;
  Bytes window;

  /// Those `distance` before place `at` of the window and what lies together with them, at most `most`.
  [[nodiscard]] Bytes before(std::size_t at, std::uint64_t distance, std::size_t most) const {
    if (distance <= at) return window.subspan(at - static_cast<std::size_t>(distance), most);
    return history.from(history.size() + at - distance, most);
  }
};

/// Bytes from `at` on that are as those `distance` before.
std::size_t equal_ahead(const Known& known, std::size_t at, std::uint64_t distance) {
  const Bytes window = known.window;
  std::size_t to = at;
  while (to < window.size()) {
    const Bytes source = known.before(to, distance, window.size() - to);
    const auto here = window.begin() + static_cast<std::ptrdiff_t>(to);
    const auto differ = std::mismatch(source.begin(), source.end(), here);
    to += static_cast<std::size_t>(differ.first - source.begin());
    if (differ.first != source.end()) break;
  }
  return to - at;
}

/// Bytes before `at`, not before `border`, that are as those `distance` before them.
std::size_t equal_behind(const Known& known, std::size_t at, std::size_t border, std::uint64_t distance) {
  std::size_t from = at;
  while (from > border && known.history.size() + from > distance &&
         known.window[from - 1] == known.before(from - 1, distance, 1).front())
    --from;
  return at - from;
}

/// The shortest period of the newest bytes before `at`, 0 if it is not short.
std::uint64_t short_period(Bytes window, std::size_t at) {
  if (at < short_string) return 0;
  const Bytes last = window.subspan(at - short_string, short_string);
  const std::size_t longest = std::min<std::size_t>(longest_short_period, at - short_string);
  for (std::size_t period = 1; period <= longest; ++period) {
    if (window[at - 1 - period] == last.back() &&
        std::ranges::equal(window.subspan(at - short_string - period, short_string), last))
      return period;
  }
  return 0;
}

}  // namespace

std::uint64_t CopyFinder::memory(std::uint64_t reach) noexcept { return entries_for(reach) * sizeof(Sample); }

std::uint64_t CopyFinder::replace_sample(std::uint64_t end) noexcept {
  const std::uint64_t mixed = hash_ * 0x9E3779B97F4A7C15u;
  Sample& sample = table_[static_cast<std::size_t>(mixed >> (64 - std::countr_zero(table_.size())))];
  const auto check = static_cast<std::uint32_t>(mixed) | 1u;  // 0: no sample
  const std::uint64_t distance =
      sample.check == check ? static_cast<std::uint32_t>(static_cast<std::uint32_t>(end) - sample.place) : 0;
  sample = {static_cast<std::uint32_t>(end), check};
  return distance;
}

bool CopyFinder::hash_up_to_sample(Bytes window, std::size_t& at, std::uint64_t most) noexcept {
  std::uint64_t hash = hash_;
  std::size_t to = at;
  const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(window.size(), most));
  bool chosen = false;
  do {
    hash = (hash << 1) + gear[window[to++]];
    chosen = hash >> (64 - rarity_log2) == 0;
  } while (!chosen && to < end);
  hash_ = hash;
  at = to;
  return chosen;
}

std::vector<Copy> CopyFinder::find(const ContentHistory& history, Bytes window, std::vector<Copy>* shorter) {
  if (table_.empty()) table_.resize(static_cast<std::size_t>(entries_for(reach_)));
  const std::uint64_t start = history.size();
  const Known known{history, window};
  std::vector<Copy> copies;
  std::size_t border = 0;  // end of the last copy
  for (std::size_t at = 0; at < window.size();) {
    const bool chosen = hash_up_to_sample(window, at, sampled_ + longest_short_period - start);
    if (!chosen && start + at - sampled_ < longest_short_period) break;
    sampled_ = start + at;
    const std::uint64_t distance = chosen ? replace_sample(start + at) : short_period(window, at);
    if (at < border || distance == 0 || distance > std::min(reach_, start + at)) continue;
    const std::size_t behind = equal_behind(known, at, border, distance);
    const std::size_t ahead = equal_ahead(known, at, distance);
    const Copy found{at - behind, behind + ahead, distance};
    if (found.size < least_size(distance)) {
      const bool known_already = shorter && !shorter->empty() && shorter->back() == found;
      if (shorter && found.size >= short_copy && !known_already) shorter->push_back(found);
      continue;
    }
    copies.push_back(found);
    border = at + ahead;
  }
  return copies;
}

}  // namespace ssmz::codec
