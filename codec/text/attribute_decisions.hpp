// SPDX-License-Identifier: Apache-2.0
// The decisions about a token's attributes, numbered.
#pragma once

#include "codec/predict/symbol_path.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// Separators that such a decision may follow: none, space, newline.
inline constexpr unsigned decided_separators = 3;
inline constexpr unsigned attribute_decisions = 2 + 3 * decided_separators;

/// Which of the decisions is of `stage`, once the separator is known: 0 .. attribute_decisions - 1. FORMAT.
constexpr unsigned attribute_decision(Stage stage, unsigned separator) {
  switch (stage) {
    case Stage::word: return 2 + separator;
    case Stage::lower: return 2 + decided_separators + separator;
    case Stage::capital: return 2 + 2 * decided_separators + separator;
    case Stage::newline: return 1;
    case Stage::space:
    case Stage::path:
    case Stage::letter:
    case Stage::whole: break;
  }
  return 0;
}

/// Calls use(decision, bit) for each of them that a token, which is no letter of a spelled word, takes.
template <class Use>
void each_attribute_decision(Token token, bool word, Use&& use) {
  const auto separator = static_cast<unsigned>(token.separator);
  const auto decide = [&](Stage stage, bool bit) { use(attribute_decision(stage, separator), bit); };
  decide(Stage::space, token.separator == Separator::space);
  if (token.separator != Separator::space) decide(Stage::newline, token.separator == Separator::newline);
  decide(Stage::word, word);
  if (!word) return;
  decide(Stage::lower, token.letter_case == CaseClass::lower);
  if (token.letter_case != CaseClass::lower) decide(Stage::capital, token.letter_case == CaseClass::capital);
}

}  // namespace ssmz::codec
