// SPDX-License-Identifier: Apache-2.0
// The code trees: every lexeme is reached by its path, depth is bounded, priors follow the weights.
#include "codec/vocabulary/code_tree.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "codec/base/ascii.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint32_t leaf = CodeTree::leaf_flag;

std::vector<TreeShape> shapes() {
  return {{},
          {TreeShape::Order::lexicographic, 12},
          {TreeShape::Order::distributional, 0},
          {TreeShape::Order::distributional, 31}};
}

void expect_sound(const Vocabulary& vocabulary, const CodeTree& tree) {
  ASSERT_LE(tree.max_depth(), 60u);
  std::vector<unsigned> parents(tree.inner_count(), 0);
  for (std::uint32_t node = 0; node < tree.inner_count(); ++node) {
    EXPECT_GE(tree.prior(node), 1);
    for (unsigned bit = 0; bit < 2; ++bit) {
      const std::uint32_t child = tree.child(node, bit);
      if (child & leaf) continue;
      ASSERT_GT(child, node);
      ASSERT_LT(child, tree.inner_count());
      ++parents[child];
    }
  }
  for (std::uint32_t node = 0; node < tree.inner_count(); ++node) {
    EXPECT_EQ(parents[node],
              node == tree.root(true) || node == tree.root(false) || node == tree.letter_root() ? 0u : 1u);
  }
  unsigned deepest = 0;
  for (LexemeId id = 0; id <= vocabulary.spelled(); ++id) {
    const CodeTree::Path path = tree.path(id);
    std::uint32_t at = tree.root(vocabulary.is_word(id));
    for (unsigned i = 0; i < path.depth; ++i) {
      ASSERT_EQ(at & leaf, 0u);
      at = tree.child(at, static_cast<unsigned>(path.bits >> i & 1));
    }
    ASSERT_EQ(at, leaf | id);
    EXPECT_EQ(path.bits >> path.depth, 0u);
    deepest = std::max<unsigned>(deepest, path.depth);
  }
  EXPECT_EQ(deepest, tree.max_depth());
}

TEST(CodeTree, LeadsToEachLexemeByItsPath) {
  for (const TreeShape& shape : shapes()) {
    const auto small = samples::small_vocabulary();
    expect_sound(*small, CodeTree(*small, shape));
    expect_sound(*Vocabulary::builtin(), CodeTree(*Vocabulary::builtin(), shape));
  }
}

TEST(CodeTree, IsTheSameEachTime) {
  const auto vocabulary = Vocabulary::builtin();
  const CodeTree a(*vocabulary);
  const CodeTree b(*vocabulary);
  ASSERT_EQ(a.inner_count(), b.inner_count());
  for (std::uint32_t node = 0; node < a.inner_count(); ++node) {
    ASSERT_EQ(a.child(node, 0), b.child(node, 0));
    ASSERT_EQ(a.child(node, 1), b.child(node, 1));
    ASSERT_EQ(a.prior(node), b.prior(node));
  }
}

TEST(CodeTree, HasOneInnerNodeLessThanLeavesInEachTree) {
  const auto vocabulary = Vocabulary::builtin();
  const CodeTree tree(*vocabulary);
  EXPECT_EQ(tree.letter_nodes(), 26u + 128u);  // and one leaf for the end
  EXPECT_EQ(tree.inner_count(), tree.letter_nodes() + vocabulary->size() + 1 - 2);
}

TEST(CodeTree, LeadsToEachLetterByItsPath) {
  const auto vocabulary = Vocabulary::builtin();
  const CodeTree tree(*vocabulary);
  for (unsigned letter = 0; letter <= CodeTree::end_letter; ++letter) {
    const CodeTree::Path path = tree.letter_path(letter);
    if (letter < 256 && !is_letter(static_cast<std::uint8_t>(letter))) {
      EXPECT_EQ(path.depth, 0u);
      continue;
    }
    std::uint32_t at = tree.letter_root();
    for (unsigned i = 0; i < path.depth; ++i) {
      ASSERT_LT(at, tree.letter_nodes());
      at = tree.child(at, static_cast<unsigned>(path.bits >> i & 1));
    }
    const LexemeId reached = at & ~CodeTree::leaf_flag;
    ASSERT_TRUE(at & CodeTree::leaf_flag);
    if (letter == CodeTree::end_letter) {
      EXPECT_EQ(reached, vocabulary->spelled());
    } else {
      EXPECT_EQ(vocabulary->spelling(reached), std::string(1, static_cast<char>(letter)));
    }
  }
}

// The product of the priors along a path is the lexeme's share of its tree, but for rounding.
TEST(CodeTree, PriorsMultiplyToTheLexemesShare) {
  const auto vocabulary = samples::small_vocabulary();
  const CodeTree tree(*vocabulary);
  double total[2] = {0, 0};
  for (LexemeId id = 0; id < vocabulary->size(); ++id)
    total[vocabulary->is_word(id)] += vocabulary->weight(id);
  for (LexemeId id = 0; id < vocabulary->size(); ++id) {
    double share = 1;
    std::uint32_t at = tree.root(vocabulary->is_word(id));
    const CodeTree::Path path = tree.path(id);
    for (unsigned i = 0; i < path.depth; ++i) {
      const bool one = path.bits >> i & 1;
      share *= one ? tree.prior(at) / 65536.0 : 1 - tree.prior(at) / 65536.0;
      at = tree.child(at, one);
    }
    EXPECT_NEAR(std::log2(share), std::log2(vocabulary->weight(id) / total[vocabulary->is_word(id)]), 0.1);
  }
}

TEST(CodeTree, CostsLittleMoreThanTheEntropyOfTheWeights) {
  const auto vocabulary = Vocabulary::builtin();
  const CodeTree tree(*vocabulary, {TreeShape::Order::distributional, 0});
  double total[2] = {0, 0}, entropy = 0, mean_depth = 0;
  for (LexemeId id = 0; id < vocabulary->size(); ++id)
    total[vocabulary->is_word(id)] += vocabulary->weight(id);
  for (LexemeId id = 0; id < vocabulary->size(); ++id) {
    entropy += vocabulary->weight(id) * std::log2(total[vocabulary->is_word(id)] / vocabulary->weight(id));
    mean_depth += vocabulary->weight(id) * double(tree.path(id).depth);
  }
  EXPECT_LT(mean_depth, 1.15 * entropy);
}

TEST(CodeTree, StaysUnderTheDepthLimitForAnyWeights) {
  auto drafts = samples::single_bytes();
  std::uint64_t weight = 1;
  for (auto& draft : drafts) {
    draft.weight = weight;
    draft.distributional_class = 7;
    weight = weight >= (std::uint64_t{1} << 31) ? 1 : weight * 2;
  }
  const auto vocabulary = Vocabulary::parse(write_vocabulary(drafts)).value();
  for (const TreeShape& shape : shapes()) expect_sound(*vocabulary, CodeTree(*vocabulary, shape));
}

TEST(CodeTree, KeepsClassesTogether) {
  auto drafts = samples::single_bytes();
  for (auto& draft : drafts) {
    draft.weight = 4;
    draft.distributional_class = static_cast<std::uint8_t>(draft.spelling[0]) % 2 == 0 ? 0x000 : 0x800;
  }
  const auto vocabulary = Vocabulary::parse(write_vocabulary(drafts)).value();
  const CodeTree tree(*vocabulary);
  for (LexemeId id = 0; id < vocabulary->size(); ++id) {
    EXPECT_EQ(tree.path(id).bits & 1, vocabulary->distributional_class(id) >> 11);
  }
}

}  // namespace
}  // namespace ssmz::codec
