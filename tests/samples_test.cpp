// SPDX-License-Identifier: Apache-2.0
// The parts that models of pictures and sound are made of.
#include <gtest/gtest.h>

#include <cmath>

#include "codec/samples/local_least_squares.hpp"
#include "codec/samples/recall.hpp"
#include "codec/samples/sample_effort.hpp"

namespace ssmz::codec {
namespace {

TEST(SampleEffort, RisesWithTheLevel) {
  const auto effort = [](int level) { return sample_effort(*parameters_for(level, 100000, 0)); };
  for (int level = min_level; level < max_level; ++level) {
    EXPECT_LE(effort(level).contexts, effort(level + 1).contexts) << level;
    EXPECT_GE(effort(level).interval, effort(level + 1).interval) << level;
    EXPECT_GE(effort(level).lean, effort(level + 1).lean) << level;
  }
  EXPECT_TRUE(effort(min_level).lean);
  EXPECT_FALSE(effort(max_level).lean);
}

TEST(Recall, KnowsTheSampleThatCameLast) {
  Recall recall;
  const std::uint64_t hash = 0x123456789abcdef0u, other = hash ^ 1;
  EXPECT_EQ(recall.find(hash).sample, -1);
  recall.update(500);
  EXPECT_EQ(recall.find(other).sample, -1);
  static_cast<void>(recall.find(hash));
  recall.update(500);
  const Recalled twice = recall.find(hash);
  EXPECT_EQ(twice.sample, 500);
  EXPECT_EQ(twice.trust, 1u);
  recall.update(7);
  EXPECT_EQ(recall.find(hash).sample, 7);
}

TEST(Recall, TrustsAtMostMaxTrust) {
  Recall recall;
  for (int i = 0; i < 300; ++i) {
    static_cast<void>(recall.find(99));
    recall.update(1);
  }
  EXPECT_EQ(recall.find(99).trust, Recalled::max_trust);
}

// Two halves of a picture follow laws of their own: each side keeps its own weights from row to row.
TEST(LocalLeastSquares, LearnsFromWhatLiesAround) {
  constexpr std::size_t width = 100;
  LocalLeastSquares model(2, width, 1);
  model.begin_picture();
  unsigned noise = 1;
  const auto draw = [&] { return static_cast<double>((noise = noise * 1103515245u + 12345u) >> 24) - 128.0; };
  double worst = 0.0;
  for (int row = 0; row < 20; ++row) {
    for (std::size_t x = 0; x < width; ++x) {
      const double inputs[] = {draw(), draw()};
      const double target = x < width / 2 ? 2.0 * inputs[0] - inputs[1] : 0.5 * inputs[1];
      const double predicted = model.predict(inputs, x);
      const bool at_border = x > width / 2 - 10 && x < width / 2 + 10;
      if (row > 5 && !at_border) worst = std::max(worst, std::abs(predicted - target));
      model.update(inputs, x, target);
    }
  }
  EXPECT_LT(worst, 1.0);
}

// In wider rows stripes are wider.
TEST(LocalLeastSquares, TakesNoMoreForRowsOfAnyWidth) {
  constexpr std::size_t usual = LocalLeastSquares::most_stripes * LocalLeastSquares::stripe;
  for (const std::size_t width : {usual + 1, 3 * usual, 8 * usual}) {
    EXPECT_LE(LocalLeastSquares::memory(3, width), LocalLeastSquares::memory(3, usual)) << width;
    LocalLeastSquares model(3, width, 1);
    model.begin_picture();
    const double inputs[] = {3.0, -1.0, 2.0};
    for (int times = 0; times < 3; ++times) {
      static_cast<void>(model.predict(inputs, width - 1));
      model.update(inputs, width - 1, 5.0);
    }
    EXPECT_NEAR(model.predict(inputs, width - 1), 5.0, 1.0) << width;
  }
}

}  // namespace
}  // namespace ssmz::codec
