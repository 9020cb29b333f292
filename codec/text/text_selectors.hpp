// SPDX-License-Identifier: Apache-2.0
// Which weight vectors and APM entries serve a decision of text.
#pragma once

#include <cstdint>
#include <span>

#include "codec/predict/context_bank.hpp"
#include "codec/predict/match_model.hpp"
#include "codec/predict/selector.hpp"
#include "codec/predict/symbol_path.hpp"
#include "codec/text/text_state.hpp"

namespace ssmz::codec {

/// What the selectors of text read.
struct TextDecision {
  const TextState& s;
  bool letter;          ///< Of a spelled word.
  unsigned place;       ///< 5 attributes, path depths 0..20, depths 0..5 of a letter's path: 0..31.
  unsigned kind;        ///< 0: attribute, 1: other lexeme, 2: word, 3: letter.
  unsigned attributes;  ///< Separator and case, or how long the spelled word is: 0..11.
  unsigned node;        ///< 0..15: which attribute; from 16 on: node of the code tree.
  unsigned seen;        ///< Share of the contexts that had seen the decision, 0..15.
  MatchSummary match;
  unsigned expected;  ///< By the matches: 0: nothing, 1: a 0, 2: a 1.
  unsigned prior;     ///< Logit of the vocabulary's prior in steps of one, 0..15; 8: there is none.
  unsigned ssm;       ///< The same of the SSM.
  const ContextBank& contexts;
};

using TextSelector = Selector<TextDecision>;

/// The mixer's weight sets, of which levels use a prefix.
[[nodiscard]] std::span<const TextSelector> text_sets() noexcept;
/// The final mixers and the APMs, likewise.
[[nodiscard]] std::span<const TextSelector> text_finals() noexcept;
[[nodiscard]] std::span<const TextSelector> text_apms() noexcept;

/// TextDecision::place.
[[nodiscard]] unsigned place_of(const Position& at) noexcept;

}  // namespace ssmz::codec
