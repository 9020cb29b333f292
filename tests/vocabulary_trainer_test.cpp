// SPDX-License-Identifier: Apache-2.0
// The trainer: a sound file from any corpus, the same one each time, with the corpus's words in it.
#include "codec/training/vocabulary_trainer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec {
namespace {

std::string made_up_text(unsigned seed) {
  const char* words[] = {"The",    "compressor", "reads", "a",    "file", "and",
                         "writes", "another",    "one",   "that", "is",   "much",
                         "less",   "long",       "than",  "it",   "was",  "before"};
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < 200000) {
    text += words[random() % std::size(words)];
    text += random() % 10 == 0 ? ".\n" : " ";
    if (random() % 50 == 0) text += "(&quot;" + std::to_string(random() % 100) + "&quot;) ";
  }
  return text;
}

Result<std::vector<std::uint8_t>> train(const std::string& text, std::size_t size,
                                        const TrainingProgress& progress) {
  const CorpusText corpus{{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, 2};
  return train_vocabulary({size}, std::span(&corpus, 1), progress);
}

TEST(VocabularyTrainer, LearnsTheWordsOfTheCorpus) {
  const auto file = train(made_up_text(1), 512, {});
  ASSERT_TRUE(file.ok());
  const auto vocabulary = Vocabulary::parse(file.value());
  ASSERT_TRUE(vocabulary.ok()) << vocabulary.status().detail;
  EXPECT_LE(vocabulary.value()->size(), 512u);
  for (const char* word : {"compressor", "the", "another", "&quot;"}) {
    const LexemeId id = samples::find(*vocabulary.value(), word);
    ASSERT_LT(id, vocabulary.value()->size()) << word;
    EXPECT_GT(vocabulary.value()->weight(id), 100u);
  }
}

TEST(VocabularyTrainer, GivesTheSameFileEachTime) {
  EXPECT_EQ(train(made_up_text(2), 512, {}).value(), train(made_up_text(2), 512, {}).value());
}

TEST(VocabularyTrainer, TakesAnyCorpus) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(100000, '\0'), std::string(70000, 'A'),
        std::string(70000, ' '), std::string("\xff\xfe\x80") + std::string(300, '\xe3')}) {
    const auto file = train(text, 1000, {});
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(Vocabulary::parse(file.value()).ok());
  }
  EXPECT_TRUE(Vocabulary::parse(train_vocabulary({}, {}, {}).value()).ok());
}

TEST(VocabularyTrainer, RefusesSizesAndWeightsOutOfRange) {
  const CorpusText weightless{{}, 0};
  EXPECT_EQ(train_vocabulary({100}, {}, {}).status().code, Code::bad_argument);
  EXPECT_EQ(train_vocabulary({std::size_t{1} << 21}, {}, {}).status().code, Code::bad_argument);
  EXPECT_EQ(train_vocabulary({}, std::span(&weightless, 1), {}).status().code, Code::bad_argument);
}

TEST(VocabularyTrainer, StopsWhenTheCallbackSaysSo) {
  for (int stop = 0; stop < 4; ++stop) {
    int calls = 0;
    const auto result = train(made_up_text(3), 512, [&](const char*, double) { return calls++ < stop; });
    EXPECT_EQ(result.status().code, Code::cancelled);
  }
}

TEST(VocabularyTrainer, ReportsSharesBetweenNoneAndAll) {
  const auto result = train(made_up_text(4), 512, [](const char* stage, double share) {
    EXPECT_NE(stage, nullptr);
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
    return true;
  });
  EXPECT_TRUE(result.ok());
}

}  // namespace
}  // namespace ssmz::codec
