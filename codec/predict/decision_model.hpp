// SPDX-License-Identifier: Apache-2.0
// Predicts one binary decision from everything: n-gram
// slots, followers, matches and the SSM, mixed and refined.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/context_bank.hpp"
#include "codec/predict/decision_shape.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/predict/match_model.hpp"
#include "codec/predict/mixer_network.hpp"
#include "codec/predict/repeat_model.hpp"
#include "codec/predict/symbol_path.hpp"

namespace ssmz::codec {

/// What follows a decision within its symbol.
struct NextDecision {
  bool same_tree = false;   ///< One of the same tree, whose lines are fetched.
  unsigned enter_tree = 0;  ///< Not 0: the first of this tree (ContextBank::enter()).
  bool skip_first = false;  ///< As that takes it.
  /// Not 0: the symbol is likely to go on in this tree after so many decisions in all, these
  /// (ContextBank::expect()).
  unsigned expected_tree = 0;
  std::uint8_t expected_bits = 0, expected_depth = 0;
};

/// Not thread-safe. Of each symbol: begin_symbol(), decide() for each of its decisions, end_symbol(). A shape
/// may leave out any part: of what is not there nothing is computed.
class DecisionModel {
 public:
  DecisionModel(const DecisionModelShape& shape, SlotTable& table);
  /// For a copy of a model, which is over the same table: it goes on in `table`, a copy of that. Between
  /// symbols.
  void move_to(SlotTable& table) noexcept { contexts_.move_to(table); }
  /// As model::ZeroedArray's: from here on the model is only copied.
  void freeze() {
    network_.freeze();
    if (second_) second_->freeze();
  }

  /// Bytes that a model of this shape takes beside the slot table: the sum of its parts' own figures.
  [[nodiscard]] static std::uint64_t memory(const DecisionModelShape& shape);

  /// Long repeats: if a match has long been right, whether the next many symbols follow it is one decision.
  /// Returns the id of the symbol to come if it is one of those: it is then done with (no begin_symbol(), no
  /// end_symbol()), and nothing but the matches has learned of it. `id_ahead(k)`: the id of the k-th symbol
  /// to come (0: the next), FollowerBank::none if it is not known, as to a decoder. Cost: nanoseconds.
  template <class Io, class IdAhead>
  std::optional<std::uint32_t> repeated(Io& io, IdAhead&& id_ahead) {
    if (repeats_.left() == 0) {
      repeating_ = trusted_match();
      if (repeating_ < 0) {
        repeats_.forget();
        return std::nullopt;
      }
      repeats_.decide(io, [&](std::size_t count) { return follows(count, id_ahead); });
      if (repeats_.left() == 0) return std::nullopt;
    }
    return take_repeated();
  }

  /// Symbols are still known to follow a match: none may be at the end of a block.
  [[nodiscard]] bool repeating() const noexcept { return repeats_.left() > 0; }
  /// So far into one that what surrounds the model need not learn of a symbol that repeated() gave: this many
  /// more will come before it is asked for a prediction. FORMAT.
  [[nodiscard]] bool deep_in_repeat() const noexcept { return repeats_.left() >= 1024; }

  /// Looks up what is known of the symbol to come. `path_of(id)` gives a symbol's decisions. `set_contexts()`
  /// sets contexts() and followers(); it may ask the matches, which have been found by then. It returns the
  /// tree where the symbol begins (ContextBank::start()).
  template <class PathOf, class SetContexts>
  void begin_symbol(PathOf&& path_of, SetContexts&& set_contexts) {
    for (MatchModel& match : matches_) {
      const std::uint32_t id = match.find(history_);
      if (id != FollowerBank::none) match.expect(path_of(id));
    }
    contexts_.start(set_contexts());
    followers_.load(path_of);
  }

  /// Codes one decision and learns from it. `io.code(bit, p, at)` takes the bit to code (ignored by a
  /// decoder), the probability of a 1 in units of 2^-22 (1..2^22-1) and where it stands, and returns the bit.
  /// `phase`: the kind of decision, below the shape's phases. `choose()` fills extra() and returns the
  /// DecisionContexts; it may ask what was found. `next(bit)` returns the NextDecision. Returns the bit.
  template <class Io, class Choose, class Next>
  unsigned decide(Io& io, bool bit, const Position& at, unsigned phase, Choose&& choose, Next&& next) {
    find(at, phase);
    const std::uint32_t p = mix(choose());
    const unsigned coded = io.code(bit, p, at);
    // The contexts first: while the other parts learn, the lines of the decision to come are fetched.
    const NextDecision following = next(coded);
    contexts_.update(coded, following.same_tree);
    if (following.enter_tree) contexts_.enter(following.enter_tree, following.skip_first);
    if (following.expected_tree)
      contexts_.expect(following.expected_tree, following.expected_bits, following.expected_depth);
    update(coded);
    return coded;
  }

