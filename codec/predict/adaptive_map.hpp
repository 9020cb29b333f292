// SPDX-License-Identifier: Apache-2.0
// Adaptive probabilities: tables from a small context to a
// probability that learns at a rate falling with its count.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Rates 65536 / (count + 1.5), count 0..1023; shared by all maps.
inline constexpr std::array<std::uint16_t, 1024> adaptive_rates = [] {
  std::array<std::uint16_t, 1024> rates{};
  for (unsigned i = 0; i < rates.size(); ++i) rates[i] = static_cast<std::uint16_t>(65536u * 2 / (2 * i + 3));
  return rates;
}();

/// An entry of the tables below, 22 bits of probability of a 1 above a 10-bit count, after a bit; the count
/// stops at `limit` (1..1023), and with it the rate. FORMAT.
[[nodiscard]] inline std::uint32_t adapted(std::uint32_t entry, unsigned bit, std::uint32_t limit) noexcept {
  const std::uint32_t count = entry & 1023u;
  const std::int64_t p = entry >> 10;
  const std::int64_t target = bit ? (1 << 22) - 1 : 0;
  const std::int64_t moved = p + ((target - p) * adaptive_rates[count] >> 16);
  return static_cast<std::uint32_t>(moved) << 10 | (count < limit ? count + 1 : count);
}

/// A table of probabilities of a 1 bit.
class AdaptiveMap {
 public:
  /// `limit`: the count at which the rate stops falling (1..1023); small adapts fast.
  AdaptiveMap(std::size_t size, unsigned limit) : AdaptiveMap(unset(size, limit)) {
    for (std::size_t i = 0; i < size; ++i) set(i, 1u << 15);
  }
  /// One whose entries are not set: each must be, before it is used. It takes memory only where they were.
  [[nodiscard]] static AdaptiveMap unset(std::size_t size, unsigned limit) {
    AdaptiveMap map;
    map.entries_ = model::Zeroed<std::uint32_t>(size);
    map.limit_ = limit;
    return map;
  }

  /// Bytes that a map of so many entries takes.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t size) noexcept {
    return std::uint64_t{size} * sizeof(std::uint32_t);
  }

  /// Probability of a 1, 16 bit.
  [[nodiscard]] unsigned probability(std::size_t i) const noexcept { return entries_[i] >> 16; }

  /// Loads an entry into the cache for the probability() that comes.
  void prefetch(std::size_t i) const noexcept { __builtin_prefetch(&entries_[i], 1); }

  void update(std::size_t i, unsigned bit) noexcept { entries_[i] = adapted(entries_[i], bit, limit_); }

  /// Sets the starting probability of an entry (16 bit) before it is first used, and for how many bits it
  /// stands (0..limit).
  void set(std::size_t i, unsigned probability16, unsigned count = 0) noexcept {
    entries_[i] = probability16 << 16 | count;
  }
  /// An entry that is set is never 0: with a probability of 0 there is a count.
  [[nodiscard]] bool is_set(std::size_t i) const noexcept { return entries_[i] != 0; }
  [[nodiscard]] unsigned count(std::size_t i) const noexcept { return entries_[i] & 1023u; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  void use_huge_pages(std::uint64_t symbols) noexcept { entries_.use_huge_pages(symbols); }
  /// Most pages of the map are about to be used (Zeroed).
  void expect_use_of_all() noexcept { entries_.expect_use_of_all(); }

 private:
  AdaptiveMap() = default;

  model::Zeroed<std::uint32_t> entries_;
  std::uint32_t limit_ = 0;
};

/// Adaptive probability map (APM, also SSE): refines a probability in a small context by interpolating
/// between buckets of its stretch (M. Mahoney, PAQ documentation). FORMAT.
class Apm {
 public:
  /// `limit`: as AdaptiveMap's.
  Apm(std::size_t contexts, unsigned limit);

  /// Bytes that one of so many contexts takes.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t contexts) noexcept {
    return std::uint64_t{contexts} * buckets * sizeof(std::uint32_t);
  }

  /// Loads a context into the cache for the refine() that comes.
  void prefetch(std::size_t context) const noexcept {
    __builtin_prefetch(entries_.data() + context * buckets);
    __builtin_prefetch(entries_.data() + context * buckets + buckets - 1);
  }
  /// Probability of a 1 that takes the place of `logit`, 0..1; remembers where to update.
  [[nodiscard]] float refine(float logit, std::size_t context) noexcept;
  void update(unsigned bit) noexcept;
  void use_huge_pages(std::uint64_t symbols) noexcept { entries_.use_huge_pages(symbols); }

 private:
  static constexpr unsigned buckets = 33;
  [[nodiscard]] std::uint32_t entry(unsigned bucket) const noexcept {
    return entries_[context_at_ + bucket] + first_[bucket];
  }
  [[nodiscard]] float probability(unsigned bucket) const noexcept {
    return static_cast<float>(static_cast<int>(entry(bucket) >> 10)) * (1.0f / (1 << 22));
  }

  // Less what they begin with, modulo 2^32: what is not used takes no memory.
  model::Zeroed<std::uint32_t> entries_;
  std::array<std::uint32_t, buckets> first_{};
  std::size_t context_at_ = 0;
  unsigned bucket_ = 0;
  std::uint32_t limit_;
};

}  // namespace ssmz::codec
