// SPDX-License-Identifier: Apache-2.0
// Groups of slots: what they learn, apart from each other, and copies.
#include "codec/jpeg/slot_groups.hpp"

#include <gtest/gtest.h>

namespace ssmz::codec {
namespace {

constexpr unsigned contexts = 2, kinds = 3;

/// Inputs of a decision in the groups of these contexts.
std::array<float, 4> inputs(SlotGroups& groups, std::uint64_t first, std::uint64_t second, unsigned node,
                            unsigned kind = 0) {
  std::array<float, 4> found{};
  groups.begin();
  groups.add(hash_mix(first, 1), true);
  groups.add(hash_mix(second, 2));
  groups.predict(node, kind, found.data());
  return found;
}

TEST(SlotGroups, LearnByContextAndNode) {
  SlotGroups groups(contexts, kinds, 10);
  EXPECT_EQ(groups.input_count(), 4u);
  for (int time = 0; time < 50; ++time) {
    inputs(groups, 5, 7, 2);
    groups.update(1);
    inputs(groups, 6, 7, 2);
    groups.update(0);
  }
  const auto ones = inputs(groups, 5, 7, 2), zeros = inputs(groups, 6, 7, 2), fresh = inputs(groups, 9, 9, 2);
  EXPECT_GT(ones[0], 3.0f);
  EXPECT_LT(zeros[0], -3.0f);
  EXPECT_NEAR(ones[1], 0.0f, 0.5f) << "both came there";
  EXPECT_GT(ones[2], 1.0f) << "by its history";
  EXPECT_EQ(fresh[0], 0.0f);
  EXPECT_EQ(inputs(groups, 5, 7, 3)[0], 0.0f) << "another node";
}

TEST(SlotGroups, SplitContextsGoOnApart) {
  SlotGroups groups(contexts, kinds, 10);
  std::array<float, 4> found{};
  for (int time = 0; time < 40; ++time) {
    const unsigned side = time % 2;
    inputs(groups, 1, 1, 0);
    groups.update(0);
    groups.split(100 + side);
    groups.predict(1, 1, found.data());
    groups.update(side);
  }
  inputs(groups, 1, 1, 0);
  groups.split(101);
  groups.predict(1, 1, found.data());
  EXPECT_GT(found[0], 2.0f);
  EXPECT_NEAR(found[1], 0.0f, 0.5f);
}

TEST(SlotGroups, CopiesGoOnByThemselves) {
  SlotGroups groups(contexts, kinds, 8);
  inputs(groups, 1, 2, 0);
  groups.update(1);
  SlotGroups copy = groups;
  const auto before = inputs(copy, 1, 2, 0);
  for (int time = 0; time < 30; ++time) {
    inputs(groups, 1, 2, 0);
    groups.update(0);
  }
  EXPECT_EQ(inputs(copy, 1, 2, 0), before);
  EXPECT_NE(inputs(groups, 1, 2, 0), before);
}

// As many groups as there are: the one that was met least goes.
TEST(SlotGroups, ATableThatIsFullKeepsWhatCameOften) {
  SlotGroups groups(contexts, kinds, 4);
  for (int time = 0; time < 100; ++time) {
    inputs(groups, 1, 1, 0);
    groups.update(1);
  }
  for (std::uint64_t other = 10; other < 14; ++other) {
    inputs(groups, other, other, 0);
    groups.update(0);
  }
  EXPECT_GT(inputs(groups, 1, 1, 0)[0], 3.0f);
}

}  // namespace
}  // namespace ssmz::codec
