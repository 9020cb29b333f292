// SPDX-License-Identifier: Apache-2.0
// Small contexts whose decisions are few and known beforehand: a hashed table of groups of seven slots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/base/hash.hpp"
#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/bit_history.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Not thread-safe; a copy goes on by itself. Of each symbol: begin(), add() of each context, then for each
/// of its decisions predict() and update(). As ContextBank, for symbols of few decisions that recur in all
/// contexts: no trees, no runs; a context costs one line of the cache a symbol. FORMAT.
class SlotGroups {
 public:
  static constexpr unsigned nodes = 7;  ///< Decisions of a group.
  static constexpr unsigned max_contexts = 48;

  /// Of each context: stretch() of the slot's probability, by how often it was seen, and of what its bit
  /// history has been worth. A third, that probability's distance from 1/2: -0.08 % (five photographs, 195
  /// kB).
  static constexpr unsigned inputs_per_context = 2;

  /// `kinds`: of decisions whose bit histories are read by maps of their own.
  SlotGroups(unsigned contexts, unsigned kinds, unsigned groups_log2);
  [[nodiscard]] static std::uint64_t memory(unsigned contexts, unsigned kinds, unsigned groups_log2);

  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] unsigned input_count() const noexcept { return count_ * inputs_per_context; }

  /// Begins a symbol's contexts.
  void begin() noexcept { next_ = 0; }
  /// The next context of the coming symbol, known by `hash`, which must be well mixed; those behind the last
  /// one are dropped. A `split` one learns apart what comes behind split().
  void add(std::uint64_t hash, bool split = false) noexcept {
    if (next_ >= count_) return;
    split_[next_] = split;
    go_on(next_++, hash);
  }
  [[nodiscard]] bool full() const noexcept { return next_ >= count_; }
  [[nodiscard]] unsigned next() const noexcept { return next_; }
  /// All contexts go on with another group of theirs.
  void enter(std::uint64_t salt) noexcept {
    for (unsigned i = 0; i < count_; ++i) go_on(i, hash_mix(hashes_[i], salt));
  }
  /// Those that are split do.
  void split(std::uint64_t salt) noexcept {
    for (unsigned i = 0; i < count_; ++i)
      if (split_[i]) go_on(i, hash_mix(hashes_[i], salt));
  }

  /// Writes input_count() inputs for the decision `node` of the groups, which is of `kind`.
  void predict(unsigned node, unsigned kind, float* inputs) noexcept;
  void update(unsigned bit) noexcept;

  void freeze() { groups_.freeze(); }

 private:
  struct alignas(32) Group {
    std::uint16_t check;
    std::uint16_t spare;
    std::array<std::uint32_t, nodes> slots;  // probability of a 1 (17 bits), count (7), bit history (8)
  };
  void go_on(unsigned i, std::uint64_t hash) noexcept {
    hashes_[i] = hash;
    __builtin_prefetch(&groups_[hash >> shift_], 1);
    found_[i] = nullptr;
    looked_up_ = false;
  }
  void look_up() noexcept;
  [[nodiscard]] Group* find(std::uint64_t hash) noexcept;

  unsigned count_, kinds_, shift_;
  model::Zeroed<Group> groups_;
  AdaptiveMap histories_;  // [context][kind][history]
  const BitHistory& history_ = bit_history();
  std::array<float, 128> confidence_{};
  std::array<std::uint64_t, max_contexts> hashes_{};
  std::array<Group*, max_contexts> found_{};
  std::array<bool, max_contexts> split_{};
  unsigned next_ = 0;
  bool looked_up_ = false;
  unsigned node_ = 0, kind_ = 0;
};

}  // namespace ssmz::codec
