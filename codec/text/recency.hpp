// SPDX-License-Identifier: Apache-2.0
// What came lately comes again: how often each node of the code tree went either way, in counts that fade.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// A cache of unigrams (R. Kuhn and R. De Mori, "A cache-based natural language model for speech
/// recognition", 1990) for each of four half-lives, over nodes instead of words, so that what came lifts what
/// stands beside it too; each beside what the vocabulary expects. Not thread-safe. FORMAT.
class Recency {
 public:
  static constexpr unsigned half_lives = 4;
  static constexpr unsigned inputs = 2 * half_lives;

  /// `nodes`: of the code tree.
  explicit Recency(std::size_t nodes) : entries_(nodes) {}

  /// Bytes that one takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t nodes) noexcept {
    return std::uint64_t{nodes} * sizeof(Entry);
  }

  /// Loads what predict() reads into the cache.
  void prefetch(std::uint32_t node) const noexcept { __builtin_prefetch(&entries_[node], 1); }
  /// Writes `inputs` inputs for a decision at `node`. `prior`: probability of a 1 by the vocabulary, 16 bit;
  /// `now`: tokens so far.
  void predict(std::uint32_t node, unsigned prior, std::uint32_t now, float* out) noexcept;
  /// The bit that came after predict().
  void update(unsigned bit) noexcept;

 private:
  struct alignas(64) Entry {
    std::array<std::array<float, 2>, half_lives> counts{};  // [half-life][bit]
    std::array<std::uint32_t, half_lives> faded{};          // tokens up to which they have
  };
  model::Zeroed<Entry> entries_;  // [node]
  Entry* last_ = nullptr;         // of the last predict()
};

}  // namespace ssmz::codec
