// SPDX-License-Identifier: Apache-2.0
// The tokenizer: every byte string comes back, and text is cut the way the token model says.
#include "codec/vocabulary/tokenizer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec {
namespace {

std::vector<Token> tokenize(const std::shared_ptr<const Vocabulary>& vocabulary, std::string_view text) {
  std::vector<Token> tokens;
  Tokenizer(vocabulary).tokenize({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, tokens);
  return tokens;
}

std::string spell_all(const Vocabulary& vocabulary, const std::vector<Token>& tokens) {
  std::string text;
  std::uint8_t buffer[max_token_bytes];
  for (const Token& token : tokens) {
    text.append(reinterpret_cast<const char*>(buffer), spell(vocabulary, token, buffer));
  }
  return text;
}

// "_word" has a space before it, "/word" a newline; "^"
// and "^^" mark capital and upper case. A spelled word is
// "{letters}".
std::string describe(const Vocabulary& vocabulary, const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (token.separator == Separator::spelled) {
      text += token.lexeme == vocabulary.spelled() ? "}" : vocabulary.spelling(token.lexeme);
      continue;
    }
    if (!text.empty()) text += '|';
    text += std::string_view("\0_/", 3).substr(static_cast<std::size_t>(token.separator),
                                               token.separator != Separator::none);
    text.append(static_cast<std::size_t>(token.letter_case), '^');
    text += token.lexeme == vocabulary.spelled() ? "{" : vocabulary.spelling(token.lexeme);
  }
  return text;
}

class BothVocabularies : public testing::TestWithParam<bool> {
 protected:
  std::shared_ptr<const Vocabulary> vocabulary_ =
      GetParam() ? Vocabulary::builtin() : samples::small_vocabulary();
  Tokenizer tokenizer_{vocabulary_};

  void expect_back(std::string_view text) {
    std::vector<Token> tokens;
    tokenizer_.tokenize({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, tokens);
    ASSERT_EQ(spell_all(*vocabulary_, tokens), text);
    bool spelling = false;
    for (const Token& token : tokens) expect_sound(token, spelling);
    ASSERT_FALSE(spelling);
  }

  // Letters come between a spelled word's beginning and its end, and nowhere else.
  void expect_sound(Token token, bool& spelling) const {
    ASSERT_EQ(token.separator == Separator::spelled, spelling);
    if (token.lexeme == vocabulary_->spelled()) {
      spelling = !spelling;
      return;
    }
    ASSERT_TRUE(!spelling || vocabulary_->spelling(token.lexeme).size() == 1);
    const char first = vocabulary_->spelling(token.lexeme)[0];
    const bool starts_with_letter = first >= 'a' && first <= 'z';
    ASSERT_TRUE(spelling || starts_with_letter || token.letter_case == CaseClass::lower);
  }
};

INSTANTIATE_TEST_SUITE_P(SmallAndBuiltin, BothVocabularies, testing::Bool(),
                         [](const auto& run) { return run.param ? "Builtin" : "Small"; });

TEST_P(BothVocabularies, EverySingleByteComesBack) {
  for (int byte = 0; byte < 256; ++byte) expect_back(std::string(1, static_cast<char>(byte)));
}

TEST_P(BothVocabularies, EveryPairOfBytesComesBack) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      expect_back(std::string{static_cast<char>(first), static_cast<char>(second)});
    }
  }
}

TEST_P(BothVocabularies, EmptyTextGivesNoTokens) { EXPECT_TRUE(tokenize(vocabulary_, "").empty()); }

TEST_P(BothVocabularies, RandomBytesComeBack) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string text(random() % 20000, '\0');
    for (char& c : text) c = static_cast<char>(random());
    expect_back(text);
  }
}

TEST_P(BothVocabularies, RandomStringsOverFewBytesComeBack) {
  std::mt19937 random(2);
  const std::string alphabet = "theTHE  \n\r\t\"'[]&;\xc3\xa9mcdonald09";
  for (int round = 0; round < 3000; ++round) {
    const std::size_t letters = 1 + random() % alphabet.size();
    const std::size_t first = random() % alphabet.size();
    std::string text(random() % 300, '\0');
    for (char& c : text) c = alphabet[(first + random() % letters) % alphabet.size()];
    expect_back(text);
  }
}

TEST_P(BothVocabularies, RunsLongerThanTheSegmentersWindowComeBack) {
  for (std::size_t size : {4095u, 4096u, 4097u, 100000u}) {
    for (char c : {'a', 'A', ' ', '\n', '\t', '0', '-', '\0', '\xff'}) expect_back(std::string(size, c));
    expect_back(std::string(1, ' ').append(size, 'T').append("he "));
  }
}

