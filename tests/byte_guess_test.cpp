// SPDX-License-Identifier: Apache-2.0
// The likely byte is named, and a byte that is it takes one decision.
#include "codec/bytes/byte_guess.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "codec/block/block_coder.hpp"
#include "codec/bytes/byte_model.hpp"
#include "codec/bytes/byte_tree.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/range/range_common.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

constexpr ModelParameters fast{.level = 1, .table_log2 = 20};
constexpr unsigned sure = 60000;

// Records of 24 bytes that differ in two of them.
Bytes records(std::size_t size) {
  std::mt19937 random(5);
  Bytes bytes;
  for (unsigned i = 0; bytes.size() < size; ++i)
    bytes.push_back(static_cast<std::uint8_t>(i % 24 < 2 ? random() >> 11 : i % 24 * 37));
  return bytes;
}

// Shows `bytes` to a guess; returns how many of those it was sure of from `from` on were right, and were
// wrong.
std::pair<unsigned, unsigned> sure_of(ByteGuess& guess, ByteState& state, const Bytes& bytes,
                                      std::size_t from) {
  unsigned right = 0, wrong = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    guess.look_up(state);
    guess.guess({}, 0);
    const bool asked = guess.probability() > sure;
    if (asked && i >= from) ++(guess.byte() == bytes[i] ? right : wrong);
    EXPECT_LT(guess.votes(), ByteGuess::votes_count);
    guess.learn(bytes[i], asked);
    state.push(bytes[i]);
  }
  return {right, wrong};
}

TEST(ByteGuess, NamesWhatFollowedBefore) {
  ByteGuess guess(12);
  ByteState state(16);
  const auto [right, wrong] = sure_of(guess, state, records(12000), 6000);
  EXPECT_GT(right, 4200u);  // all but those that are random, and those behind them
  EXPECT_LT(wrong, 300u);
}

TEST(ByteGuess, IsNeverSureOfRandomBytes) {
  ByteGuess guess(12);
  ByteState state(16);
  const auto [right, wrong] = sure_of(guess, state, test::random_bytes(20000), 0);
  EXPECT_EQ(right + wrong, 0u);
}

TEST(ByteGuess, CopyGoesOnAlone) {
  ByteGuess guess(12);
  ByteState state(16);
  sure_of(guess, state, records(6000), 0);
  ByteGuess copy(guess);
  ByteState copied(state);
  sure_of(copy, copied, test::random_bytes(5000), 0);
  const auto [right, wrong] = sure_of(guess, state, records(4800), 0);
  EXPECT_GT(right, 3500u);
  EXPECT_LT(wrong, 250u);
}

struct Counter {
  std::size_t decisions = 0, questions = 0;
  unsigned code(bool bit, std::uint32_t p, const Position& at) {
    EXPECT_GT(p, 0u);
    EXPECT_LT(p, probability_one);
    ++decisions;
    questions += at.stage == Stage::whole;
    return bit;
  }
};

Counter count(const Bytes& bytes, unsigned ask_from) {
  const model::ScopedFloatMode mode;
  SlotTable table(table_bytes(fast));
  ByteModelOptions options = byte_options(fast, 1);
  options.ask_from = ask_from;
  ByteModel model(table, options);
  Counter counter;
  for (std::size_t i = 0; i < bytes.size(); ++i) model.code(counter, std::span(bytes).subspan(i));
  return counter;
}

TEST(ByteQuestion, LikelyByteTakesOneDecision) {
  const Bytes bytes = records(20000);
  const Counter asked = count(bytes, 60948), never = count(bytes, 0);
  EXPECT_GT(asked.questions, 15000u);
  EXPECT_LT(asked.decisions, bytes.size() * 5 / 2);
  EXPECT_EQ(never.decisions, bytes.size() * 8);
}

TEST(ByteQuestion, IsNotAskedBesideAnSsm) {
  const model::ScopedFloatMode mode;
  SlotTable table(table_bytes(fast));
  ByteModelOptions options = byte_options(fast, 1);
  options.ssm.d_model = 16;
  ByteModel model(table, options);
  Counter counter;
  const Bytes bytes = records(3000);
  for (std::size_t i = 0; i < bytes.size(); ++i) model.code(counter, std::span(bytes).subspan(i));
  EXPECT_EQ(counter.questions, 0u);
}

// A wrong guess: the byte beside it in the tree takes no last decision, one far from it takes all but that.
TEST(ByteQuestion, WrongGuessIsExcluded) {
  Bytes bytes = records(9600);
  bytes.push_back(0);  // the two that differ
  bytes.push_back(0);
  const std::size_t before = count(bytes, 60948).decisions;
  Bytes beside = bytes, right = bytes;
  right.push_back(2 * 37);
  beside.push_back(2 * 37 + 1);
  ASSERT_EQ(count(right, 60948).decisions, before + 1);
  EXPECT_EQ(count(beside, 60948).decisions, before + 8);
  Bytes far = bytes;
  far.push_back(2 * 37 ^ 0x80);
  EXPECT_EQ(count(far, 60948).decisions, before + 9);
}

TEST(ByteQuestion, BlocksComeBackWithAndWithoutATree) {
  for (const int level : {1, 2}) {
    ModelParameters parameters = fast;
    parameters.level = static_cast<std::uint8_t>(level);
    auto encoder = BlockCoder::create(parameters, Vocabulary::builtin());
    auto decoder = BlockCoder::create(parameters, Vocabulary::builtin());
    Bytes broken = records(20000);
    for (std::size_t i = 0; i < broken.size(); i += 61) broken[i] ^= 1u << i % 8;
    for (const Bytes& block :
         {records(5000), test::random_bytes(3000), broken, Bytes(30000), records(3000)}) {
      Bytes coded, raw;
      ASSERT_TRUE(encoder.value()->encode(BlockKind::bytes, block, coded, {}).ok());
      ASSERT_TRUE(decoder.value()->decode(BlockKind::bytes, coded, block.size(), raw, {}).ok());
      EXPECT_EQ(raw, block);
    }
  }
}

}  // namespace
}  // namespace ssmz::codec
