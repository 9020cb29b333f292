// SPDX-License-Identifier: Apache-2.0
// Adaptive probabilities: tables from a small context to a
// probability that learns at a rate falling with its count.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/huge_pages.hpp"

namespace ssmz::codec {

/// Rates 65536 / (count + 1.5), count 0..1023; shared by all maps.
const std::array<std::uint16_t, 1024>& rate_table() noexcept;

/// A table of probabilities of a 1 bit. An entry holds 22 bits of probability above a 10-bit count. FORMAT.
class AdaptiveMap {
 public:
  /// `limit`: the count at which the rate stops falling (1..1023); small adapts fast.
  AdaptiveMap(std::size_t size, unsigned limit) : entries_(size, 1u << 31), limit_(limit) {}

  /// Bytes that a map of so many entries takes.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t size) noexcept {
    return std::uint64_t{size} * sizeof(std::uint32_t);
  }

  /// Probability of a 1, 16 bit.
  [[nodiscard]] unsigned probability(std::size_t i) const noexcept { return entries_[i] >> 16; }

  /// Loads an entry into the cache for the probability() that comes.
  void prefetch(std::size_t i) const noexcept { __builtin_prefetch(&entries_[i], 1); }

  void update(std::size_t i, unsigned bit) noexcept {
    std::uint32_t& entry = entries_[i];
    const std::uint32_t count = entry & 1023u;
    const std::int64_t p = entry >> 10;
    const std::int64_t target = bit ? (1 << 22) - 1 : 0;
    const std::int64_t moved = p + ((target - p) * rate_table_[count] >> 16);
    entry = static_cast<std::uint32_t>(moved) << 10 | (count < limit_ ? count + 1 : count);
  }

  /// Sets the starting probability of an entry (16 bit) before it is first used, and for how many bits it
  /// stands (0..limit).
  void set(std::size_t i, unsigned probability16, unsigned count = 0) noexcept {
    entries_[i] = probability16 << 16 | count;
  }
  [[nodiscard]] unsigned count(std::size_t i) const noexcept { return entries_[i] & 1023u; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  std::vector<std::uint32_t> entries_;
  const std::uint16_t* rate_table_ = rate_table().data();
  std::uint32_t limit_;
};

/// Adaptive probability map (APM, also SSE): refines a probability in a small context by interpolating
/// between buckets of its stretch (M. Mahoney, PAQ documentation). FORMAT.
class Apm {
 public:
  Apm(std::size_t contexts, unsigned rate_shift);

  /// Bytes that one of so many contexts takes.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t contexts) noexcept {
    return std::uint64_t{contexts} * buckets * sizeof(std::uint16_t);
  }

  /// Loads a context into the cache for the refine() that comes.
  void prefetch(std::size_t context) const noexcept {
    __builtin_prefetch(entries_.data() + context * buckets);
    __builtin_prefetch(entries_.data() + context * buckets + buckets - 1);
  }
  /// `p`: 16 bit; returns 16 bit in 1..65535 and remembers where to update.
  unsigned refine(unsigned p, std::size_t context) noexcept;
  void update(unsigned bit) noexcept;

 private:
  static constexpr unsigned buckets = 33;
  std::vector<std::uint16_t, model::HugePageAllocator<std::uint16_t>> entries_;
  std::size_t index_ = 0;
  unsigned rate_shift_;
};

}  // namespace ssmz::codec
