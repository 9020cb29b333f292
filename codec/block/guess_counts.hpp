// SPDX-License-Identifier: Apache-2.0
// For estimates: how often a guess of the next symbol held, and what saying so costs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/base/log2.hpp"

namespace ssmz::codec {

/// Above, the SSM and many contexts learn what guesses do not know, and order 0 against unigrams says better
/// which model wins: at -5 100,000 bytes of a table with commas are text in 4,419 bytes, and bytes, as
/// guesses have it, in 5,267.
inline constexpr int last_level_of_guesses = 4;
/// What order 0 and unigrams say is divided by this: beside their difference change_cost is then 768 bytes,
/// as was best at -4 when they were asked there: 256 bytes of trans, sum's first 30,000 and a tar of seven
/// files 12,082, 6,848, 54,238, 512 to 1,024 10,851, 6,981, 53,273.
inline constexpr std::uint64_t of_guesses = 4;

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
