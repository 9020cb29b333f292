// SPDX-License-Identifier: Apache-2.0
// Lines that are filled to a width are told from others, and their ends say how long the next word is.
#include "codec/text/line_wrap.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

constexpr std::array<const char*, 6> words = {"a", "of", "the", "which", "government", "international"};
constexpr unsigned width = 60;

class Rig {
 public:
  Rig() : wrap_(*vocabulary_, tree_) {}

  void read(const std::string& text) {
    for (const Token token : tokens_of(text)) {
      std::array<std::uint8_t, max_token_bytes> bytes{};
      const std::size_t size = spell(*vocabulary_, token, bytes.data());
      wrap_.begin(token.separator);
      if (bytes[size - 1] > ' ')
        wrap_.learn(static_cast<unsigned>(vocabulary_->spelling(token.lexeme).size()));
      wrap_.push({bytes.data(), size});
    }
  }

  /// What a separator adds to the logarithm of the probability of a word that the vocabulary expects.
  double gain(Separator separator, const std::string& word) {
    const LexemeId lexeme = tokens_of(word).at(0).lexeme;
    wrap_.begin(separator);
    const auto logistic = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
    const CodeTree::Path path = tree_.path(lexeme);
    std::uint32_t node = tree_.root(true);
    double sum = 0.0;
    for (unsigned i = 0; i < path.depth; ++i) {
      const unsigned bit = path.bits >> i & 1;
      const double prior = std::log(tree_.prior(node) / (65536.0 - tree_.prior(node)));
      const double sign = bit ? 1.0 : -1.0;
      sum += std::log(logistic(sign * (prior + wrap_.shift(node))) / logistic(sign * prior));
      node = tree_.child(node, bit);
    }
    return sum;
  }

  LineWrap& wrap() { return wrap_; }

 private:
  std::vector<Token> tokens_of(const std::string& text) const {
    std::vector<Token> tokens;
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    Tokenizer(vocabulary_).tokenize({bytes, text.size()}, tokens);
    return tokens;
  }

  std::shared_ptr<const Vocabulary> vocabulary_ = Vocabulary::builtin();
  const CodeTree& tree_ = vocabulary_->tables().tree();
  LineWrap wrap_;
};

/// Words in lines filled to the width, or broken anywhere; `indent` behind each line's end.
std::string text_of(bool filled, const std::string& indent) {
  std::mt19937 random(3);
  std::string text = "which", line = text;
  for (unsigned i = 0; i < 40000; ++i) {
    const std::string word = words[random() % words.size()];
    const bool ends = filled ? line.size() + 1 + word.size() > width : random() % 9 == 0;
    text += ends ? "\n" + indent + word : " " + word;
    line = ends ? indent + word : line + " " + word;
  }
  return text + "\n" + indent;
}

std::string line_of(unsigned size) {
  std::string line = "which";
  while (line.size() + 3 <= size) line += " a";
  return line;
}

TEST(LineWrap, TellsFilledLinesFromOthers) {
  for (const std::string indent : {"", "    "}) {
    const bool indented = !indent.empty();
    Rig filled, ragged;
    filled.read(text_of(true, indent) + line_of(57));
    ragged.read(text_of(false, indent) + line_of(57));
    EXPECT_TRUE(filled.wrap().wraps(indented));
    EXPECT_FALSE(filled.wrap().wraps(!indented)) << "no such line was read";
    EXPECT_FALSE(ragged.wrap().wraps(indented));
    Rig early;
    early.read(text_of(true, indent) + line_of(20));
    EXPECT_FALSE(early.wrap().wraps(indented)) << "there was room for any word";
  }
}

TEST(LineWrap, SaysHowLongTheNextWordIs) {
  Rig rig;
  rig.read(text_of(true, "") + line_of(50));
  EXPECT_GT(rig.gain(Separator::newline, "international"), 1.0);
  EXPECT_LT(rig.gain(Separator::newline, "the"), -1.0);
  EXPECT_LT(rig.gain(Separator::space, "international"), -1.0);
  EXPECT_GT(rig.gain(Separator::space, "the"), 0.0);
  EXPECT_EQ(rig.gain(Separator::none, "the"), 0.0);
}

TEST(LineWrap, SaysNothingWhereLinesEndAnywhere) {
  Rig rig;
  rig.read(text_of(false, "") + line_of(31));
  for (const Separator separator : {Separator::newline, Separator::space})
    for (const char* const word : words) EXPECT_NEAR(rig.gain(separator, word), 0.0, 0.7) << word;
}

}  // namespace
}  // namespace ssmz::codec
