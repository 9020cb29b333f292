// SPDX-License-Identifier: Apache-2.0
// Predicts one binary decision from everything: n-gram
// slots, followers, matches and the SSM, mixed and refined.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/context_bank.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/predict/match_model.hpp"
#include "codec/predict/mixer.hpp"
#include "codec/predict/symbol_path.hpp"

namespace ssmz::codec {

/// Shape of a decision model: how many of each part, and the rows of each mixer weight set.
struct DecisionModelShape {
  unsigned contexts = 0;
  unsigned phases = 1;  ///< Kinds of decision whose bit histories are read by maps of their own.
  unsigned follower_contexts = 0;
  unsigned follower_slots_log2 = 16;
  std::vector<unsigned> match_lengths;
  unsigned match_table_log2 = 18;
  unsigned extra_inputs = 0;           ///< Inputs the caller fills (the SSM's).
  std::vector<unsigned> set_rows;      ///< First layer: rows of each weight set.
  std::vector<unsigned> final_rows;    ///< Rows of each final mixer.
  std::vector<unsigned> apm_contexts;  ///< Contexts of each APM.
  MixerRate rate{0.02f, 0.0005f, 30.0f};
  MixerRate final_rate{0.01f, 0.0005f, 30.0f};
};

/// The small contexts that choose weight vectors and APM entries for one decision.
struct DecisionContexts {
  std::array<unsigned, 40> sets{};
  std::array<unsigned, 8> finals{};
  std::array<unsigned, 8> apms{};
};

/// Not thread-safe. Order of calls: set contexts (contexts(), followers(), matches), then for each decision
/// gather(), mix(), contexts().update() and update(); the owner ends a symbol on the parts itself.
class DecisionModel {
 public:
  DecisionModel(const DecisionModelShape& shape, SlotTable& table);

  ContextBank& contexts() noexcept { return contexts_; }
  FollowerBank& followers() noexcept { return followers_; }
  std::vector<MatchModel>& matches() noexcept { return matches_; }
  [[nodiscard]] const ContextBank& contexts() const noexcept { return contexts_; }
  [[nodiscard]] const std::vector<MatchModel>& matches() const noexcept { return matches_; }
  [[nodiscard]] unsigned set_count() const noexcept { return mixer_.set_count(); }
  [[nodiscard]] unsigned final_count() const noexcept { return finals_.set_count(); }
  [[nodiscard]] unsigned apm_count() const noexcept { return static_cast<unsigned>(apms_.size()); }
  /// The caller's inputs, shape.extra_inputs of them, read by the next mix().
  float* extra() noexcept { return mixer_.inputs() + extra_at_; }

  /// Collects all inputs for the decision to come. Call before the contexts of mix() are known, since they
  /// may depend on what was found.
  void gather(const Position& at, unsigned phase);
  /// Contexts that had seen the decision.
  [[nodiscard]] unsigned seen() const noexcept { return seen_; }

  /// Probability of a 1 in units of 2^-22, 1..2^22-1.
  [[nodiscard]] std::uint32_t mix(const DecisionContexts& contexts);
  /// All parts but the contexts, which the owner has updated first: their next lines are fetched meanwhile.
  void update(unsigned bit);
  /// Last mixed probability of a 1, before the APMs (for the SSM's gradient and the lab).
  [[nodiscard]] float mixed_probability() const noexcept { return mixed_; }

  /// Lab only: inputs of a part are zeroed.
  struct Switches {
    bool contexts = true, followers = true, matches = true, prior = true, ssm = true, apms = true;
  };
  Switches& switches() noexcept { return switches_; }

 private:
  ContextBank contexts_;
  FollowerBank followers_;
  std::vector<MatchModel> matches_;
  unsigned match_at_;
  unsigned extra_at_;
  unsigned bias_at_;
  MixerLayer mixer_;
  MixerLayer finals_;
  std::vector<Apm> apms_;
  unsigned seen_ = 0;
  float mixed_ = 0.5f;
  Switches switches_;
};

}  // namespace ssmz::codec
