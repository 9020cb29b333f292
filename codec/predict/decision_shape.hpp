// SPDX-License-Identifier: Apache-2.0
// What a decision model is made of, and the small contexts of one decision.
#pragma once

#include <array>
#include <vector>

#include "codec/predict/context_bank.hpp"
#include "codec/predict/first_values.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/predict/match_model.hpp"
#include "codec/predict/mixer.hpp"

namespace ssmz::codec {

/// Shape of a decision model: how many of each part, and the rows of each mixer weight set.
struct DecisionModelShape {
  unsigned contexts = 0;
  unsigned phases = 1;  ///< Kinds of decision whose bit histories are read by maps of their own.
  unsigned follower_contexts = 0;
  unsigned follower_slots_log2 = 16;
  std::vector<unsigned> match_lengths;  ///< Least length of each match model, in symbols.
  unsigned match_table_log2 = 18;
  unsigned history_log2 = 16;          ///< Symbols that matches can follow.
  bool narrow_ids = false;             ///< Ids of symbols that matches follow are below 256.
  MatchKeys match_keys;                ///< What of them matches compare.
  unsigned extra_inputs = 0;           ///< Inputs the caller fills (the SSM's).
  std::vector<unsigned> set_rows;      ///< First layer: rows of each weight set.
  std::vector<unsigned> final_rows;    ///< Rows of each final mixer.
  bool finals_read_extra = false;      ///< The caller's inputs are the final mixers' too, from weight 0 on.
  std::vector<unsigned> apm_contexts;  ///< Contexts of each APM.
  const FirstValues* first = nullptr;  ///< What the parts begin with; nullptr: their defaults.
  /// The last phases, those that training does not know: each one's mixers begin as those of the phase that
  /// stands here for it; its bit histories begin without training.
  std::vector<unsigned> like_phases;
  unsigned preconditioner_rank = 0;          ///< Of the first layer; 0: without.
  float preconditioner_compensation = 1.0f;  ///< As the Preconditioner takes it.
  MixerRate rate{0.02f, 0.0005f, 30.0f};
  MixerRate final_rate{0.01f, 0.0005f, 30.0f};
  /// Share of the final error in what the first layer learns. 0: +0.4 %, 0.3: +0.2 %, 0.7..0.85: best, 1:
  /// +2.7 % (enwik8-1M).
  float joint_share = 0.8f;
  /// A second network of mixers beside the first, without preconditioner and with this share of the final
  /// error: what comes is the mean of both. 0: none.
  float second_joint_share = 0.0f;
  /// Of all weights of a vector at first, where none are trained; 3..8 the same within 0.01 % (text).
  float first_weight_sum = 5.0f;
};

/// The inputs of the first layer: those of the contexts, followers, matches, the caller's, a constant.
[[nodiscard]] inline unsigned input_total(const DecisionModelShape& shape) {
  return shape.contexts * ContextBank::inputs_per_context +
         shape.follower_contexts * FollowerBank::inputs_per_context +
         static_cast<unsigned>(shape.match_lengths.size()) * MatchModel::inputs + shape.extra_inputs + 1;
}

/// The small contexts that choose weight vectors and APM entries for one decision; those that the model has
/// are filled. No member has a value at first: setting all of them for each decision is 1 % of -1's time.
struct DecisionContexts {
  std::array<unsigned, 40> sets;
  std::array<unsigned, 8> finals;
  std::array<unsigned, 8> apms;
};

}  // namespace ssmz::codec
