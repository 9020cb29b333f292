// SPDX-License-Identifier: Apache-2.0
// Counts of the code tree's nodes fade with the tokens, each half-life as it says.
#include "codec/text/recency.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ssmz::codec {
namespace {

using Inputs = std::array<float, Recency::inputs>;
constexpr unsigned even = 32768;

Inputs at(Recency& recency, std::uint32_t node, std::uint32_t now) {
  Inputs inputs{};
  recency.predict(node, even, now, inputs.data());
  return inputs;
}

TEST(Recency, SaysNothingOfWhatNeverCame) {
  Recency recency(4);
  for (const float input : at(recency, 3, 1000)) EXPECT_NEAR(input, 0.0f, 1e-3f);
}

TEST(Recency, FadesWithTheTokens) {
  Recency recency(4);
  (void)at(recency, 1, 10);
  recency.update(1);
  const Inputs soon = at(recency, 1, 11), later = at(recency, 1, 11 + 64),
               much_later = at(recency, 1, 100'000'000);
  for (unsigned k = 0; k < Recency::inputs; k += 2) {
    EXPECT_GT(soon[k], 0.5f);
    EXPECT_NEAR(much_later[k], 0.0f, 1e-3f);
    if (k) {
      EXPECT_GE(later[k], later[k - 2]);
    }
  }
  EXPECT_LT(later[0], soon[0]);
  EXPECT_GT(later[6], later[0] * 1.2f);
}

// However often a node is asked for, its counts fade as if it were asked for once.
TEST(Recency, FadesAlikeInSmallSteps) {
  Recency often(2), once(2);
  for (Recency* recency : {&often, &once}) {
    (void)at(*recency, 0, 0);
    recency->update(1);
  }
  Inputs inputs{};
  for (std::uint32_t now = 1; now <= 4096; ++now) inputs = at(often, 0, now);
  const Inputs expected = at(once, 0, 4096);
  for (unsigned k = 0; k < Recency::inputs; ++k) EXPECT_NEAR(inputs[k], expected[k], 0.02f);
}

}  // namespace
}  // namespace ssmz::codec
