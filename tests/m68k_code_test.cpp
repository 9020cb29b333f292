// SPDX-License-Identifier: Apache-2.0
// Instructions of the 68000 are followed word by word; other data is told from them.
#include "codec/bytes/m68k_code.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "codec/bytes/byte_state.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;
using Field = M68kCode::Field;
using Words = std::vector<std::uint32_t>;

Bytes bytes_of(const Words& words) {
  Bytes bytes;
  for (const std::uint32_t word : words) {
    bytes.push_back(static_cast<std::uint8_t>(word >> 8));
    bytes.push_back(static_cast<std::uint8_t>(word));
  }
  return bytes;
}

// What each word was said to be before it came.
std::vector<Field> fields_of(const Words& words) {
  M68kCode code;
  std::vector<Field> fields;
  std::uint64_t position = 0;
  for (const std::uint8_t byte : bytes_of(words)) {
    if (position % 2 == 0) fields.push_back(code.field());
    code.push(byte, ++position);
  }
  EXPECT_EQ(code.field(), Field::operation) << "the last instruction has not ended";
  return fields;
}

TEST(M68kCode, KnowsTheWordsOfInstructions) {
  using enum Field;
  const std::vector<std::pair<Words, std::vector<Field>>> instructions = {
      {{0x4e56, 0xfff0}, {operation, displacement}},                           // link a6, #-16
      {{0x48e7, 0x1f30}, {operation, registers}},                              // movem.l d3-d7/a2-a3, -(sp)
      {{0x4cee, 0x0cf8, 0xffd0}, {operation, registers, displacement}},        // movem.l -48(a6), ...
      {{0x2f3c, 0x0001, 0x0002}, {operation, immediate_high, immediate_low}},  // move.l #$10002, -(sp)
      {{0x3f3c, 0x0003}, {operation, immediate_low}},                          // move.w #3, -(sp)
      {{0x2d7c, 1, 2, 0xfffc}, {operation, immediate_high, immediate_low, displacement}},
      {{0x3d6e, 0x0008, 0xfffe}, {operation, displacement, displacement}},  // move.w 8(a6), -2(a6)
      {{0x23f9, 1, 2, 3, 4}, {operation, address_high, address_low, address_high, address_low}},
      {{0x41fa, 0x0010}, {operation, relative}},                             // lea 16(pc), a0
      {{0x4a78, 0x0904}, {operation, address}},                              // tst.w $904
      {{0x1030, 0x0800}, {operation, index}},                                // move.b (a0,d0.l), d0
      {{0x0c6e, 0x0005, 0x0008}, {operation, immediate_low, displacement}},  // cmpi.w #5, 8(a6)
      {{0x0c80, 0, 5}, {operation, immediate_high, immediate_low}},          // cmpi.l #5, d0
      {{0x0828, 0x0007, 0x0010}, {operation, immediate_low, displacement}},  // btst #7, 16(a0)
      {{0xd1fc, 0, 8}, {operation, immediate_high, immediate_low}},          // adda.l #8, a0
      {{0xd0fc, 8}, {operation, immediate_low}},                             // adda.w #8, a0
      {{0x6700, 0x0022}, {operation, branch}},
      {{0x51c8, 0xfffe}, {operation, branch}},        // dbra d0
      {{0x4ead, 0x0222}, {operation, displacement}},  // jsr 546(a5)
      {{0x6704}, {operation}},
      {{0x7000}, {operation}},
      {{0xa9eb}, {operation}},
      {{0x588f}, {operation}},
      {{0xe488}, {operation}},
      {{0x4e5e}, {operation}},
      {{0x4e75}, {operation}},
      // 68020 and 68881.
      {{0x61ff, 0xffff, 0xff00}, {operation, branch, branch}},
      {{0x4c3c, 0x0800, 0, 10}, {operation, registers, immediate_high, immediate_low}},  // muls.l #10, d0
      {{0x480e, 0xffff, 0x0000}, {operation, immediate_high, immediate_low}},            // link.l a6, #-65536
      {{0xe9c0, 0x0608}, {operation, registers}},                                // bfextu d0{24:8}, d0
      {{0x2070, 0x0170, 1, 2}, {operation, index, displacement, displacement}},  // ([$10002])
      {{0x2070, 0x0162, 1, 2}, {operation, index, displacement, displacement}},  // ([1], 2)
      {{0xf22e, 0x5400, 0x0008}, {operation, registers, displacement}},          // fmove.d 8(a6), fp0
      {{0xf294, 0x0010}, {operation, branch}},                                   // fblt
  };
  Words all;
  std::vector<Field> expected;
  for (const auto& [words, fields] : instructions) {
    EXPECT_EQ(fields_of(words), fields) << std::hex << words[0];
    all.insert(all.end(), words.begin(), words.end());
    expected.insert(expected.end(), fields.begin(), fields.end());
  }
  EXPECT_EQ(fields_of(all), expected);
}

