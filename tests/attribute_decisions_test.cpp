// SPDX-License-Identifier: Apache-2.0
// The decisions about a token's attributes, and what is known of them beforehand.
#include "codec/text/attribute_decisions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/predict/first_values.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

using Decisions = std::vector<std::pair<unsigned, bool>>;

Decisions decisions_of(Token token, bool word) {
  Decisions decisions;
  each_attribute_decision(token, word,
                          [&](unsigned number, bool bit) { decisions.emplace_back(number, bit); });
  return decisions;
}

std::vector<Token> tokens_of(const std::shared_ptr<const Vocabulary>& vocabulary, std::string_view text) {
  std::vector<Token> tokens;
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  Tokenizer(vocabulary).tokenize(bytes, tokens);
  return tokens;
}

TEST(AttributeDecisions, AreThoseThatTheModelCodes) {
  EXPECT_EQ(decisions_of({1, Separator::space, CaseClass::lower}, true),
            (Decisions{{0, true}, {3, true}, {6, true}}));
  EXPECT_EQ(decisions_of({1, Separator::none, CaseClass::upper}, true),
            (Decisions{{0, false}, {1, false}, {2, true}, {5, false}, {8, false}}));
  EXPECT_EQ(decisions_of({1, Separator::newline, CaseClass::capital}, true),
            (Decisions{{0, false}, {1, true}, {4, true}, {7, false}, {10, true}}));
  EXPECT_EQ(decisions_of({1, Separator::space, CaseClass::lower}, false), (Decisions{{0, true}, {3, false}}));
}

TEST(AttributeDecisions, EachHasItsOwnNumber) {
  std::vector<bool> used(attribute_decisions);
  for (const Stage stage : {Stage::word, Stage::lower, Stage::capital})
    for (unsigned separator = 0; separator < decided_separators; ++separator)
      used.at(attribute_decision(stage, separator)) = true;
  EXPECT_EQ(std::count(used.begin(), used.end(), true), 9);
  EXPECT_FALSE(used[attribute_decision(Stage::space, 0)]);
  EXPECT_FALSE(used[attribute_decision(Stage::newline, 0)]);
}

// Those of the built-in file.
TEST(AttributeDecisions, AreKnownOfEnglishBeforehand) {
  const auto vocabulary = Vocabulary::builtin();
  const FirstValues* const values = FirstValuesFile::builtin().find("text");
  ASSERT_EQ(values->attributes, attribute_decisions);
  ASSERT_EQ(values->attribute_classes, 1u << class_bits);
  const auto logit = [&](std::string_view before, Stage stage, Separator separator) {
    const Token last = tokens_of(vocabulary, before).back();
    const std::size_t row = attribute_decision(stage, static_cast<unsigned>(separator));
    return static_cast<std::int8_t>(values->attribute_logits[row * values->attribute_classes +
                                                             vocabulary->distributional_class(last.lexeme)]);
  };
  EXPECT_GT(logit("and ,", Stage::space, Separator::none), logit("and (", Stage::space, Separator::none));
  EXPECT_GT(logit("of the", Stage::word, Separator::space), 0);
  EXPECT_GT(logit("of the", Stage::lower, Separator::space),
            logit("he said.", Stage::lower, Separator::space));
}

}  // namespace
}  // namespace ssmz::codec
