// SPDX-License-Identifier: Apache-2.0
// For estimates: how often a guess of the next symbol held, and what saying so costs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/base/log2.hpp"

namespace ssmz::codec {

/// From here on order 0 and unigrams, in half of their unit, say as much as guesses: many contexts and the
/// SSM learn more than guesses know. Order 0 alone; guesses alone; both, at -4: a table with commas 5,535;
/// 6,309; 5,535, a log 6,598; 6,806; 6,598, the first 4,000,000 bytes of Go's sources 325,604; 318,306;
/// 320,234, a tar of seven files 82,577; 82,236; 82,236; at -5 4,419; 5,267; 4,419, sum 7,567; 7,449; 7,440.
inline constexpr int first_level_of_both = 4;
inline constexpr std::uint64_t order_0_divisor = 2;
/// Sixteenths of a bit for what is the same as before it, by order 0 and unigrams. Alike for all kinds:
/// padding (of tar members, say) must not decide.
inline constexpr std::uint64_t repeat_cost = 16;

/// Entropy of order 0 of all that was counted, in sixteenths of a bit.
[[nodiscard]] inline std::uint64_t entropy_sixteenths(std::span<const std::uint32_t> counts) {
  constexpr unsigned fraction_bits = 12;  // what is nearly certain costs less than a sixteenth
  std::uint64_t total = 0;
  for (const std::uint32_t count : counts) total += count;
  std::uint64_t sum = 0;
  for (const std::uint32_t count : counts)
    if (count != 0) sum += count * (log2_fixed(total, fraction_bits) - log2_fixed(count, fraction_bits));
  return sum >> (fraction_bits - 4);
}

/// Hits and misses of guesses by the state they were made in, of which whether the last one held is a part.
template <std::size_t states>
class GuessCounts {
 public:
  void add(std::size_t state, bool hit) noexcept {
    ++counts_[2 * state + last_hit_][hit];
    last_hit_ = hit;
  }
  [[nodiscard]] std::uint64_t cost() const {
    std::uint64_t sum = 0;
    for (const auto& counts : counts_) sum += entropy_sixteenths(counts);
    return sum;
  }

 private:
  std::array<std::array<std::uint32_t, 2>, 2 * states> counts_{};
  bool last_hit_ = false;
};

}  // namespace ssmz::codec
