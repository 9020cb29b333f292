// SPDX-License-Identifier: Apache-2.0
// Instructions of the VAX are followed operand by operand; other data is told from them.
#include "codec/bytes/vax_code.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "codec/bytes/byte_state.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;
using test::joined;
using Parts = std::vector<unsigned>;

constexpr unsigned opcode = VaxCode::at_opcode, spec = VaxCode::specifier, base = VaxCode::base_specifier,
                   disp = VaxCode::displacement, imm = VaxCode::immediate, branch = VaxCode::branch,
                   table = VaxCode::table, mask = VaxCode::entry_mask;

// What each byte was said to be before it came.
Parts parts_of(const Bytes& bytes) {
  VaxCode code;
  Parts parts;
  for (const std::uint8_t byte : bytes) {
    parts.push_back(code.part());
    code.push(byte);
  }
  EXPECT_EQ(code.part(), VaxCode::at_opcode) << "the last instruction has not ended";
  return parts;
}

TEST(VaxCode, KnowsTheBytesOfInstructions) {
  const std::vector<std::pair<Bytes, Parts>> instructions = {
      {{0xc2, 0x08, 0x5e}, {opcode, spec, spec}},              // subl2 $8, sp
      {{0xd0, 0xae, 0x08, 0x6e}, {opcode, spec, disp, spec}},  // movl 8(sp), (sp)
      {{0xd0, 0x50, 0xef, 1, 2, 0, 0}, {opcode, spec, spec, disp, disp + 1, disp + 2, disp + 3}},
      {{0xfb, 0x03, 0xcf, 1, 2}, {opcode, spec, spec, disp, disp + 1}},            // calls $3, w^..
      {{0xdd, 0x8f, 1, 2, 3, 4}, {opcode, spec, imm, imm + 1, imm + 2, imm + 3}},  // pushl $..
      {{0xb0, 0x8f, 1, 2, 0x50}, {opcode, spec, imm, imm + 1, spec}},              // movw $.., r0
      {{0x91, 0x8f, 1, 0x50}, {opcode, spec, imm, spec}},                          // cmpb $.., r0
      {{0x9f, 0x9f, 1, 2, 3, 4}, {opcode, spec, imm, imm + 1, imm + 2, imm + 3}},  // pushab @$..
      {{0x90, 0x41, 0x60, 0xad, 0xe4}, {opcode, spec, base, spec, disp}},          // movb (r0)[r1], -28(fp)
      {{0x12, 0xfe}, {opcode, branch}},                                            // bneq
      {{0xe1, 0x05, 0x50, 0x10}, {opcode, spec, spec, branch}},                    // bbc $5, r0, ..
      {{0xcf, 0x50, 0, 0x01, 4, 0, 8, 0}, {opcode, spec, spec, spec, table, table + 1, table, table + 1}},
      {{0x31, 0x64, 0xfe}, {opcode, branch, branch + 1}},  // brw
      {{0xc0, 0x0f}, {opcode, mask + 1}},                  // entry
      {{0xd4, 0x50}, {opcode, spec}},                      // clrl r0
      {{0x04}, {opcode}},                                  // ret
      {{0x00, 0x0c}, {opcode, mask + 1}},                  // entry
      {{0x01}, {opcode}},                                  // nop
  };
  Bytes all;
  Parts expected;
  for (const auto& [bytes, parts] : instructions) {
    if (parts.back() != mask + 1) {
      EXPECT_EQ(parts_of(bytes), parts) << std::hex << unsigned{bytes[0]};
    }
    all.insert(all.end(), bytes.begin(), bytes.end());
    expected.insert(expected.end(), parts.begin(), parts.end());
  }
  EXPECT_EQ(parts_of(all), expected);
}

void append_long(std::uint32_t value, Bytes& bytes) {
  for (unsigned k = 0; k < 4; ++k) bytes.push_back(static_cast<std::uint8_t>(value >> 8 * k));
}

