// SPDX-License-Identifier: Apache-2.0
// Instructions are told apart, code from data, and distances become addresses.
#include "codec/bytes/x86_code.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/packed_size.hpp"
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

/// The same of 32 bit, whose increments are prefixes in 64-bit code.
const std::vector<Bytes>& instructions_of_32_bit() {
  static const std::vector<Bytes> list = {
      {0x55},                                // push ebp
      {0x8b, 0xec},                          // mov ebp, esp
      {0xa1, 0x00, 0x10, 0x40, 0x00},        // mov eax, [0x401000]
      {0x41},                                // inc ecx
      {0x4a},                                // dec edx
      {0x66, 0xa3, 0x04, 0x10, 0x40, 0x00},  // mov [0x401004], ax
      {0x8b, 0x0d, 0x10, 0x00, 0x56, 0x00},  // mov ecx, [0x560010]
      {0x89, 0x45, 0xfc},                    // mov [ebp-4], eax
      {0xc5, 0x03},                          // lds eax, [ebx]
      {0x62, 0x43, 0x08},                    // bound eax, [ebx+8]
      {0xc8, 0x10, 0x00, 0x00},              // enter 16, 0
      {0x83, 0xc4, 0x04},                    // add esp, 4
      {0x5d},                                // pop ebp
      {0xc2, 0x08, 0x00},                    // ret 8
  };
  return list;
}

/// Instructions of AVX and AVX-512, 64 bit.
const std::vector<Bytes>& instructions_of_avx() {
  static const std::vector<Bytes> list = {
      {0xc5, 0xf8, 0x77},                          // vzeroupper
      {0xc5, 0xf9, 0x6f, 0x44, 0x24, 0x10},        // vmovdqa xmm0, [rsp+16]
      {0xc4, 0xe2, 0x7d, 0x59, 0xc1},              // vpbroadcastq ymm0, xmm1
      {0xc4, 0xe3, 0x75, 0x0f, 0xc2, 0x08},        // vpalignr ymm0, ymm1, ymm2, 8
      {0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x40, 0x01},  // vmovdqu64 zmm0, [rax+64]
      {0x62, 0xf3, 0x75, 0x40, 0x25, 0xc2, 0x96},  // vpternlogd zmm0, zmm17, zmm2, 0x96
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
  void push(const Bytes& bytes) {
    for (const std::uint8_t byte : bytes) push(byte);
  }
  void push(const std::vector<Bytes>& list, unsigned times) {
    for (unsigned i = 0; i < times; ++i)
      for (const Bytes& instruction : list) push(instruction);
  }
  void push_code(unsigned times) { push(instructions(), times); }
  /// A call (E8) or an address (48 8D 3D), its four bytes as modelled.
  std::uint32_t push_distance(const Bytes& start, std::uint32_t distance) {
    push(start);
    std::uint32_t modelled = 0;
    for (unsigned i = 0; i < 4; ++i)
      modelled |= std::uint32_t{push(static_cast<std::uint8_t>(distance >> (8 * i)))} << (8 * i);
    return modelled;
  }
};

void expect_to_end(const std::vector<Bytes>& list, Reader& reader) {
  for (const Bytes& instruction : list) {
    for (const std::uint8_t& byte : instruction) {
      reader.push(byte);
      if (&byte != &instruction.back()) {
        ASSERT_TRUE(reader.code.part() != X86Code::at_opcode || reader.code.so_far() != 0)
            << int{instruction[0]};
      }
    }
    ASSERT_EQ(reader.code.part(), X86Code::at_opcode) << int{instruction[0]} << ' ' << instruction.size();
    ASSERT_EQ(reader.code.so_far(), 0u) << int{instruction[0]};
  }
}

TEST(X86Code, KnowsWhereAnInstructionEnds) {
  Reader reader;
  reader.push_code(30);  // 64 bit
  expect_to_end(instructions(), reader);
  expect_to_end(instructions_of_avx(), reader);
}

TEST(X86Code, KnowsWhereAnInstructionOf32BitsEnds) {
  Reader reader;
  for (unsigned times = 0; times < 30; ++times) expect_to_end(instructions_of_32_bit(), reader);
}

TEST(X86Code, ReadsInstructionsOf32BitsBehindThoseOf64AndBack) {
  Reader reader;
  reader.push_code(30);
  reader.push(instructions_of_32_bit(), 60);
  expect_to_end(instructions_of_32_bit(), reader);
  reader.push_code(60);
  expect_to_end(instructions(), reader);
}

TEST(X86Code, KnowsAVexPrefixAsThoseOfOld) {
  Reader reader;
  reader.push_code(30);
  reader.push(Bytes{0x66, 0x0f, 0x6f, 0xc1});  // movdqa xmm0, xmm1
  const std::uint32_t old = reader.code.before(0);
  reader.push(Bytes{0xc5, 0xf9, 0x6f, 0xc1});  // vmovdqa xmm0, xmm1
  EXPECT_EQ(reader.code.before(0), old);
}

TEST(X86Code, RemembersFields) {
  Reader reader;
  reader.push_code(30);
  reader.push(Bytes{0x89, 0x7d, 0xec});  // mov [rbp-20], edi
  reader.push(Bytes{0x8b, 0x45, 0xf8});  // mov eax, [rbp-8]
  reader.push(Bytes{0x89, 0x7d});
  ASSERT_EQ(reader.code.part(), X86Code::displacement);
  EXPECT_EQ(reader.code.same_field(), 0xecu);
  EXPECT_EQ(reader.code.slot(0), 0xf8u);
  EXPECT_EQ(reader.code.slot(1), 0xecu);
  reader.push(0xf8);
  reader.push(Bytes{0xbf, 0x78, 0x56, 0x34, 0x12});  // mov edi, 0x12345678
  EXPECT_EQ(reader.code.wide_field(), 0x12345678u);
  reader.push(0xbf);
  ASSERT_EQ(reader.code.part(), X86Code::immediate);
  EXPECT_EQ(reader.code.same_field(), 0x12345678u);
  EXPECT_EQ(reader.code.slot(0), 0u);  // an immediate has none
}

/// Functions whose operands are often those of an instruction before, as compilers write them.
Bytes program(std::size_t size) {
  std::mt19937 random(7);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  Bytes out;
  const auto add = [&](std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) out.push_back(static_cast<std::uint8_t>(byte));
  };
  while (out.size() < size) {
    add({0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 16 * (1 + below(4))});
    unsigned slot = 0xfc, target = 0;
    for (unsigned n = 4 + below(20); n > 0; --n) {
      if (below(3) == 0) slot = 0xfc - 4 * below(8);
      if (below(3) == 0) target = below(8);
      switch (below(6)) {
        case 0: add({0x89, 0x45 | target << 3, slot}); break;
        case 1: add({0x8b, 0x45 | target << 3, slot}); break;
        case 2: add({0x01, 0xc0 | target << 3 | below(8)}); break;
        case 3: add({0x85, 0xc0 | target * 9, 0x74, 2 + below(30)}); break;
        case 4: add({0x48, 0x8d, 0x7d, slot, 0xe8, below(256), below(16), 0, 0}); break;
        default: add({0x83, 0x7d, slot, below(4)}); break;
      }
    }
    add({0xc9, 0xc3});
  }
  return out;
}

// 17,045 bytes with the contexts and weight sets of data without structure, 16,568 with those of machine
// code.
TEST(X86Code, MakesProgramsSmallerAtTheFastestLevel) {
  EXPECT_LT(test::packed_size(program(60000), 1), 16800u);
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
