// SPDX-License-Identifier: Apache-2.0
// Instructions are told apart, code from data, and distances become addresses.
#include "codec/bytes/x86_code.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

/// Instructions as a compiler writes them, 64 bit, one a line.
const std::vector<Bytes>& instructions() {
  static const std::vector<Bytes> list = {
      {0x55},                                                  // push rbp
      {0x48, 0x89, 0xe5},                                      // mov rbp, rsp
      {0x48, 0x83, 0xec, 0x10},                                // sub rsp, 16
      {0x89, 0x7d, 0xfc},                                      // mov [rbp-4], edi
      {0x8b, 0x85, 0x00, 0xff, 0xff, 0xff},                    // mov eax, [rbp-256]
      {0x0f, 0xb6, 0xc0},                                      // movzx eax, al
      {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},                    // nop word [rax+rax+0]
      {0xf6, 0xc0, 0x01},                                      // test al, 1
      {0x81, 0xfb, 0x10, 0x27, 0x00, 0x00},                    // cmp ebx, 10000
      {0x66, 0x81, 0xfb, 0x10, 0x27},                          // cmp bx, 10000
      {0x74, 0x05},                                            // je +5
      {0x0f, 0x84, 0x10, 0x01, 0x00, 0x00},                    // je +272
      {0xc7, 0x44, 0x24, 0x08, 0x01, 0x00, 0x00, 0x00},        // mov dword [rsp+8], 1
      {0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8},                    // mov rax, imm64
      {0xf3, 0x0f, 0x10, 0x04, 0xc5, 0x00, 0x10, 0x00, 0x00},  // movss xmm0, [rax*8+4096]
      {0x66, 0x0f, 0x3a, 0x0b, 0xc1, 0x09},                    // roundsd xmm0, xmm1, 9
      {0x48, 0x8b, 0x3c, 0x24},                                // mov rdi, [rsp]
      {0xc3},                                                  // ret
  };
  return list;
}

/// Keeps an X86Code fed as the byte model feeds it.
struct Reader {
  X86Code code;
  std::uint32_t position = 0;
  /// The byte as it is modelled.
  std::uint8_t push(std::uint8_t byte) {
    const auto modelled = static_cast<std::uint8_t>(byte + code.to_address());
    code.push(modelled);
    ++position;
    return modelled;
  }
  void push_code(unsigned times) {
    for (unsigned i = 0; i < times; ++i)
      for (const Bytes& instruction : instructions())
        for (const std::uint8_t byte : instruction) push(byte);
  }
  /// A call (E8) or an address (48 8D 3D), its four bytes as modelled.
  std::uint32_t push_distance(const Bytes& start, std::uint32_t distance) {
    for (const std::uint8_t byte : start) push(byte);
    std::uint32_t modelled = 0;
    for (unsigned i = 0; i < 4; ++i)
      modelled |= std::uint32_t{push(static_cast<std::uint8_t>(distance >> (8 * i)))} << (8 * i);
    return modelled;
  }
};

TEST(X86Code, KnowsWhereAnInstructionEnds) {
  Reader reader;
  for (const Bytes& instruction : instructions()) {
    for (const std::uint8_t& byte : instruction) {
      reader.push(byte);
      if (&byte != &instruction.back()) {
        ASSERT_TRUE(reader.code.part() != X86Code::at_opcode || reader.code.so_far() != 0)
            << int{instruction[0]};
      }
    }
    ASSERT_EQ(reader.code.part(), X86Code::at_opcode) << int{instruction[0]} << ' ' << int{instruction[1]};
    ASSERT_EQ(reader.code.so_far(), 0u) << int{instruction[0]};
  }
}

TEST(X86Code, TellsCodeFromData) {
  Reader reader;
  reader.push_code(30);
  EXPECT_TRUE(reader.code.active());
  for (const Bytes& data : {test::random_bytes(100000), test::text_bytes(100000), test::record_bytes(100000),
                            Bytes(100000, 0), Bytes(100000, 'P'), Bytes(100000, 0xff)}) {
    Reader other;
    std::size_t taken = 0;
    for (const std::uint8_t byte : data) {
      other.push(byte);
      taken += other.code.active() ? 1 : 0;
    }
    EXPECT_LT(taken, data.size() / 50) << int{data[0]};
    Reader after;
    after.push_code(30);
    for (const std::uint8_t byte : data) after.push(byte);
    EXPECT_FALSE(after.code.active()) << int{data[0]};
  }
}

TEST(X86Code, MakesCallsOfOnePlaceTheSameBytes) {
  Reader reader;
  reader.push_code(30);
  constexpr std::uint32_t target = 0x00012345;
  for (unsigned i = 0; i < 300; ++i) {
    ASSERT_EQ(reader.push_distance({0xe8}, target - (reader.position + 5)), target);
    ASSERT_EQ(reader.push_distance({0x48, 0x8d, 0x3d}, target - (reader.position + 7)), target);
    ASSERT_EQ(reader.code.last_address(), target);
    reader.push_code(1);
  }
}

TEST(X86Code, CountsTheImmediateBehindADistance) {
  Reader reader;
  reader.push_code(30);
  constexpr std::uint32_t target = 0xfffff345;
  EXPECT_EQ(reader.push_distance({0x48, 0xc7, 0x05}, target - (reader.position + 11)), target);
  for (const std::uint8_t byte : Bytes{1, 0, 0, 0}) EXPECT_EQ(reader.push(byte), byte);
  EXPECT_EQ(reader.code.part(), X86Code::at_opcode);
}

TEST(X86Code, LeavesDistancesThatALinkerWillWrite) {
  Reader reader;
  reader.push_code(30);
  for (unsigned i = 0; i < 40; ++i) reader.push_distance({0xe8}, 0), reader.push_code(1);
  EXPECT_EQ(reader.push_distance({0xe8}, 0), 0u);
}

}  // namespace
}  // namespace ssmz::codec