  /// A decision that is certain, as decide() has them: nothing is coded, but the contexts go the way on.
  /// `goes_on`: another decision follows.
  void pass(bool bit, unsigned phase, bool goes_on) noexcept {
    static_cast<void>(contexts_.find(phase));
    contexts_.predict(network_.inputs());
    contexts_.update(bit, goes_on);
  }
  /// The symbol in hand is known not to be the one with this id.
  void reject(std::uint32_t id) noexcept;

  /// The symbol that came.
  void end_symbol(std::uint32_t id);

  ContextBank& contexts() noexcept { return contexts_; }
  FollowerBank& followers() noexcept { return followers_; }
  [[nodiscard]] const ContextBank& contexts() const noexcept { return contexts_; }
  [[nodiscard]] const std::vector<MatchModel>& matches() const noexcept { return matches_; }
  [[nodiscard]] unsigned set_count() const noexcept { return network_.first().set_count(); }
  [[nodiscard]] unsigned final_count() const noexcept { return network_.finals().set_count(); }
  [[nodiscard]] unsigned apm_count() const noexcept { return static_cast<unsigned>(apms_.size()); }
  [[nodiscard]] const FollowerBank& followers() const noexcept { return followers_; }
  /// The first layer, the final mixers, and the kind of the decision in hand.
  [[nodiscard]] const MixerLayer& mixer() const noexcept { return network_.first(); }
  [[nodiscard]] const MixerLayer& finals() const noexcept { return network_.finals(); }
  [[nodiscard]] unsigned phase() const noexcept { return phase_; }
  [[nodiscard]] unsigned phases() const noexcept { return contexts_.phases(); }
  [[nodiscard]] unsigned match_at() const noexcept { return match_at_; }  ///< Place of the matches' inputs.
  [[nodiscard]] unsigned extra_at() const noexcept { return extra_at_; }  ///< Of the caller's.
  [[nodiscard]] unsigned bias_at() const noexcept { return bias_at_; }    ///< Of the constant.
  /// What the first match model expects; nothing if there is none.
  [[nodiscard]] ExpectedSymbol expected() const noexcept {
    return matches_.empty() ? ExpectedSymbol{}
                            : ExpectedSymbol{matches_[0].expected_id(), matches_[0].length()};
  }
  /// The caller's inputs, shape.extra_inputs of them.
  float* extra() noexcept { return network_.inputs() + extra_at_; }
  /// Contexts that had seen the decision that is being made.
  [[nodiscard]] unsigned seen() const noexcept { return seen_; }
  /// Their share of all contexts, 0..15.
  [[nodiscard]] unsigned seen_share() const noexcept { return seen_shares_[seen_]; }
  /// Last mixed probability of a 1, before the APMs (for the SSM's gradient and the lab).
  [[nodiscard]] float mixed_probability() const noexcept { return mixed_; }

  /// For the training of first values: the mixers go on in another model of the same shape. One that gave its
  /// own away is at its end.
  [[nodiscard]] MixerNetwork give_mixers() noexcept { return std::move(network_); }
  void take_mixers(MixerNetwork&& mixers) noexcept { network_ = std::move(mixers); }

 private:
  void start_from(const DecisionModelShape& shape);
  [[nodiscard]] int trusted_match() const noexcept;
  std::uint32_t take_repeated() noexcept;
  // Do the next `count` symbols follow the match? Where it overlaps them they are compared with themselves.
  template <class IdAhead>
  [[nodiscard]] bool follows(std::size_t count, IdAhead&& id_ahead) const {
    const std::uint64_t from = matches_[static_cast<std::size_t>(repeating_)].trusted(),
                        known = history_.count() - from;
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint32_t id = id_ahead(k);
      if (id == FollowerBank::none || id != (k < known ? history_.id(from + k) : id_ahead(k - known)))
        return false;
    }
    return true;
  }
  void find(const Position& at, unsigned phase);
  [[nodiscard]] std::uint32_t mix(const DecisionContexts& contexts);
  void update(unsigned bit);
  void use_huge_pages(std::uint64_t symbols) noexcept;

  std::uint64_t next_huge_pages_ = model::symbols_before_huge_pages;  // symbols
  SymbolHistory history_;
  ContextBank contexts_;
  FollowerBank followers_;
  std::vector<MatchModel> matches_;
  RepeatModel repeats_;
  int repeating_ = -1;  // the match that repeats_ follows, or -1
  unsigned match_at_;
  unsigned extra_at_;
  unsigned bias_at_;
  MixerNetwork network_;
  std::optional<MixerNetwork> second_;  // over the same inputs
  std::vector<Apm> apms_;
  std::uint32_t apm_mask_;  // of their contexts; FORMAT
  unsigned seen_ = 0;
  std::array<std::uint8_t, ContextBank::max_contexts + 1> seen_shares_{};  // [contexts that had seen it]
  unsigned phase_ = 0;
  float mixed_ = 0.5f;
};

}  // namespace ssmz::codec
