// SPDX-License-Identifier: Apache-2.0
// The n-gram contexts of one kind of symbol: their slots,
// bit histories and probabilities, as inputs to the mixer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/adaptive_map.hpp"
#include "codec/slot_table.hpp"

namespace ssmz::codec {

/// A strong 64-bit mix of two words (multiply and fold; constants are odd and arbitrary). FORMAT.
[[nodiscard]] inline std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t x = (a + 0x9e3779b97f4a7c15ull) * 0xd6e8feb86659fd93ull ^
                    (b + 0x632be59bd9b4e019ull) * 0xa0761d6478bd642full;
  x ^= x >> 32;
  x *= 0xe7037ed1a0b428dbull;
  return x ^ x >> 29;
}

/// Not thread-safe. One symbol: set() every context; for each group of decisions open_group(); for each
/// decision in it predict() then update().
class ContextBank {
 public:
  static constexpr unsigned inputs_per_context = 3;
  static constexpr unsigned max_contexts = 128;

  /// `contexts` at most max_contexts; `phases`: kinds of decision with bit-history maps of their own.
  ContextBank(SlotTable& table, unsigned contexts, unsigned phases);

  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] unsigned input_count() const noexcept { return count_ * inputs_per_context; }

  /// Sets context `i` of the coming symbol. `hash` must already be well mixed.
  /// A `shared` context meets all attributes of a symbol alike: its groups are opened by the shared key.
  void set(unsigned i, std::uint64_t hash, bool shared = false) noexcept {
    hashes_[i] = hash_mix(hash, i);
    shared_[i] = shared;
  }

  /// Starts a group of at most 15 decisions (heap numbered 1..15) identified by `key`, for shared contexts by
  /// `shared_key`; prefetches all lines.
  void open_group(std::uint64_t key, std::uint64_t shared_key) noexcept;
  void open_group(std::uint64_t key) noexcept { open_group(key, key); }

  /// Writes input_count() inputs for decision `local` (1..15); returns how many contexts have seen it.
  unsigned predict(unsigned local, unsigned phase, float* inputs) noexcept;

  void update(unsigned bit) noexcept;

  /// True if context i had seen the decision of the last predict().
  [[nodiscard]] bool found(unsigned i) const noexcept { return i < count_ && slots_[i] >= 0; }

 private:
  SlotTable& table_;
  unsigned count_;
  unsigned phase_ = 0;
  std::array<std::uint64_t, max_contexts> hashes_{};
  std::array<SlotLine*, max_contexts> lines_{};
  std::array<std::uint16_t, max_contexts> tags_{};
  std::array<std::uint16_t, max_contexts> wanted_{};
  std::array<std::int8_t, max_contexts> slots_{};
  std::array<bool, max_contexts> shared_{};
  AdaptiveMap histories_;  // [phase][context][state]
  std::array<std::uint16_t, 256> direct_rates_{};
  std::array<float, 256> confidence_{};
};

}  // namespace ssmz::codec
