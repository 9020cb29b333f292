// SPDX-License-Identifier: Apache-2.0
// Words of AArch64 code are followed from a block's beginning, also behind a long repeat.
#include "codec/bytes/word_code.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "codec/bytes/byte_selectors.hpp"
#include "codec/bytes/byte_state.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

void push_word(ByteState& state, std::uint32_t word) {
  for (unsigned k = 4; k-- > 0;) state.push(static_cast<std::uint8_t>(word >> 8 * k));
}

TEST(WordCode, FollowsWordsFromABlocksBeginning) {
  ByteState state(12);
  for (const std::uint8_t byte : test::text_bytes(101)) state.push(byte);
  EXPECT_FALSE(state.word_code().active());
  state.begin_block(Processor::a64);
  ASSERT_TRUE(state.word_code().active());
  EXPECT_EQ(state.word_code().so_far(), std::uint64_t{1} << 32);
  push_word(state, 0x91000421);
  push_word(state, 0x94001234);
  EXPECT_EQ(state.word_code().word(0), 0x94001234u);
  EXPECT_EQ(state.word_code().word(1), 0x91000421u);
  EXPECT_EQ(state.word_code().call(), 0x94001234u);
  EXPECT_EQ(state.word_code().target(1), 1u);
  EXPECT_EQ(byte_place(state), 0x94u);
  state.push(0x91);
  EXPECT_EQ(state.word_code().so_far(), std::uint64_t{2} << 32 | 0x91);
  EXPECT_EQ(state.word_code().like(), 0x91000421u);
  EXPECT_EQ(byte_place(state), 256u + 0x91);
  state.push(0x00);
  EXPECT_EQ(state.word_code().like(), 0x91000421u);
  state.push(0x08);
  EXPECT_EQ(state.word_code().like(), 0x91000421u);
  EXPECT_EQ(state.word_code().so_far(), std::uint64_t{4} << 32 | 0x910008);
  EXPECT_EQ(byte_place(state), 768u + 0x91);
  state.begin_block(std::nullopt);
  EXPECT_FALSE(state.word_code().active());
}

TEST(WordCode, CountsWordsSinceAFrame) {
  ByteState state(12);
  state.begin_block(Processor::a64);
  push_word(state, 0xa9be7bfd);
  EXPECT_EQ(state.word_code().since_frame(), 0u);
  for (unsigned i = 0; i < 3; ++i) push_word(state, 0xd503201f);
  EXPECT_EQ(state.word_code().since_frame(), 3u);
  push_word(state, 0xd65f03c0);
  EXPECT_EQ(state.word_code().since_frame(), 0u);
}

TEST(WordCode, KnowsCallsAndFramesOfEachProcessor) {
  struct Case {
    Processor processor;
    std::uint32_t call, frame;
  };
  for (const Case& is :
       {Case{Processor::arm, 0xeb001234, 0xe92d4010}, Case{Processor::powerpc_low, 0x48001235, 0xf821ff91},
        Case{Processor::mips_low, 0x8f998018, 0x27bdffe0}, Case{Processor::powerpc, 0x48001235, 0x9421fff0},
        Case{Processor::mips, 0x8f998018, 0x03e00008}, Case{Processor::sparc, 0x40001234, 0x9de3bf90}}) {
    ByteState state(12);
    state.begin_block(is.processor);
    push_word(state, is.call);
    push_word(state, 0x01000000);
    EXPECT_EQ(state.word_code().call(), is.call) << int(is.processor);
    EXPECT_EQ(state.word_code().since_frame(), 2u);
    push_word(state, is.frame);
    EXPECT_EQ(state.word_code().since_frame(), 0u) << int(is.processor);
    EXPECT_EQ(state.word_code().target(0), is.frame >> 16 & 31u);
  }
}

// A repeat may end within a word.
TEST(WordCode, KnowsItsPlaceBehindALongRepeat) {
  ByteState state(12);
  state.begin_block(Processor::a64);
  push_word(state, 0x91000421);
  for (const std::uint8_t byte : test::Bytes{0x94, 0x00, 0x12, 0x34, 0xaa}) state.pass(byte);
  state.push(0x01);
  EXPECT_EQ(state.word_code().so_far(), std::uint64_t{3} << 32 | 0xaa01);
  state.push(0x03);
  state.push(0xe0);
  EXPECT_EQ(state.word_code().word(0), 0xaa0103e0u);
}

TEST(WordCode, IsFollowedWithoutOtherStructures) {
  ByteState state(12, false);
  state.begin_block(Processor::a64);
  EXPECT_TRUE(state.word_code().active());
  push_word(state, 0x94001234);
  EXPECT_EQ(state.word_code().call(), 0x94001234u);
}

}  // namespace
}  // namespace ssmz::codec
