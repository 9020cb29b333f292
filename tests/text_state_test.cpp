// SPDX-License-Identifier: Apache-2.0
// What the text model's state counts.
#include "codec/text/text_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  Tokenizer(Vocabulary::builtin())
      .tokenize({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, tokens);
  return tokens;
}

TextState state_after(const std::vector<Token>& tokens) {
  TextState state(Vocabulary::builtin());
  for (const Token& token : tokens) state.push(token);
  return state;
}

TEST(TextState, CountsEmptyLines) {
  EXPECT_EQ(state_after(tokenize("One line.\nAnother line.")).paragraphs(), 0u);
  EXPECT_EQ(state_after(tokenize("One.\n\nTwo\nlines.\n\nThree.")).paragraphs(), 2u);
}

TEST(TextState, CountsASpelledWordAsOneToken) {
  const std::vector<Token> tokens = tokenize("the zxqvwkjy was there");
  const auto letters = std::count_if(
      tokens.begin(), tokens.end(), [](const Token& token) { return token.separator == Separator::spelled; });
  ASSERT_GT(letters, 2);
  // What begins the word is no token of its own.
  EXPECT_EQ(state_after(tokens).tokens(), tokens.size() - static_cast<std::size_t>(letters));
}

}  // namespace
}  // namespace ssmz::codec
