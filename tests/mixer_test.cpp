// SPDX-License-Identifier: Apache-2.0
// A mixer learns, and its steps follow how much its inputs say.
#include "codec/predict/mixer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ssmz::codec {
namespace {

constexpr unsigned inputs = 16;
constexpr std::array<unsigned, 1> one_row = {1};

// How far one update towards a 1 moves the weights, all inputs being `input`, in units of the rate times
// input.
float step_at(float input, float usual_square) {
  constexpr float rate = 0.01f, first_weight = 0.0f;
  MixerLayer layer(inputs, one_row, first_weight, {rate, rate, 1.0f, usual_square}, 0.0f);
  std::fill_n(layer.inputs(), inputs, input);
  (void)layer.mix();
  layer.update(1, 0.5f);
  return layer.selected(0)[0] / (0.5f * rate * input);
}

TEST(Mixer, LearnsABit) {
  MixerLayer layer(inputs, one_row, 1.0f / inputs, {0.02f, 0.001f, 30.0f, 0.5f}, 0.0f);
  std::fill_n(layer.inputs(), inputs, 0.5f);
  for (int i = 0; i < 1000; ++i) {
    (void)layer.mix();
    layer.update(1, 0.5f);
  }
  EXPECT_GT(layer.mix()[0], 1.0f);
}

TEST(Mixer, LearnsNothingBelowTheLeastError) {
  MixerLayer layer(inputs, one_row, 0.0f,
                   {.first = 0.01f, .last = 0.01f, .decay = 1.0f, .least_error = 0.01f}, 0.0f);
  std::fill_n(layer.inputs(), inputs, 1.0f);
  (void)layer.mix();
  layer.update(1, 0.991f);
  EXPECT_EQ(layer.selected(0)[0], 0.0f);
  layer.update(1, 0.989f);
  EXPECT_GT(layer.selected(0)[0], 0.0f);
}

TEST(Mixer, TableOfRatesFollowsTheRate) {
  constexpr MixerRate rate{0.04f, 0.0005f, 30.0f};
  const RateTable table(rate);
  float visits = 0.0f, visits_of_table = 0.0f;
  for (unsigned i = 0; i < 300000; ++i) {
    const float computed = rate.next(visits), read = table.next(visits_of_table);
    ASSERT_EQ(visits, visits_of_table);
    if (i < 64)
      ASSERT_EQ(read, computed) << i;
    else
      ASSERT_NEAR(read / computed, 1.0f, 0.004f) << i;
  }
  visits = visits_of_table = 16777215.0f;
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(table.next(visits_of_table), rate.next(visits));
  EXPECT_EQ(visits_of_table, 16777216.0f);
}

TEST(Mixer, StepsAsTheRateSaysWhateverTheInputsWithoutAUsualSquare) {
  EXPECT_NEAR(step_at(0.01f, 0.0f), 1.0f, 1e-3f);
  EXPECT_NEAR(step_at(3.0f, 0.0f), 1.0f, 1e-3f);
}

TEST(Mixer, StepsShrinkAsTheRootOfTheInputsSquare) {
  EXPECT_NEAR(step_at(4.0f, 0.5f) / step_at(8.0f, 0.5f), 2.0f, 0.03f);
  EXPECT_NEAR(step_at(std::sqrt(0.35f), 0.5f), 1.0f, 0.01f);
}

TEST(Mixer, StepsGrowOnlySoFarWhereTheInputsSayLittle) {
  EXPECT_NEAR(step_at(0.001f, 0.5f), std::sqrt(1.0f / 0.3f), 0.01f);
}

}  // namespace
}  // namespace ssmz::codec
