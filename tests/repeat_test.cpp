// SPDX-License-Identifier: Apache-2.0
// Long repeats: few decisions for many symbols, and the same bytes back wherever a repeat begins or ends.
#include <gtest/gtest.h>

#include <string>

#include "codec/block/block_coder.hpp"
#include "codec/bytes/byte_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

constexpr ModelParameters parameters{.level = 3, .table_log2 = 18};

using test::Bytes;
using test::bytes_of;

// Counts decisions.
struct Counter {
  std::size_t decisions = 0;
  unsigned code(bool bit, std::uint32_t, const Position&) {
    ++decisions;
    return bit;
  }
};

// Codes each part as a block of its own and decodes them; returns the size of all blocks.
std::size_t round_trip(BlockKind kind, const std::vector<Bytes>& parts) {
  auto encoder = BlockCoder::create(parameters, Vocabulary::builtin());
  auto decoder = BlockCoder::create(parameters, Vocabulary::builtin());
  std::size_t size = 0;
  for (const Bytes& part : parts) {
    Bytes coded, raw;
    EXPECT_TRUE(encoder.value()->encode(kind, part, coded, {}).ok());
    EXPECT_TRUE(decoder.value()->decode(kind, coded, part.size(), raw, {}).ok());
    EXPECT_EQ(raw, part);
    size += coded.size();
  }
  return size;
}

std::string sentences(unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i)
    text += "The " + std::to_string(i * i) + "th ship of Zxqvkw sails at " + std::to_string(i % 24) + ".\n";
  return text;
}

TEST(Repeat, OfOneByteTakesFewDecisions) {
  const model::ScopedFloatMode mode;
  SlotTable table(table_bytes(parameters));
  ByteModel model(table, byte_options(parameters, 1));
  const Bytes zeros(1 << 20);
  Counter counter;
  for (std::size_t i = 0; i < zeros.size(); ++i) model.code(counter, std::span(zeros).subspan(i));
  EXPECT_LT(counter.decisions, 8000u);  // eight for each of the first hundreds, then one for thousands
}

TEST(Repeat, OfManyKilobytesEndsWhereOtherDataFollows) {
  Bytes data;
  for (unsigned i = 0; i < 40000; ++i) data.push_back(static_cast<std::uint8_t>(i % 97 * 31));
  for (const char c : sentences(200)) data.push_back(static_cast<std::uint8_t>(c));
  data.insert(data.end(), 30000, 0);
  for (unsigned i = 0; i < 3000; ++i) data.push_back(static_cast<std::uint8_t>(i * i >> 5));
  EXPECT_LT(round_trip(BlockKind::bytes, {data}), 14000u);
}

TEST(Repeat, StateThatPassesBytesKeepsThemAndForgetsStructure) {
  ByteState pushed(16), passed(16);
  for (unsigned i = 0; i < 5000; ++i) {
    const auto byte = static_cast<std::uint8_t>(i % 7);
    pushed.push(byte);
    i<1000 || i> 4000 ? passed.push(byte) : passed.pass(byte);
  }
  EXPECT_EQ(passed.position(), pushed.position());
  EXPECT_EQ(passed.last(8), pushed.last(8));
  EXPECT_EQ(passed.back(2500), pushed.back(2500));
  EXPECT_FALSE(passed.chain().active());
}

TEST(Repeat, OfTokensTakesFewDecisions) {
  const model::ScopedFloatMode mode;
  SlotTable table(table_bytes(parameters));
  TextModel model(Vocabulary::builtin(), table, text_options(parameters, 1));
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "over and over ";
  std::vector<Token> tokens;
  Tokenizer(Vocabulary::builtin()).tokenize(bytes_of(text), tokens);
  Counter counter;
  for (std::size_t i = 0; i < tokens.size(); ++i) model.code(counter, std::span(tokens).subspan(i));
  EXPECT_LT(counter.decisions, 20000u);
}

TEST(Repeat, ComesBackAsBytesAndAsText) {
  for (const BlockKind kind : {BlockKind::bytes, BlockKind::text}) {
    const std::string once = sentences(300);
    const std::size_t size = round_trip(kind, {bytes_of(once)});
    EXPECT_LT(round_trip(kind, {bytes_of(once + once + once)}), 2 * size);
  }
}

TEST(Repeat, ThatBreaksOffAndGoesOn) {
  const std::string once = sentences(200);
  for (const std::size_t at : {std::size_t{3000}, std::size_t{4001}, std::size_t{5555}}) {
    std::string changed = once + once;
    changed[once.size() + at] = '#';
    changed.insert(once.size() + at + 900, "Zx new ");
    for (const BlockKind kind : {BlockKind::bytes, BlockKind::text}) round_trip(kind, {bytes_of(changed)});
  }
}

TEST(Repeat, GoesOnOverTheEndsOfBlocks) {
  const std::string once = sentences(200);
  const std::vector<Bytes> parts = {bytes_of(once), bytes_of(once.substr(0, 3000)),
                                    bytes_of(once.substr(3000)), Bytes(70000, ' '), Bytes(70001, ' ')};
  for (const BlockKind kind : {BlockKind::bytes, BlockKind::text})
    EXPECT_LT(round_trip(kind, parts), round_trip(kind, {parts[0]}) + 300);
}

// With one slot for all contexts a second context finds what the first one left there.
TEST(FollowerBank, DoesNotTellFollowersOfAnotherContext) {
  FollowerBank bank(1, 1);
  bank.set(0, 1);
  bank.load([](std::uint32_t) { return SymbolPath{}; });
  bank.finish(7);
  bank.set(0, 1);
  EXPECT_EQ(bank.latest(0), 7u);
  unsigned told = 0;
  for (std::uint64_t context = 2; context < 100; ++context) {
    bank.set(0, context);
    told += bank.latest(0) != FollowerBank::none;
  }
  EXPECT_EQ(told, 0u);
  EXPECT_EQ(bank.latest(1), FollowerBank::none);  // there is no such context
}

}  // namespace
}  // namespace ssmz::codec
