// SPDX-License-Identifier: Apache-2.0
// Chains learn what a history is worth, and pass on what they have nothing to add to.
#include "codec/predict/history_chain.hpp"

#include <gtest/gtest.h>

namespace ssmz::codec {
namespace {

TEST(HistoryChain, PassesOnWhatItHasNoHistoryFor) {
  HistoryChain chain(2, 1);
  chain.begin(0);
  EXPECT_EQ(chain.refine(0, -1, 1.25f), 1.25f);
  chain.update(1);
  EXPECT_EQ(chain.refine(0, -1, 1.25f), 1.25f);
}

TEST(HistoryChain, BeginsWithWhatAHistorySays) {
  HistoryChain chain(1, 1);
  constexpr int run_of_zeros = 256, run_of_ones = 256 + 64;
  EXPECT_LT(chain.refine(0, run_of_zeros, 0.0f), 0.0f);
  EXPECT_GT(chain.refine(0, run_of_ones, 0.0f), 0.0f);
}

TEST(HistoryChain, LearnsEachHistoryOfEachPhaseAlone) {
  HistoryChain chain(1, 2);
  constexpr int kind = 300;
  const float before = chain.refine(0, kind, 1.0f), other = chain.refine(0, kind + 1, 1.0f);
  for (int i = 0; i < 500; ++i) {
    chain.refine(0, kind, 1.0f);
    chain.update(1);
  }
  EXPECT_GT(chain.refine(0, kind, 1.0f), before + 1.0f);
  EXPECT_EQ(chain.refine(0, kind + 1, 1.0f), other);
  chain.begin(1);
  EXPECT_EQ(chain.refine(0, kind, 1.0f), before);
}

}  // namespace
}  // namespace ssmz::codec
