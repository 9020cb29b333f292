// SPDX-License-Identifier: Apache-2.0
// What followers say of a symbol's decisions, and how what they are worth is learned.
#include "codec/predict/follower_bank.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace ssmz::codec {
namespace {

SymbolPath path_of(std::uint32_t symbol) { return {.bits = symbol, .depth = 8}; }

class Followers {
 public:
  // One context alike for all symbols; returns what the latest and the earlier ones say of the first
  // decision.
  std::array<float, 2> code(std::uint32_t symbol) {
    bank_.set(0, 12345);
    bank_.load(path_of);
    std::array<float, 2> first{};
    Position at;
    for (unsigned k = 0; k < 8; ++k) {
      std::array<float, 2> inputs{};
      bank_.predict(at, inputs.data());
      if (k == 0) first = inputs;
      const unsigned bit = symbol >> k & 1u;
      bank_.update(bit);
      at.taken.bits |= std::uint64_t{bit} << k;
      ++at.taken.depth;
    }
    bank_.finish(symbol);
    return first;
  }

 private:
  FollowerBank bank_{1, 8};
};

// Where it has come so often the times no longer count, and what it is worth is learned on.
TEST(FollowerBank, ExpectsWhatCameAndTheLongerTheSurer) {
  Followers followers;
  EXPECT_EQ(followers.code(0x5b), (std::array<float, 2>{}));
  for (int times = 1; times < 24; ++times) EXPECT_EQ(followers.code(0x5b)[1], 0.0f) << times;
  float before = 0.0f;
  for (int times = 24; times < 60; ++times) {
    const float latest = followers.code(0x5b)[0];
    EXPECT_GE(latest, before) << times;
    before = latest;
  }
  EXPECT_GT(before, 3.0f);
}

TEST(FollowerBank, AnEarlierOneSpeaksBesideTheLatest) {
  Followers followers;
  followers.code(0x5b);
  EXPECT_EQ(followers.code(0x5a)[1], 0.0f);
  const auto [latest, earlier] = followers.code(0x5b);
  EXPECT_NE(latest, 0.0f);
  EXPECT_GT(earlier, 0.0f);
}

TEST(FollowerBank, WhatWasWrongLatelyIsWorthLess) {
  Followers steady, changing;
  for (int i = 0; i < 40; ++i) {
    steady.code(0x5b);
    changing.code(i % 2 ? 0x5b : 0x5a);
  }
  EXPECT_GT(steady.code(0x5b)[0], changing.code(0x5b)[0]);
}

}  // namespace
}  // namespace ssmz::codec
