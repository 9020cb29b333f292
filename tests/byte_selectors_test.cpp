// SPDX-License-Identifier: Apache-2.0
// Selectors of machine code stand in for the others only there, and stay within their rows.
#include "codec/bytes/byte_selectors.hpp"

#include <gtest/gtest.h>

#include "codec/bytes/byte_state.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

void push(ByteState& state, const Bytes& bytes, unsigned times = 1) {
  for (unsigned i = 0; i < times; ++i)
    for (const std::uint8_t byte : bytes) state.push(static_cast<std::uint8_t>(byte + state.to_address()));
}

// push rbp; mov rbp, rsp; mov [rbp-4], edi; movabs rax; lea rdi, [rip+x]; call; add rsp, 16; ret
const Bytes code = {0x55, 0x48, 0x89, 0xe5, 0x89, 0x7d, 0xfc, 0x48, 0xb8, 1,   2, 3,
                    4,    5,    6,    7,    8,    0x48, 0x8d, 0x3d, 1,    2,   0, 0,
                    0xe8, 5,    6,    0,    0,    0x48, 0x83, 0xc4, 0x10, 0xc3};

void expect_within_rows(const ByteState& state, std::span<const Selector<ByteSituation>> selectors,
                        std::span<const Selector<ByteSituation>> instead) {
  ASSERT_EQ(selectors.size(), instead.size());
  for (unsigned value = 1; value < 256; ++value) {
    unsigned depth = 0;
    while (value >> (depth + 1)) ++depth;
    const ByteSituation situation{.state = state,
                                  .value = value,
                                  .depth = depth,
                                  .place = byte_place_row(byte_place(state), value, depth),
                                  .code = code_place(state).value_or(CodePlace{})};
    for (std::size_t i = 0; i < selectors.size(); ++i)
      ASSERT_LT(instead[i].row(situation), selectors[i].rows) << instead[i].name << ' ' << value;
  }
}

TEST(ByteSelectors, OfMachineCodeStayWithinTheRowsOfTheOthers) {
  const ByteSelectors all = byte_selectors(false), instead = code_selectors();
  ByteState state(16);
  push(state, code, 100);
  for (const std::uint8_t byte : code) {
    ASSERT_TRUE(code_place(state));
    ASSERT_LT(code_place(state)->part, code_parts);
    expect_within_rows(state, all.sets, instead.sets);
    expect_within_rows(state, all.finals, instead.finals);
    expect_within_rows(state, all.apms, instead.apms);
    push(state, {byte});
  }
}

TEST(ByteSelectors, KnowPlacesInMachineCodeAlone) {
  ByteState state(16);
  for (const std::uint8_t byte : test::text_bytes(2000)) state.push(byte);
  EXPECT_FALSE(code_place(state));
  push(state, code, 100);
  ASSERT_TRUE(code_place(state));
  const unsigned begins = code_place(state)->part;
  push(state, {0x89});
  EXPECT_NE(code_place(state)->part, begins);
  push(state, {0x7d});  // mov [rbp+..], edi
  EXPECT_EQ(code_place(state)->operand, 7u);
}

TEST(ByteSelectors, KnowPlacesInAArch64) {
  ByteState state(16);
  state.begin_block(Processor::a64);
  for (const std::uint8_t byte : Bytes{0x94, 0x00, 0x12, 0x34}) state.push(byte);
  ASSERT_TRUE(code_place(state));
  EXPECT_EQ(code_place(state)->part, 0u);
  EXPECT_EQ(code_place(state)->operand, 4u);  // of 94, the last word's highest byte
  state.push(0x91);
  EXPECT_EQ(code_place(state)->part, 4u + 2);
  EXPECT_EQ(code_place(state)->operand, 1u);
}

}  // namespace
}  // namespace ssmz::codec