TEST_P(BothVocabularies, ShapesOfTheCanterburyFilesComeBack) {
  expect_back(
      "                ALICE'S ADVENTURES IN WONDERLAND\n\n                          Lewis Carroll\n");
  expect_back("  `Oh dear!  Oh dear!\r\nI shall be late!'  (when she thought it over\r\n");
  expect_back("#ifdef STDC_HEADERS\n\tint\t\tn; /* NZ if */\n  return (x->y[i++]);\n#endif\n\x1a");
  expect_back("<TD ALIGN=CENTER><A HREF=\"http://WWW.a.b/~c\">McDonald's</A></TD>\r\n");
  expect_back("(defun x (a)\n  \"Doc.\"\n  (if (eq a 'b) nil))\n");
  expect_back(".TH XARGS 1L \\\" -*- nroff -*-\n.B \\-\\-eof\n");
  expect_back(std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0\0\0\0\0>\0\3\0\xfe\xff\t\0", 24));
}

TEST_P(BothVocabularies, TheSameBytesGiveTheSameTokens) {
  const std::string text = "The then THE mcdonald McDonald MCDONALD hello Hello hEllo";
  EXPECT_EQ(tokenize(vocabulary_, text), tokenize(vocabulary_, text));
}

// Ten thousand words share the places of a thousand, and come with every separator.
TEST(Tokenizer, RecentRunsNeverChangeAToken) {
  const std::shared_ptr<const Vocabulary> vocabulary = Vocabulary::builtin();
  const Tokenizer tokenizer(vocabulary);
  RecentRuns recent;
  std::mt19937 random(7);
  for (int part = 0; part < 4; ++part) {
    std::string text;
    for (int word = 0; word < 10000; ++word) {
      const std::string_view spelling = vocabulary->spelling(static_cast<LexemeId>(random() % 3000 * 5));
      text.append(spelling).append(word % 7 ? "" : spelling).append(1, " \n\t "[random() % 4]);
    }
    const std::span<const std::uint8_t> bytes{reinterpret_cast<const std::uint8_t*>(text.data()),
                                              text.size()};
    std::vector<Token> tokens;
    tokenizer.tokenize(bytes, tokens, recent);
    EXPECT_EQ(tokens, tokenize(vocabulary, text));
  }
}

TEST(Tokenizer, TakesSpaceOrNewlineIntoTheTokenThatFollows) {
  const auto vocabulary = samples::small_vocabulary();
  const auto cut = [&](std::string_view text) { return describe(*vocabulary, tokenize(vocabulary, text)); };
  EXPECT_EQ(cut("the the"), "the|_the");
  EXPECT_EQ(cut("the\nthe"), "the|/the");
  EXPECT_EQ(cut("the\tthe"), "the|\t|the");
  EXPECT_EQ(cut("the   the"), "the|  |_the");
  EXPECT_EQ(cut("the\n\nthe"), "the|\n|/the");
  EXPECT_EQ(cut("the\r\nthe"), "the|\r|/the");
  EXPECT_EQ(cut("the \n"), "the| |\n");
  EXPECT_EQ(cut(" the"), "_the");
  EXPECT_EQ(cut("the]] the"), "the|]]|_the");
}

TEST(Tokenizer, FactorsTheCaseOut) {
  const auto vocabulary = samples::small_vocabulary();
  const auto cut = [&](std::string_view text) { return describe(*vocabulary, tokenize(vocabulary, text)); };
  EXPECT_EQ(cut("Hello"), "^hello");
  EXPECT_EQ(cut("HELLO"), "^^hello");
  EXPECT_EQ(cut("McDonald"), "^mc|^donald");
  EXPECT_EQ(cut("theDonald"), "the|^donald");
  EXPECT_EQ(cut("THEdonald"), "^^the|donald");
  EXPECT_EQ(cut("O'"), "^o'");
  EXPECT_EQ(cut("A"), "^a");
  EXPECT_EQ(cut("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(cut("CAF\xc3\xa9"), "^^caf\xc3\xa9");
  EXPECT_EQ(cut("&quot;"), "&quot;");
  EXPECT_EQ(cut("&QUOT;"), "&|^^{quot}|;");
}

TEST(Tokenizer, SpellsWordsThatItsLexemesSpellBadly) {
  const auto vocabulary = Vocabulary::builtin();
  const auto cut = [&](std::string_view text) { return describe(*vocabulary, tokenize(vocabulary, text)); };
  EXPECT_EQ(cut("the zxqvkw."), "the|_{zxqvkw}|.");
  EXPECT_EQ(cut("Zxqvkw ZXQVKW"), "^{zxqvkw}|_^^{zxqvkw}");
  EXPECT_EQ(cut("zxqvkw-zxqvkw"), "{zxqvkw}|-|{zxqvkw}");
  EXPECT_EQ(cut("z\xc3\xa9xqv\xc3\xa9kw"), "{z\xc3\xa9xqv\xc3\xa9kw}");
  EXPECT_EQ(cut("zxqvkw\xe2\x80\x9d"), "{zxqvkw}|\xe2\x80\x9d");
}

TEST(Tokenizer, SpellsNothingIfToldSo) {
  const auto vocabulary = Vocabulary::builtin();
  const std::string_view text = "the zxqvkw";
  std::vector<Token> tokens;
  Tokenizer(vocabulary, Spelling::off)
      .tokenize({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, tokens);
  for (const Token& token : tokens) EXPECT_LT(token.lexeme, vocabulary->spelled());
  EXPECT_EQ(spell_all(*vocabulary, tokens), text);
}

TEST(Tokenizer, DigitsStandAlone) {
  const auto vocabulary = Vocabulary::builtin();
  EXPECT_EQ(tokenize(vocabulary, "1990").size(), 4u);
  EXPECT_EQ(describe(*vocabulary, tokenize(vocabulary, "in 1990")), "in|_1|9|9|0");
}

TEST(Tokenizer, BuiltinVocabularyCutsPlainEnglishAtWords) {
  const auto vocabulary = Vocabulary::builtin();
  EXPECT_EQ(describe(*vocabulary, tokenize(vocabulary, "The quick brown horse jumps\nover the lazy dog.")),
            "^the|_quick|_brown|_horse|_jumps|/over|_the|_lazy|_dog|.");
}

}  // namespace
}  // namespace ssmz::codec
