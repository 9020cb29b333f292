// SPDX-License-Identifier: Apache-2.0
// Instructions of RISC-V and Thumb-2 are told apart by their lengths; such code is told from other data.
#include "codec/bytes/halfword_code.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "codec/bytes/byte_selectors.hpp"
#include "codec/bytes/byte_state.hpp"
#include "codec/bytes/halfword_contexts.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;
using InstructionSet = HalfwordCode::InstructionSet;
using Words = std::vector<std::uint32_t>;  // of 16 bits

Bytes bytes_of(const Words& words) {
  Bytes bytes;
  for (const std::uint32_t word : words) {
    bytes.push_back(static_cast<std::uint8_t>(word));
    bytes.push_back(static_cast<std::uint8_t>(word >> 8));
  }
  return bytes;
}

// An instruction, and which of its bits are any.
struct Instruction {
  Words words, any;
};

// Functions whose instructions follow each other in a few orders, with any registers and numbers in them.
Bytes functions(std::size_t count, const Words& entry, const std::vector<Instruction>& list,
                const Words& exit) {
  constexpr unsigned orders = 4, length = 6;
  std::mt19937 random(4);
  Words words;
  for (std::size_t i = 0; i < count; ++i) {
    words.insert(words.end(), entry.begin(), entry.end());
    for (unsigned k = 1 + random() % 4; k > 0; --k) {
      const unsigned order = 1 + random() % orders;
      for (unsigned step = 0; step < length; ++step) {
        const Instruction& next = list[(step * order + step / 3) % list.size()];
        for (std::size_t w = 0; w < next.words.size(); ++w)
          words.push_back(next.words[w] | (static_cast<std::uint32_t>(random()) & next.any[w]));
      }
    }
    words.insert(words.end(), exit.begin(), exit.end());
  }
  return bytes_of(words);
}

Bytes riscv_functions(std::size_t count) {
  return functions(count, {0x7179, 0xf406, 0xf022, 0x842a},  // addi sp; sd ra; sd s0; mv s0, a0
                   {{{0x3003, 0x0004}, {0x0f80, 0x03f8}},    // ld
                    {{0x0013, 0x0004}, {0x0f80, 0x0ff8}},    // addi
                    {{0x8402}, {0x01fc}},                    // mv
                    {{0x00ef, 0x0001}, {0xf000, 0x0ffe}},    // jal
                    {{0x4001}, {0x0ffc}},                    // li
                    {{0xc001}, {0x1ffc}},                    // beqz
                    {{0x3023, 0x0001}, {0x8f80, 0x03fe}}},   // sd
                   {0x70a2, 0x7402, 0x6145, 0x8082});        // ld ra; ld s0; addi sp; ret
}

Bytes thumb_functions(std::size_t count) {
  return functions(count, {0xb570, 0x4604, 0x447d},         // push; mov; add pc
                   {{{0xf8d0, 0x0000}, {0x000f, 0x70fc}},   // ldr.w
                    {{0x4600}, {0x00ff}},                   // mov
                    {{0xf000, 0xf800}, {0x000f, 0x07ff}},   // bl
                    {{0xb100}, {0x00ff}},                   // cbz
                    {{0x6800}, {0x07ff}},                   // ldr
                    {{0xbf08}, {0x0010}},                   // it
                    {{0xf04f, 0x0000}, {0x0000, 0x0fff}}},  // mov.w
                   {0xb002, 0xbd70});                       // add sp; pop
}

// A follower that has seen such functions, and goes on behind them.
struct Reader {
  HalfwordCode code;
  std::uint64_t position = 0;
  std::uint32_t last = 0;
  std::size_t active = 0;

  void push(const Bytes& bytes) {
    for (const std::uint8_t byte : bytes) {
      active += code.active();
      last = last << 8 | byte;
      code.push(++position, last);
    }
  }
};

TEST(HalfwordCode, KnowsLengthsOfRiscV) {
  Reader reader;
  reader.push(riscv_functions(20));
  ASSERT_TRUE(reader.code.active());
  EXPECT_EQ(reader.code.processor(), InstructionSet::riscv);
  EXPECT_EQ(reader.code.known(), 0u);
  EXPECT_EQ(reader.code.word(0), 0x8082u);
  EXPECT_EQ(reader.code.since_frame(), 0u);
  reader.push(bytes_of({0x00ef, 0x1230}));
  EXPECT_EQ(reader.code.word(0), 0x123000efu);
  EXPECT_EQ(reader.code.call(), 0x123000efu);
  EXPECT_EQ(reader.code.since_frame(), 1u);
  reader.push(bytes_of({0x842a}));
  EXPECT_EQ(reader.code.word(0), 0x842au);
  EXPECT_EQ(reader.code.target(0), 8u);
  EXPECT_EQ(reader.code.operation(1), 0x1bu << 3);
  reader.push({0x03});
  EXPECT_EQ(reader.code.known(), 1u);
  EXPECT_EQ(reader.code.so_far(), std::uint64_t{2} << 32 | 0x03);
  reader.push({0x35, 0x12});
  EXPECT_EQ(reader.code.so_far(), std::uint64_t{4} << 32 | 0x123503);
  reader.push({0x00});
  EXPECT_EQ(reader.code.known(), 0u);
  EXPECT_EQ(reader.code.target(0), 10u);
}

