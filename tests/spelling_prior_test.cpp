// SPDX-License-Identifier: Apache-2.0
// The spelling prior: it knows what the vocabulary's words teach, and says nothing of what they do not.
#include "codec/vocabulary/spelling_prior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string_view>

#include "codec/predict/logistic.hpp"
#include "codec/vocabulary/derived_tables.hpp"

namespace ssmz::codec {
namespace {

// Bits of the letters of `word` and its end when each order is believed alone.
double cost(const Vocabulary& vocabulary, std::string_view word, unsigned order) {
  const CodeTree& tree = vocabulary.tables().tree();
  double bits = 0;
  std::uint64_t letters = 0;
  for (std::size_t k = 0; k <= word.size(); ++k) {
    const unsigned letter = k < word.size() ? static_cast<std::uint8_t>(word[k]) : CodeTree::end_letter;
    const CodeTree::Path path = tree.letter_path(letter);
    std::uint32_t node = tree.letter_root();
    for (unsigned i = 0; i < path.depth; ++i) {
      float logits[SpellingPrior::inputs];
      vocabulary.tables().spelling_prior().predict(letters, node, logits);
      const unsigned bit = path.bits >> i & 1u;
      bits -= std::log2(squash(bit ? logits[order] : -logits[order]));
      node = tree.child(node, bit);
    }
    letters = letters << 8 | letter;
  }
  return bits;
}

TEST(SpellingPrior, FindsWordsOfTheLanguageLikelierThanTheSameLettersInDisorder) {
  const auto vocabulary = Vocabulary::builtin();
  for (unsigned order = 0; order < SpellingPrior::inputs; ++order) {
    EXPECT_LT(cost(*vocabulary, "dislocations", order), 0.8 * cost(*vocabulary, "oditnsalsicos", order))
        << order;
    EXPECT_LT(cost(*vocabulary, "overstepping", order), 0.8 * cost(*vocabulary, "pvpngersteoi", order))
        << order;
  }
}

TEST(SpellingPrior, SaysNothingOfLettersThatNoWordHolds) {
  const auto vocabulary = Vocabulary::builtin();
  const CodeTree& tree = vocabulary->tables().tree();
  float logits[SpellingPrior::inputs] = {1, 1, 1};
  vocabulary->tables().spelling_prior().predict(0x91f391f391f391f3u, tree.letter_root(), logits);
  for (const float logit : logits) EXPECT_EQ(logit, 0.0f);
}

TEST(SpellingPrior, IsTheSameEachTime) {
  const auto vocabulary = Vocabulary::builtin();
  const CodeTree& tree = vocabulary->tables().tree();
  const SpellingPrior a(*vocabulary, tree);
  const SpellingPrior b(*vocabulary, tree);
  for (std::uint32_t node = 0; node < tree.letter_nodes(); ++node) {
    float left[SpellingPrior::inputs], right[SpellingPrior::inputs];
    a.predict(0x746865, node, left);
    b.predict(0x746865, node, right);
    for (unsigned i = 0; i < SpellingPrior::inputs; ++i) ASSERT_EQ(left[i], right[i]);
  }
}

}  // namespace
}  // namespace ssmz::codec
