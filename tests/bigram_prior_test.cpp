// SPDX-License-Identifier: Apache-2.0
// Bigrams of a vocabulary: trained, written, read, walked; damaged sections are refused.
#include "codec/vocabulary/bigram_prior.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/training/bigram_trainer.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec {
namespace {

// "hello" is followed by "the", "mc" by "donald", often enough to be kept.
std::vector<std::uint8_t> section_of(const std::shared_ptr<const Vocabulary>& vocabulary, std::size_t size) {
  std::string text;
  for (unsigned i = 0; i < 3000; ++i) text += i % 3 ? "hello the [[" : "mc donald he ";
  const CorpusText corpus{std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), 6};
  return train_bigrams(vocabulary, size, std::span(&corpus, 1), {}).value();
}

// Logit shift of the last decision on the way to `next` after `last`, and of all of them summed.
float shift_towards(const Vocabulary& vocabulary, const BigramPrior& prior, std::string_view last,
                    std::string_view next) {
  const CodeTree& tree = vocabulary.tables().tree();
  const LexemeId target = samples::find(vocabulary, next);
  const CodeTree::Path path = tree.path(target);
  BigramPrior::Place place =
      prior.lexeme_root(samples::find(vocabulary, last), false, vocabulary.is_word(target));
  BigramPrior::Place by_class =
      prior.class_root(samples::find(vocabulary, last), false, vocabulary.is_word(target));
  float sum = 0.0f;
  for (unsigned i = 0; i < path.depth; ++i) {
    const unsigned bit = path.bits >> i & 1u;
    const float shift = prior.shift(place) + prior.shift(by_class);
    sum += bit ? shift : -shift;
    place = prior.child(place, bit);
    by_class = prior.child(by_class, bit);
  }
  return sum;
}

TEST(BigramPriorTest, ForeseesWhatTheCorpusHadAfterALexeme) {
  const auto vocabulary = samples::small_vocabulary();
  const auto section = section_of(vocabulary, 4000);
  ASSERT_FALSE(section.empty());
  const auto prior = BigramPrior::read(section, *vocabulary, vocabulary->tables().tree());
  ASSERT_TRUE(prior.ok()) << prior.status().detail;
  EXPECT_GT(shift_towards(*vocabulary, prior.value(), "hello", "the"), 1.0f);
  EXPECT_GT(shift_towards(*vocabulary, prior.value(), "mc", "donald"), 1.0f);
  EXPECT_LT(shift_towards(*vocabulary, prior.value(), "mc", "then"),
            shift_towards(*vocabulary, prior.value(), "mc", "donald"));
}

TEST(BigramPriorTest, SaysNothingWithoutASection) {
  const auto vocabulary = samples::small_vocabulary();
  const auto prior = BigramPrior::read({}, *vocabulary, vocabulary->tables().tree());
  ASSERT_TRUE(prior.ok());
  for (LexemeId id = 0; id <= vocabulary->spelled(); ++id) {
    EXPECT_EQ(prior.value().lexeme_root(id, false, true), 0u);
    EXPECT_EQ(prior.value().class_root(id, true, false), 0u);
  }
  EXPECT_EQ(prior.value().shift(0), 0.0f);
}

TEST(BigramPriorTest, StaysWithinTheSizeAskedFor) {
  const auto vocabulary = samples::small_vocabulary();
  const auto large = section_of(vocabulary, 4000);
  const auto small = section_of(vocabulary, large.size() - 4);
  EXPECT_LE(large.size(), 4000u);
  EXPECT_LE(small.size(), large.size() - 4);
  EXPECT_TRUE(section_of(vocabulary, 10).empty());
}

// Whatever is flipped: refused, or read and walked within bounds.
TEST(BigramPriorTest, RefusesOrSurvivesEachFlippedBitAndEachCut) {
  const auto vocabulary = samples::small_vocabulary();
  const CodeTree& tree = vocabulary->tables().tree();
  const auto section = section_of(vocabulary, 4000);
  const auto walk = [&](std::span<const std::uint8_t> bytes) {
    const auto prior = BigramPrior::read(bytes, *vocabulary, tree);
    if (!prior.ok()) {
      EXPECT_EQ(prior.status().code, Code::vocabulary_damaged);
      return false;
    }
    return shift_towards(*vocabulary, prior.value(), "hello", "the") < 1000.0f;
  };
  for (std::size_t bit = 0; bit < section.size() * 8; ++bit) {
    std::vector<std::uint8_t> flipped = section;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    walk(flipped);
  }
  for (std::size_t size = 1; size < section.size(); ++size)
    EXPECT_FALSE(walk(std::span(section).first(size)));
}

}  // namespace
}  // namespace ssmz::codec
