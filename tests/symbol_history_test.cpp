// SPDX-License-Identifier: Apache-2.0
// What match models remember of the symbols so far.
#include <gtest/gtest.h>

#include "codec/predict/follower_bank.hpp"
#include "codec/predict/match_model.hpp"

namespace ssmz::codec {
namespace {

TEST(SymbolHistory, OfBytesTellsWhatAWideOneTells) {
  SymbolHistory wide(6, {}, false), narrow(6, {}, true);
  for (std::uint32_t i = 0; i < 200; ++i) {
    wide.push(i * i % 256);
    narrow.push(i * i % 256);
  }
  ASSERT_EQ(narrow.size(), 64u);
  ASSERT_EQ(narrow.count(), 200u);
  for (std::uint64_t k = 1; k <= 64; ++k) ASSERT_EQ(narrow.key_back(k), wide.key_back(k));
  for (std::uint64_t at = 136; at < 200; ++at) ASSERT_EQ(narrow.id(at), wide.id(at));
  EXPECT_LT(SymbolHistory::memory(6, true), SymbolHistory::memory(6, false));
}

TEST(SymbolHistory, ComparesWhatTheKeysSay) {
  SymbolHistory history(6, {.shift = 4, .mask = 12, .marked = 12}, false);
  EXPECT_EQ(history.key_back(1), 0u);
  for (const std::uint32_t id : {5 * 16 + 1u, 5 * 16 + 2u, 5 * 16 + 12u, 5 * 16 + 13u, 0u}) history.push(id);
  EXPECT_EQ(history.key(0), history.key(1));
  EXPECT_NE(history.key(1), history.key(2));
  EXPECT_NE(history.key(2), history.key(3));
  EXPECT_NE(history.key(4), 0u);
}

TEST(SymbolHistory, CountsWithoutKeeping) {
  SymbolHistory history;
  history.push(7);
  EXPECT_EQ(history.count(), 1u);
  EXPECT_EQ(history.size(), 0u);
}

TEST(FollowerBank, TakesNothingWithoutContexts) {
  EXPECT_EQ(FollowerBank::memory(0, 20), 0u);
  FollowerBank bank(0, 20);
  bank.predict({}, nullptr);
  bank.update(1);
  bank.finish(3);
  EXPECT_EQ(bank.latest(0), FollowerBank::none);
}

}  // namespace
}  // namespace ssmz::codec