// Procedures that push what they were given, call one of 30 places and return.
Bytes procedures(std::size_t count) {
  std::mt19937 random(4);
  const auto some = [&](unsigned bound) { return static_cast<std::uint8_t>(random() % bound); };
  Bytes bytes;
  const auto add = [&](const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
  for (std::size_t i = 0; i < count; ++i) {
    add({0x00, 0x0c, 0xc2, 0x08, 0x5e, 0xd0, 0xac, static_cast<std::uint8_t>(4 * some(4)), 0x5b, 0xdd, 0x5b});
    add({0xfb, 0x01, 0xef});
    append_long(1000u * some(30) - static_cast<std::uint32_t>(bytes.size() + 4), bytes);
    add({0xd1, 0x50, some(64), 0x13, some(16), 0xd6, 0xad, static_cast<std::uint8_t>(0xf0 + some(4)), 0x04});
  }
  return bytes;
}

TEST(VaxCode, IsActiveInProgramsAlone) {
  const auto active_share = [](const Bytes& bytes) {
    VaxCode code;
    std::size_t active = 0;
    for (const std::uint8_t byte : bytes) {
      active += code.active();
      code.push(static_cast<std::uint8_t>(byte + code.to_address()));
    }
    return static_cast<double>(active) / static_cast<double>(bytes.size());
  };
  Bytes cyrillic;
  for (const std::uint8_t byte : test::random_bytes(20000))
    cyrillic.push_back(0xd0), cyrillic.push_back(byte | 0x80);
  EXPECT_GT(active_share(procedures(500)), 0.9);
  EXPECT_LT(active_share(test::text_bytes(20000)), 0.01);
  EXPECT_LT(active_share(test::random_bytes(20000)), 0.01);
  EXPECT_LT(active_share(test::record_bytes(20000)), 0.01);
  EXPECT_LT(active_share(cyrillic), 0.01);
  EXPECT_LT(active_share(Bytes(20000, 0)), 0.01);
  EXPECT_LT(active_share(Bytes(20000, 0xdd)), 0.01);
}

// Wherever a call stands, what is modelled of it is where it leads to.
TEST(VaxCode, DistancesBecomeAddresses) {
  VaxCode code;
  std::uint32_t position = 0;
  const auto push = [&](const Bytes& bytes) {
    for (const std::uint8_t byte : bytes)
      code.push(static_cast<std::uint8_t>(byte + code.to_address())), ++position;
  };
  push(procedures(200));
  ASSERT_TRUE(code.active());
  for (const std::uint32_t target : {0u, 0x123456u, 0xfffffff0u})
    for (unsigned gap = 0; gap < 300; ++gap) {
      push({0x00, 0x0c, 0xfb, 0x00, 0xef});
      ASSERT_EQ(code.part(), VaxCode::displacement);
      Bytes distance;
      append_long(target - (position + 4), distance);
      push(distance);
      ASSERT_EQ(code.last_address(), target) << gap;
      push({0x04});
    }
}

TEST(VaxCode, ALongRepeatIsLeft) {
  ByteState state(12);
  const auto push = [&](const Bytes& bytes) {
    for (const std::uint8_t byte : bytes) state.push(static_cast<std::uint8_t>(byte + state.to_address()));
  };
  push(joined({procedures(300), {0x00, 0x0c, 0xdd, 0x8f, 1}}));
  ASSERT_EQ(state.vax().part(), VaxCode::immediate + 1);
  for (unsigned i = 0; i < 5; ++i) state.pass(0);
  push({0xdd});
  EXPECT_EQ(state.vax().part(), VaxCode::specifier);
}

TEST(VaxCode, ProgramsShrink) {
  // 1,809 bytes; 2,681 before the VAX was known.
  EXPECT_LT(test::packed_size(procedures(700), 3), 2000u);
}

}  // namespace
}  // namespace ssmz::codec
