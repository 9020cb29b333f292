// SPDX-License-Identifier: Apache-2.0
// The n-gram contexts of one kind of symbol: their slots,
// bit histories and probabilities, as inputs to the mixer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/base/hash.hpp"
#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/bit_history.hpp"
#include "codec/predict/first_values.hpp"
#include "codec/predict/slot_table.hpp"

namespace ssmz::codec {

/// Not thread-safe. One symbol: set() every context; start(); for each of its decisions find(), predict(),
/// then update(); enter() between two of them where another tree begins; finish().
///
/// What a context has seen is a binary trie whose unbranched chains are runs (path compression: D. R.
/// Morrison, "PATRICIA", 1968): a symbol that is new to a context takes one or two slots and touches as many
/// lines, however many decisions it has. A run predicts as nodes would that had seen only its bits. Where it
/// is contradicted its beginning stays a run, the decision becomes a node, and what would have followed a run
/// of its own.
class ContextBank {
 public:
  static constexpr unsigned map_size = 384;  ///< Entries of a map: 256 histories, 128 kinds of run.
  static constexpr unsigned inputs_per_context = 3;
  static constexpr unsigned max_contexts = 128;

  /// `contexts` at most max_contexts; `phases`: kinds of decision with bit-history maps of their own.
  ContextBank(SlotTable& table, unsigned contexts, unsigned phases);

  /// For a copy of a bank, which is over the same table: it goes on in `table`, a copy of that. Between
  /// symbols.
  void move_to(SlotTable& table) noexcept;
  /// Between symbols.
  void use_huge_pages(std::uint64_t symbols) noexcept { histories_.use_huge_pages(symbols); }

  /// Bytes that a bank takes beside the slot table and itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned contexts, unsigned phases) noexcept {
    return AdaptiveMap::memory(std::size_t{map_size} * contexts * phases);
  }

  /// The maps of histories begin with trained values where there are some. Before the first symbol; `first`
  /// must outlive the bank.
  void start_from(const FirstValues& first) noexcept;

