// SPDX-License-Identifier: Apache-2.0
// Followers: for each context the last three symbols that
// came after it, and how often the latest one repeated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/first_values.hpp"
#include "codec/predict/place_index.hpp"
#include "codec/predict/symbol_path.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Symbols are 32-bit ids of the caller's; 0xffffffff is reserved (no symbol).
class FollowerBank {
 public:
  static constexpr unsigned candidates = 3;
  static constexpr unsigned inputs_per_context = 2;
  static constexpr std::uint32_t none = 0xffffffffu;

  /// `slots_log2`: log2 of the number of 16-byte slots shared by all contexts.
  FollowerBank(unsigned contexts, unsigned slots_log2);

  /// A table of so many slots or more begins packed, as a SlotTable.
  static constexpr unsigned packed_slots_log2 = 20;

  /// Bytes that a bank takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned contexts, unsigned slots_log2) noexcept {
    return slots_of(contexts, slots_log2) * sizeof(Slot) +
           AdaptiveMap::memory(std::size_t{contexts} * entries_per_context);
  }

  void use_huge_pages(std::uint64_t symbols) noexcept { table_.use_huge_pages(symbols); }

  /// The maps begin with trained values where there are some. Before the first symbol.
  void start_from(const FirstValues& first) noexcept;

  /// Entries of a context's map.
  static constexpr unsigned kinds = 8;
  static constexpr unsigned entries_per_context = candidates * 8 * 4 * kinds;
  /// Was the candidate's bit right: the entries of all contexts, one context's after the other's.
  [[nodiscard]] const AdaptiveMap& maps() const noexcept { return maps_; }

  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] unsigned input_count() const noexcept { return count_ * inputs_per_context; }
  void set(unsigned i, std::uint64_t hash) noexcept;  ///< Context i of the coming symbol; prefetches.

  /// Loads the candidates of every context; `path_of(id)` gives a symbol's decisions.
  template <class PathOf>
  void load(PathOf&& path_of) {
    for (unsigned i = 0; i < count_; ++i) {
      Slot& slot = table_[slots_[i]];
      if (slot.check != checks_[i]) slot = Slot{checks_[i], 0, 0, {none, none, none}};
      bases_[i] = base_of(i, slot);
      for (unsigned k = 0; k < candidates; ++k) {
        valid_[i][k] = slot.symbols[k] != none;
        if (valid_[i][k]) paths_[i][k] = path_of(slot.symbols[k]);
      }
    }
  }

  /// The symbol is known not to be this one: nobody expects it any more.
  void reject(std::uint32_t symbol) noexcept;
  void predict(const Position& at, float* inputs) noexcept;
  void update(unsigned bit) noexcept;
  void finish(std::uint32_t symbol) noexcept;  ///< The symbol that came: moves it to the front of every slot.

  /// Latest follower of context i and the one before it, or none; none if there is no context i.
  [[nodiscard]] std::uint32_t latest(unsigned i) const noexcept { return follower(i, 0); }
  [[nodiscard]] std::uint32_t earlier(unsigned i) const noexcept { return follower(i, 1); }

 private:
  struct Slot {
    std::uint16_t check;
    std::uint8_t run;      ///< Times in a row that symbols[0] came, at most 255.
    std::uint8_t history;  ///< Was symbols[0] right: the last eight times, newest in bit 0.
    std::uint32_t symbols[candidates];
  };
  static_assert(sizeof(Slot) == 16);

  // Where nobody asks there is no table.
  [[nodiscard]] static constexpr std::size_t slots_of(unsigned contexts, unsigned slots_log2) noexcept {
    return contexts ? std::size_t{1} << slots_log2 : 0;
  }
  [[nodiscard]] std::uint32_t follower(unsigned i, unsigned candidate) const noexcept {
    return i < count_ && table_[slots_[i]].check == checks_[i] ? table_[slots_[i]].symbols[candidate] : none;
  }
  void spread() noexcept;
  // The first of a slot's entries in the maps: of its first candidate, and of decisions of kind 0.
  [[nodiscard]] static std::uint32_t base_of(unsigned context, const Slot& slot) noexcept;
  // What a candidate says, and the index of its entry.
  struct Opinion {
    std::uint32_t index = 0;  // as indices_ has it
    float input = 0.0f;
  };
  [[nodiscard]] Opinion ask(unsigned context, unsigned candidate, unsigned kind,
                            const Position& at) const noexcept;

  unsigned count_;
  unsigned shift_;
  model::Zeroed<Slot> table_;         // a slot that nothing has filled has a check that no context has
  PlaceIndex index_;                  // packed: of the slots
  std::vector<std::uint32_t> slots_;  // [context]: place in the table
  std::vector<std::uint16_t> checks_;
  std::vector<std::uint32_t> bases_;  // [context]: base_of() its slot
  std::vector<std::array<SymbolPath, candidates>> paths_;
  std::vector<std::array<bool, candidates>> valid_;
  // [context][candidate 3][run bucket 8][history 4][kind of decision 8]: was the candidate's bit right.
  AdaptiveMap maps_;
  // [context][input]: map entry + 1 (0: no prediction), bit 31: expected bit
  std::vector<std::uint32_t> indices_;
};

}  // namespace ssmz::codec
