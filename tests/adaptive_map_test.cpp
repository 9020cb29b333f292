// SPDX-License-Identifier: Apache-2.0
// Adaptive probabilities, by themselves and by interpolation.
#include "codec/predict/adaptive_map.hpp"

#include <gtest/gtest.h>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

TEST(AdaptiveMap, EntriesMoveAtARateThatFallsWithTheirCount) {
  AdaptiveMap map(2, 4);
  map.update(0, 1);
  EXPECT_NEAR(map.probability(0), 32768 + 32768 * 2 / 3, 2);
  EXPECT_EQ(map.probability(1), 32768u);
  for (unsigned i = 0; i < 10; ++i) map.update(0, 1);
  EXPECT_EQ(map.count(0), 4u);
}

TEST(Apm, BeginsWithWhatItIsGiven) {
  Apm apm(3, 255);
  for (const float logit : {-7.5f, -3.0f, 0.0f, 0.5f, 6.0f})
    EXPECT_NEAR(apm.refine(logit, 1), squash(logit), 1e-5f) << logit;
}

TEST(Apm, LearnsInItsContextAlone) {
  Apm apm(2, 255);
  for (unsigned i = 0; i < 200; ++i) {
    (void)apm.refine(1.0f, 0);
    apm.update(0);
  }
  EXPECT_LT(apm.refine(1.0f, 0), 0.1f);
  EXPECT_NEAR(apm.refine(1.0f, 1), squash(1.0f), 1e-5f);
  EXPECT_NEAR(apm.refine(-2.0f, 0), squash(-2.0f), 1e-5f);
}

// Entries of 16 bits that moved by a 64th of the way got no nearer to 1 than 1 - 1/1024, and to 0 they did.
TEST(Apm, BecomesAsSureOfAOneAsOfAZero) {
  Apm apm(2, 255);
  float one = 0.0f, zero = 1.0f;
  for (unsigned i = 0; i < 20000; ++i) {
    one = apm.refine(8.0f, 0);
    apm.update(1);
    zero = apm.refine(-8.0f, 1);
    apm.update(0);
  }
  EXPECT_GT(one, 1.0f - 1.0f / 8192.0f);
  EXPECT_LT(zero, 1.0f / 8192.0f);
}

TEST(Apm, LogitsBeyondItsBoundAreAtIt) {
  Apm apm(1, 255);
  const float bound = apm.refine(8.0f, 0);
  EXPECT_EQ(apm.refine(14.0f, 0), bound);
  apm.update(1);
  EXPECT_GT(apm.refine(14.0f, 0), bound);
  EXPECT_NEAR(apm.refine(-14.0f, 0), squash(-8.0f), 1e-5f);
}

}  // namespace
}  // namespace ssmz::codec