// Functions that push, call and return.
Bytes functions(std::size_t count) {
  std::mt19937 random(4);
  const auto some = [&](unsigned mask) { return static_cast<unsigned>(random()) & mask; };
  Words words;
  for (std::size_t i = 0; i < count; ++i) {
    words.insert(words.end(), {0x4e56, 0xfff0, 0x486e, 0xfffc, 0x3f3c, some(0xf), 0x4ead});
    words.insert(words.end(), {some(0x3f2), 0x302e, 0xfffc - some(6), 0xd06e, 8, 0x4e5e, 0x4e75});
  }
  return bytes_of(words);
}

TEST(M68kCode, IsActiveInProgramsAlone) {
  const auto active_share = [](const Bytes& bytes) {
    M68kCode code;
    std::size_t active = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      active += code.active();
      code.push(bytes[i], i + 1);
    }
    return static_cast<double>(active) / static_cast<double>(bytes.size());
  };
  EXPECT_GT(active_share(functions(500)), 0.9);
  EXPECT_LT(active_share(test::text_bytes(20000)), 0.01);
  EXPECT_LT(active_share(test::random_bytes(20000)), 0.01);
  EXPECT_LT(active_share(test::record_bytes(20000)), 0.01);
  EXPECT_LT(active_share(Bytes(20000, 0)), 0.01);
  Words capitals;  // as a list of symbols may have them; half of it was taken for code
  for (unsigned i = 0; i < 5000; ++i)
    capitals.push_back(std::array{0x4e75, 0x4e56, 0x487a, 0x4142, 0x2f4e}[i * 7 % 5]);
  EXPECT_LT(active_share(bytes_of(capitals)), 0.01);
}

TEST(M68kCode, RemembersTheLastDisplacementOfARegister) {
  M68kCode code;
  std::uint64_t position = 0;
  const auto push = [&](const Words& words) {
    for (const std::uint8_t byte : bytes_of(words)) code.push(byte, ++position);
  };
  push({0x486e, 0xfffc, 0x486d, 0x0100, 0x486e});  // -4(a6), 256(a5), ?(a6)
  ASSERT_EQ(code.field(), Field::displacement);
  EXPECT_EQ(code.base(), 6u);
  EXPECT_EQ(code.same_field(), 0xfffcu);
  EXPECT_EQ(code.operation(1), 0x486du);
  EXPECT_EQ(code.last_of(Field::displacement), 0x0100u);
  EXPECT_EQ(code.so_far(), 0u);
  code.push(0xff, ++position);
  EXPECT_EQ(code.so_far(), 0x1ffu);
  code.push(0xf8, ++position);
  push({0xa9f0, 0xa873, 0x486e});
  EXPECT_EQ(code.same_field(), 0xfff8u);
  EXPECT_EQ(code.earlier_field(), 0xfffcu);
  EXPECT_EQ(code.trap(0), 0xa873u);
  EXPECT_EQ(code.trap(1), 0xa9f0u);
}

/// Functions whose operands are often those of an instruction before, as compilers write them.
Bytes program(std::size_t size) {
  std::mt19937 random(9);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  Words words;
  while (words.size() < size) {
    words.insert(words.end(), {0x4e56, 0x10000u - 4 * (1 + below(8)), 0x48e7, 0x1c00});
    unsigned slot = 0xfffc, target = 3;
    for (unsigned n = 4 + below(20); n > 0; --n) {
      if (below(3) == 0) slot = 0xfffc - 4 * below(8);
      if (below(3) == 0) target = below(6);
      switch (below(6)) {
        case 0: words.insert(words.end(), {0x202e | target << 9, slot}); break;
        case 1: words.insert(words.end(), {0x2d40 | target, slot}); break;
        case 2: words.insert(words.end(), {0xd080 | target << 9 | below(6)}); break;
        case 3: words.insert(words.end(), {0x4a80 | target, 0x6700 | 2 * (1 + below(30))}); break;
        case 4: words.insert(words.end(), {0x486e, slot, 0x4ead, 2 + 8 * below(64)}); break;
        default: words.insert(words.end(), {0x0cae, 0, below(4), slot}); break;
      }
    }
    words.insert(words.end(), {0x4cdf, 0x0038, 0x4e5e, 0x4e75});
  }
  return bytes_of(words);
}

// 11,640 and 10,884 bytes when they were followed from -3 on, and their contexts stood behind orders; now
// 11,240 and 10,748.
TEST(M68kCode, MakesProgramsSmaller) {
  EXPECT_LT(test::packed_size(program(30000), 1), 11400u);
  EXPECT_LT(test::packed_size(program(30000), 3), 10820u);
}

// A repeat may end at an odd place, in the midst of an instruction: what follows is understood again.
TEST(M68kCode, ALongRepeatIsLeft) {
  ByteState state(12);
  const Bytes program = functions(300);
  for (const std::uint8_t byte : test::joined({program, bytes_of({0x2d7c, 1})})) state.push(byte);
  ASSERT_EQ(state.m68k().field(), Field::immediate_low);
  for (unsigned i = 0; i < 5; ++i) state.pass(0);
  for (const std::uint8_t byte : test::joined({Bytes(1, 0), program, bytes_of({0x4ead})})) state.push(byte);
  EXPECT_TRUE(state.m68k().active());
  EXPECT_EQ(state.m68k().field(), Field::displacement);
}

}  // namespace
}  // namespace ssmz::codec