  /// Probability of a 1, 16 bit, that a history of `kind` stands for before anything is learned of it.
  [[nodiscard]] static unsigned usual_probability(unsigned kind) noexcept;

  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] unsigned phases() const noexcept { return phases_; }
  [[nodiscard]] unsigned input_count() const noexcept { return count_ * inputs_per_context; }

  /// Sets context `i` of the coming symbol. `hash` must already be well mixed.
  /// A `shared` context meets all attributes of a symbol alike: after enter() it forgets the way there.
  void set(unsigned i, std::uint64_t hash, bool shared = false) noexcept {
    contexts_[i].hash = hash_mix(hash, i);
    contexts_[i].shared = shared;
    contexts_[i].left_out = false;
  }
  /// The coming symbol has no context `i`: its inputs are 0, and it learns nothing.
  void leave_out(unsigned i) noexcept { contexts_[i].left_out = true; }

  /// Begins a symbol in `tree`: 0 for attributes (at most 12 different decisions, at most 5 in turn), else a
  /// tree whose lines are shared by group_levels levels each. Prefetches all lines.
  void start(unsigned tree) noexcept;

  /// Goes on in `tree`, which is not 0. Prefetches likewise: call it as early as it is known. `skip_first`:
  /// all contexts go on as if the symbol's first decision, which was a 0, had not been.
  void enter(unsigned tree, bool skip_first = false) noexcept;

  /// After its `depth` first decisions, of which the first is in bit 0 of `bits`, the symbol is likely to go
  /// on in `tree`: prefetches what enter() would then.
  void expect(unsigned tree, std::uint64_t bits, unsigned depth) noexcept;

  /// Looks the decision to come up; returns how many contexts have seen it. What predict() will read is
  /// fetched: something else may be done in between.
  unsigned find(unsigned phase) noexcept;
  /// Writes input_count() inputs for the decision that find() looked up, and sets what update() will move.
  void predict(float* inputs) noexcept;

  /// At most 63 a symbol. `goes_on`: another decision of the same tree follows, whose lines are prefetched.
  void update(unsigned bit, bool goes_on) noexcept;

  /// Ends the symbol: contexts to which it was new note it.
  void finish() noexcept { note_new(); }

  /// True if context i had seen the decision of the last find().
  [[nodiscard]] bool found(unsigned i) const noexcept { return i < count_ && contexts_[i].slot >= 0; }

  /// Kind of the history that context i has of that decision, below map_size; -1 if it had not seen it.
  [[nodiscard]] int kind(unsigned i) const noexcept { return found(i) ? contexts_[i].kind : -1; }

  /// The map that tells what a history, or 256 + a kind of run, is worth, set where it was asked for; where
  /// in it context i's entry is.
  [[nodiscard]] const AdaptiveMap& histories() const noexcept { return histories_; }
  /// Probability of a 1, 16 bit, by that entry, used or not.
  [[nodiscard]] unsigned history_probability(unsigned phase, unsigned kind, unsigned i) const;
  [[nodiscard]] std::size_t history_at(unsigned phase, unsigned kind, unsigned i) const noexcept {
    return (std::size_t{phase} * map_size + kind) * count_ + i;
  }

 private:
  // Levels of a tree whose nodes share lines. 7 nodes fit in a line of 12 slots: with 4 levels, 15 nodes,
  // those of frequent contexts drive each other out, and with a node all below it is lost (+0.7 %, enwik8-1M
  // at -5 without SSM). 2 levels: the same size, slower.
  static constexpr unsigned group_levels = 3;

  struct RunState {
    std::uint16_t probability;  // of a 1, as that of a node which has seen only this bit
    std::uint8_t state;         // likewise
  };
  struct Place {
    SlotLine* line = nullptr;
    std::uint16_t tag = 0;
  };
  /// What a group is found by, beside the context: the bits that lead to it but the last one, which says
  /// which of a pair of lines; so both are fetched a decision before.
  struct GroupKey {
    std::uint64_t own = 0;     // of all bits
    std::uint64_t shared = 0;  // from the tree's root on, for shared contexts
    bool root = false;         // the tree's first: nothing leads to it
    bool second = false;       // which line, unless it is the tree's first
    [[nodiscard]] std::uint64_t of(bool is_shared) const noexcept { return is_shared ? shared : own; }
  };
  /// What a context knows of the symbol so far.
  enum class Standing : std::uint8_t {
    node,      ///< Its slot is a node, or is yet to be looked for.
    run,       ///< It is in a run.
    fresh,     ///< It has never seen what came: it has nothing to say until the symbol ends.
    replaced,  ///< It had seen what came, but the slot was given to another.
  };
  /// One context. In one line, since a decision reads nearly all of it: against an array for each field the
  /// same instructions within 0.02 % (-4, text) and 2 to 9 % less time (100 kB of text at -5, a program).
  /// Small numbers have 16 bits, not 8: what is written as a byte could be any object's, and all that is held
  /// in registers would be read again behind it.
  struct alignas(64) Context {
    std::uint64_t hash = 0;
    Place group;                      // the open group's line, if wanted yet, and base of tags
    Place anchor;                     // where the slot is, or is to be
    std::uint16_t ahead = 0;          // of a run: bits to come below a 1; 0: a node
    std::uint16_t kind = 0;           // index in the map of histories
    std::uint32_t map_at = 0;         // where in it the entry of the decision in hand is
    std::uint16_t direct = 0;         // probability in the slot
    std::uint16_t depth = 0;          // of the anchor
    std::int16_t slot = 0;            // in the anchor's line; -1: not there
    std::uint16_t history_state = 0;  // bit history behind the prediction
    bool shared = false;
    bool known = false;     // what comes was seen: if it is not there, it was replaced
    bool left_out = false;  // of this symbol

    [[nodiscard]] Standing standing() const noexcept {
      if (slot < 0) return known ? Standing::replaced : Standing::fresh;
      return ahead ? Standing::run : Standing::node;
    }
    /// What comes is to be looked for; nothing is known of it.
    void begin() noexcept {
      slot = 0;
      ahead = 0;
      known = false;
    }
  };
  struct Insertion {
    Place place;
    std::uint16_t value = 0;
    std::uint8_t state = 0;
    bool run = false;
  };

  void set_runs(unsigned bit);
  [[gnu::cold]] void begin_history(AdaptiveMap& map, std::size_t at, unsigned phase, unsigned kind,
                                   unsigned i) const noexcept;
  void open_group() noexcept;
  void fetch_ahead() noexcept;
  void note_new() noexcept;
  [[nodiscard]] GroupKey key(std::uint64_t bits, unsigned depth) const noexcept;
  [[nodiscard]] Place group_place(const Context& context, const GroupKey& key) const noexcept;
  [[nodiscard]] Place group_start(const Context& context, std::uint64_t bits, unsigned depth) const noexcept;
  [[nodiscard]] unsigned node(std::uint64_t bits, unsigned depth) const noexcept;
  [[nodiscard]] Place place_in_group(Context& context, unsigned node) noexcept;
  void expect_new(Context& context, std::uint64_t bits, unsigned depth) noexcept;
  [[nodiscard]] bool look(Context& context, unsigned node) noexcept;
  [[nodiscard]] bool update_one(Context& context, unsigned bit) noexcept;
  [[nodiscard]] bool split(Context& context, unsigned bit) noexcept;
  void insert_later(Place place, unsigned value, unsigned state, bool run) noexcept;
  void insert_all() noexcept;

  SlotTable* table_;
  unsigned moves_ = 0;  // of its lines that places have followed
  unsigned count_;
  unsigned phases_;
  const FirstValues* first_ = nullptr;
  AdaptiveMap histories_;  // [phase][history, or 256 + kind of run][context]: what is usual shares lines
  const BitHistory& history_ = bit_history();
  std::array<std::uint16_t, 256> direct_rates_{};
  std::array<float, 256> confidence_{};
  std::array<std::array<RunState, 256>, 2> runs_{};  // [bit][level]
  std::array<std::uint8_t, 256> next_level_{};
  std::array<std::uint8_t, 256> level_buckets_{};  // 0..7

  // The symbol so far.
  std::uint64_t bits_ = 0;  // first lowest
  unsigned depth_ = 0;
  unsigned tree_ = 0;
  unsigned tree_start_ = 0;   // depth
  unsigned group_start_ = 0;  // depth
  GroupKey group_key_;
  unsigned phase_ = 0;

  // Contexts that have seen the symbol so far: those that predict.
  unsigned active_count_ = 0;
  std::array<std::uint16_t, max_contexts> active_{};
  // Of them, those that have seen the decision in hand.
  unsigned seen_count_ = 0;
  std::array<std::uint16_t, max_contexts> seen_{};

  std::array<Context, max_contexts> contexts_{};

  // Changes of lines that are being fetched; applied before anything is looked up again.
  unsigned insertion_count_ = 0;
  std::array<Insertion, std::size_t{4} * max_contexts> insertions_{};
};

}  // namespace ssmz::codec