TEST(HalfwordCode, KnowsLengthsOfThumb) {
  Reader reader;
  reader.push(thumb_functions(20));
  ASSERT_TRUE(reader.code.active());
  EXPECT_EQ(reader.code.processor(), InstructionSet::thumb);
  EXPECT_EQ(reader.code.word(0), 0xbd70u);
  reader.push(bytes_of({0xf001, 0xf802}));
  EXPECT_EQ(reader.code.word(0), 0xf802f001u);
  EXPECT_EQ(reader.code.call(), 0xf802f001u);
  reader.push(bytes_of({0x2103}));
  EXPECT_EQ(reader.code.target(0), 1u);
  EXPECT_EQ(reader.code.operation(0), 0x10u);
  reader.push(bytes_of({0xf8d3}));
  EXPECT_EQ(reader.code.known(), 2u);
  reader.push(bytes_of({0x7004}));
  EXPECT_EQ(reader.code.target(0), 7u);
  EXPECT_EQ(reader.code.known(), 0u);
}

TEST(HalfwordCode, RemembersTheLastInstructionThatDoesTheSame) {
  Reader reader;
  reader.push(riscv_functions(20));
  reader.push(bytes_of({0x3503, 0x0104, 0x8082}));  // ld a0, 16(s0)
  reader.push({0x03});
  EXPECT_EQ(reader.code.like(), 0x01043503u);
  reader.push({0x3b});
  EXPECT_EQ(reader.code.like(), 0x01043503u);
}

TEST(HalfwordCode, IsActiveInProgramsAlone) {
  const auto active_share = [](const Bytes& bytes) {
    Reader reader;
    reader.push(bytes);
    return static_cast<double>(reader.active) / static_cast<double>(bytes.size());
  };
  for (const bool odd : {false, true}) {
    const Bytes before(odd, 0);
    EXPECT_GT(active_share(test::joined({before, riscv_functions(200)})), 0.95);
    EXPECT_GT(active_share(test::joined({before, thumb_functions(200)})), 0.95);
  }
  for (const Bytes& data : {test::text_bytes(50000), test::random_bytes(50000), test::record_bytes(50000),
                            Bytes(50000, 0), Bytes(50000, 0xff), Bytes(50000, 0xbf)})
    EXPECT_LT(active_share(data), 0.005) << int{data[0]};
}

TEST(HalfwordCode, LeavesProgramsBehind) {
  for (const Bytes& program : {riscv_functions(100), thumb_functions(100)}) {
    for (const Bytes& data : {test::text_bytes(1000), test::random_bytes(1000), Bytes(1000, 0)}) {
      Reader reader;
      reader.push(program);
      ASSERT_TRUE(reader.code.active());
      reader.push(data);
      EXPECT_FALSE(reader.code.active());
    }
  }
}

// A repeat may end at an odd place, in the midst of an instruction.
TEST(HalfwordCode, ALongRepeatIsLeft) {
  ByteState state(12, false);
  const Bytes program = riscv_functions(50);
  for (const std::uint8_t byte : test::joined({program, bytes_of({0x3503})})) state.push(byte);
  ASSERT_EQ(state.halfwords().known(), 2u);
  for (unsigned i = 0; i < 5001; ++i) state.pass(0);
  state.push(0);
  EXPECT_EQ(state.halfwords().known(), 0u);
  for (const std::uint8_t byte : bytes_of({0x00ef, 0x1230})) state.push(byte);
  EXPECT_TRUE(state.halfwords().active());
  EXPECT_EQ(state.halfwords().word(0), 0x123000efu);
}

TEST(HalfwordCode, IsFollowedWithoutOtherStructuresAndGivesWayToThem) {
  const auto state = std::make_unique<ByteState>(12u, false);
  for (const std::uint8_t byte : thumb_functions(50)) state->push(byte);
  EXPECT_EQ(state->structure(), ByteState::Structure::halfwords);
  EXPECT_EQ(byte_place(*state), state->halfwords().place());
  ASSERT_TRUE(code_place(*state));
  EXPECT_LT(code_place(*state)->part, code_parts);
  EXPECT_EQ(code_place(*state)->so_far, state->halfwords().so_far());
  state->begin_block(Processor::a64);
  EXPECT_EQ(state->structure(), ByteState::Structure::word_code);
}

TEST(HalfwordCode, MakesProgramsSmallerAtTheFastestLevel) {
  EXPECT_LT(test::packed_size(riscv_functions(600)), 16500u);
  EXPECT_LT(test::packed_size(thumb_functions(600)), 16000u);
}

}  // namespace
}  // namespace ssmz::codec
