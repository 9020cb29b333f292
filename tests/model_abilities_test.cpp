// SPDX-License-Identifier: Apache-2.0
// A few of the special abilities, small enough for every run; ssmz-abilities has the whole table.
#include <gtest/gtest.h>

#include <string>

#include "model/zoo/ability_tasks.hpp"

namespace ssmz::model {
namespace {

/// Accuracy of the layer, twice in a stack, on the task called `name`.
float accuracy(const std::string& layer, const std::string& name, std::size_t number, std::size_t chunks) {
  AbilityLimits limits;
  limits.chunks = chunks;
  for (const AbilityTask& task : ability_tasks()) {
    if (task.name != name || task.number != number) continue;
    auto score = measure_ability(layer + " | " + layer, task, limits);
    EXPECT_TRUE(score.ok()) << score.failure().message;
    return score.ok() ? score.value().accuracy : -1.0f;
  }
  ADD_FAILURE() << "no such task: " << name;
  return -1.0f;
}

TEST(ModelAbilities, AttentionRecallsPairsInItsWindow) {
  EXPECT_GT(accuracy("swa:h2,w32", "recall", 4, 1500), 0.9f);
}

TEST(ModelAbilities, DeltaRuleRecallsPairs) {
  EXPECT_GT(accuracy("gdn:h2,dk16,dv32", "recall", 4, 2000), 0.9f);
}

TEST(ModelAbilities, FixedDecaysCannotRecallPairs) {
  EXPECT_LT(accuracy("s4d:n16", "recall", 4, 1000), 0.5f);
}

TEST(ModelAbilities, NegativeEigenvaluesCountParity) {
  EXPECT_GT(accuracy("gdn:h2,dk16,dv32,neg,ladder=4/8192", "count", 2, 1500), 0.9f);
}

TEST(ModelAbilities, EpisodesAskWhatTheyBound) {
  Random random(3);
  std::vector<AbilityToken> tokens;
  append_episode("rebind", 4, 0, random, tokens);
  ASSERT_EQ(tokens.size(), 1u + 2 * 6 + 4);
  for (std::size_t i = 13; i < 17; ++i) {
    std::size_t newest = 0;
    for (std::size_t j = 1; j < 13; j += 2) {
      if (tokens[j].symbol == tokens[i].symbol) newest = j;
    }
    ASSERT_GT(newest, 0u);
    EXPECT_EQ(tokens[i].answer, static_cast<int>(tokens[newest + 1].symbol));
  }
}

}  // namespace
}  // namespace ssmz::model
