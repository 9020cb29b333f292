// SPDX-License-Identifier: Apache-2.0
// A preconditioner shortens steps along what all inputs have in common, and nothing else.
#include "codec/predict/preconditioner.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ssmz::codec {
namespace {

constexpr unsigned padded = 16;
using Inputs = std::array<float, padded>;

// Of all inputs alike but the last two, which are padding; and of one pair against another.
Inputs alike(float value) {
  Inputs inputs;
  inputs.fill(value);
  inputs[padded - 2] = inputs[padded - 1] = 0.0f;
  return inputs;
}
Inputs apart(float value) {
  Inputs inputs{};
  inputs[0] = value;
  inputs[1] = -value;
  return inputs;
}

TEST(Preconditioner, LeavesInputsAsTheyAreAtFirst) {
  Preconditioner preconditioner(padded, 2);
  const Inputs inputs = alike(1.0f);
  EXPECT_EQ(preconditioner.direction(inputs.data()), inputs.data());
}

TEST(Preconditioner, ShortensWhatIsCommon) {
  Preconditioner preconditioner(padded, 2);
  for (unsigned i = 0; i < 4096; ++i) {
    const Inputs inputs = i / 8 % 8 ? alike(i % 2 ? 2.0f : -2.0f) : apart(0.5f);
    (void)preconditioner.direction(inputs.data());
  }
  const Inputs common = alike(1.0f), difference = apart(1.0f);
  const float with = preconditioner.direction(common.data())[3];
  EXPECT_EQ(preconditioner.direction(common.data())[padded - 1], 0.0f);
  const float without = preconditioner.direction(difference.data())[0];
  EXPECT_GT(with, 0.0f);
  EXPECT_GT(without, 2.0f * with);
}

// Along what inputs do not have in common a step is longer by what the rest of it lost.
TEST(Preconditioner, MakesUpForWhatItLeavesOutAsFarAsItIsAsked) {
  float lengths[3];
  for (unsigned k = 0; k < 3; ++k) {
    Preconditioner preconditioner(padded, 2, static_cast<float>(k) / 2);
    for (unsigned i = 0; i < 4096; ++i) (void)preconditioner.direction(alike(i % 2 ? 2.0f : -2.0f).data());
    lengths[k] = preconditioner.direction(apart(1.0f).data())[0];
  }
  EXPECT_NEAR(lengths[0], 1.0f, 1e-3f);
  EXPECT_GT(lengths[1], 1.01f);
  EXPECT_NEAR(lengths[1] - lengths[0], lengths[2] - lengths[1], 1e-3f);
}

TEST(Preconditioner, GivesTheSameOfTheSame) {
  Preconditioner one(padded, 3), other(padded, 3);
  for (unsigned i = 0; i < 5000; ++i) {
    const Inputs inputs = i % 3 ? alike(static_cast<float>(i % 5)) : apart(static_cast<float>(i % 7));
    const float a = one.direction(inputs.data())[0], b = other.direction(inputs.data())[0];
    ASSERT_EQ(a, b);
  }
}

TEST(Preconditioner, InputsThatSayNothingAreNoDanger) {
  Preconditioner preconditioner(padded, 2);
  const Inputs nothing{};
  for (unsigned i = 0; i < 5000; ++i) (void)preconditioner.direction(nothing.data());
  EXPECT_EQ(preconditioner.direction(nothing.data())[0], 0.0f);
}

}  // namespace
}  // namespace ssmz::codec
