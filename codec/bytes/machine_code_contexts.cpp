// SPDX-License-Identifier: Apache-2.0
// The contexts of machine code, which are FORMAT: each processor's stand in for those of data without
// structure, of x86 and AArch64 at all levels.
#include "codec/bytes/machine_code_contexts.hpp"

#include <algorithm>

namespace ssmz::codec {

namespace {

// From -6 on.
void list_more_x86_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const X86Code& code = s.code();
  const std::uint64_t now = code.so_far(), part = code.part(), field = code.field();
  const std::uint64_t of_operation = part << 32 | code.operation() << 8;
  const std::uint64_t place = of_operation | code.mod_rm();
  const auto before = [&](unsigned k) { return code.before(k); };
  const auto operation = [&](unsigned k) { return code.before(k) >> 16; };
  list.add(place, now, before(0));
  list.add(place, field);
  list.add(part, field, code.last_address());
  list.add(place, now, std::min(code.since_end(), 31u));
  list.add(part, field, code.mod_rm() & 7u, before(0) >> 8 & 0x3fu);
  list.add(place, now, code.last_address());
  list.add(place, s.last(2));
  list.add(part, field, code.same_field());
  list.add(place, now, before(0), before(1), before(2), before(3));
  list.add(place, field, code.same_field());
  list.add(place, now, before(0) >> 8, before(1) >> 8);
  list.add(place, code.mod_rm() & 0x38u, before(0), operation(1));
  list.add(part, field, operation(0), operation(1));
  list.add(part, now, operation(0), operation(1), code.registers() & 0x3838);
  list.add(s.last(2));
  list.add(s.last(4));
  list.add(match.id, std::min(match.length, 15u));
  list.add(s.last(3));
  list.add(s.word(), s.back(1));
  list.add(s.kinds());
  list.add(s.last(5));
  list.add(s.last(6));
  list.add(s.last(4) >> 16);
  list.add(0);
  list.add(s.last(2) & 0xfff0u);
  list.add(s.last(3) & 0xf0f0ffu);
  list.add(s.last(3) & 0xfff0f0u);
  list.add(s.kinds() & 0xffffu, s.last(2));
  list.add(s.kinds(), s.back(1));
  list.add(s.back(6), s.back(7), s.last(2));
  list.add(s.back(7), s.back(8), s.last(1));
}

// From -6 on.
void list_more_word_code(const ByteState& s, ContextLister& list) {
  const WordCode& code = s.word_code();
  const std::uint64_t now = code.so_far();
  const unsigned r = s.records().length(0);
  const auto word = [&](unsigned k) { return code.word(k); };
  const auto operation = [&](unsigned k) { return code.operation(k); };
  const auto group = [&](unsigned k) { return code.group(k); };
  list.add(now, word(0) & 0x3ffu);
  list.add(now, code.target(0));
  list.add(now, code.target(0), code.target(1), group(0));
  list.add(now, word(2));
  list.add(now, code.call(), group(0));
  list.add(now, operation(0), operation(1), operation(2), operation(3));
  list.add(now, group(1), group(2));
  list.add(s.last(2));
  list.add(s.last(3) >> 8);
  list.add(s.last(4) >> 16);
  list.add(s.last(3));
  list.add(s.word(), s.back(1));
  list.add(s.kinds());
  list.add(s.last(6));
  list.add(s.last(5));
  list.add(0);
  list.add(s.last(3) & 0xf0f0ffu);
  list.add(s.last(3) & 0xfff0f0u);
  list.add(s.last(4) & 0xffffe0u);
  list.add(s.last(6) & 0xf0f0f0f0f0f0u);
  list.add(s.kinds() & 0xffffu, s.last(2));
  list.add(s.kinds(), s.back(1));
  list.add(s.last(5) & 0xc0c0c0c0ffu);
  list.add(s.back(6), s.back(7), s.last(2));
  list.add(s.back(7), s.back(8), s.last(1));
  list.add(s.back(11), s.back(12), s.last(2));
  list.add(s.last(7));
  list.add(s.last(8));
  list.add(s.back(4), s.position() % 4);
  list.add(r, s.back(r), s.back(1));
  list.add(r, (s.back(r) + s.back(1) - s.back(r + 1)) & 0xffu, s.back(1));
}

}  // namespace

// Of x86: the instruction so far, the ones before it, the fields and where the same stood before. Up to -5
// each is the one that gained most when those before it were chosen, from 95 of all kinds (orders, gaps,
// coarse bytes; those of instructions), at the first level that takes it; 60,000 bytes each of nine programs
// and libraries (32 and 64 bit, ELF and PE, C, C++, Fortran, Go). In place of all orders and 14 of
// instructions from -4 on, with the weight sets of byte_selectors.cpp, they take at -1, -2, -3, -4, -5, -9
// without SSM 10.2, 12.4, 6.6, 5.0, 3.8, 3.9 % off; of five other programs at -1, -5, -9 9.2, 3.5, 3.4 %. At
// -9 16 more in place of all of records are 2.0 of the 3.9 %; in place of gaps as well they lose 0.3, of
// words 0.2 %.
void list_x86_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const X86Code& code = s.code();
  const std::uint64_t now = code.so_far(), part = code.part(), field = code.field();
  const std::uint64_t of_operation = part << 32 | code.operation() << 8;
  const std::uint64_t place = of_operation | code.mod_rm();
  const std::uint64_t with_register = of_operation | (code.mod_rm() & 0x38u);
  const std::uint64_t with_operand = of_operation | (code.mod_rm() & 0xc7u);
  const auto before = [&](unsigned k) { return code.before(k); };
  const auto operation = [&](unsigned k) { return code.before(k) >> 16; };
  // -1.
  list.add(s.last(1));
  list.add(of_operation, field, before(0) >> 8);
  list.add(place, now);
  list.add(s.last(3) >> 8);
  list.add(place, now, operation(0), operation(1), operation(2), operation(3), operation(4), operation(5));
  list.add(place, now, operation(0), operation(1));
  list.add(part, field);
  // -2.
  list.add(s.back(2));
  list.add(s.back(3));
  list.add(part, field, code.slot(0), code.same_field());
  // -3, -4.
  list.add(place, now, s.position() & 15u);
  list.add(part, now, code.registers() & 0x3838, operation(0));
  list.add(s.last(5) & 0xc0c0c0c0ffu);
  list.add(of_operation, field);
  list.add(place, now, before(1));
  list.add(part, field, code.last_address(), code.operation());
  // -5.
  list.add(with_operand, field, code.slot(0));
  list.add(place, now, operation(0), operation(1), operation(2), operation(3));
  list.add(with_register, field, operation(0));
  list.add(place, now, before(0), before(2));
  list.add(part, field, code.slot(0), operation(0));
  list.add(place, now, operation(0), operation(1), operation(2));
  list.add(part, field, code.wide_field());
  list.add(part, field, s.last(1));
  list.add(place, now, before(2));
  list.add(part, now, operation(1), operation(2));
  list.add(place, now, code.registers() & 0xffffff);
  list.add(part, field, code.wide_field() >> 8, code.operation());
  list.add(place, now, before(0), before(1), before(2));
  list.add(place, now, before(0), before(1));
  list.add(part, field, code.slot(0), code.slot(1));
  list.add(place, field, code.slot(0));
  if (!list.full()) list_more_x86_code(s, match, list);
}

// Of code of the 68000: which word of its instruction comes, the instructions before, the same field before.
// They stand in for the loose ones. -9 without SSM: 40,000 bytes of obj2 from 0 and from
// 100,000 on 12,263, 6,208 -> 12,050, 5,877; in place of those with gaps 12,114, 5,886 (both before it was
// looked for where such code is), without weights by place 12,130, 5,919.
void list_m68k_code(const M68kCode& code, ContextLister& list) {
  const auto operation = [&](unsigned k) { return code.operation(k); };
  const auto general = [&](unsigned k) {
    return code.operation(k) & 0xf1f8u;
  };  // all but the operand's register
  const std::uint64_t place =
      static_cast<std::uint64_t>(code.field()) << 32 | code.base() << 16 | code.so_far();
  list.add(place, operation(0));
  list.add(place, operation(0), operation(1));
  list.add(place, operation(0), operation(1), operation(2));
  list.add(place, operation(0), code.last_word());
  list.add(place, operation(0), operation(1), code.last_word());
  list.add(place, code.same_field());
  list.add(place, code.same_field(), operation(0));
  list.add(place, general(0), general(1), general(2), general(3));
  list.add(place, operation(0) >> 8, operation(1) >> 8, operation(2) >> 8, operation(3) >> 8);
  list.add(place, code.last_trap(), operation(0));
  list.add(place, std::min(code.since_frame(), 31u), operation(0));
  list.add(place, operation(1));
  list.add(place, operation(0), operation(2));
  list.add(place);
}

// Of AArch64: the words before, what they do, their registers; chosen likewise up to -3 from 60,000 bytes
// each of libc (twice), libm and libstdc++. 300,000 bytes of libc at -1 to -5 102,521, 99,379, 95,225,
// 91,966, 87,590 -> 93,451, 90,319, 87,458, 86,697, 85,934, of libstdc++ 40,176, 38,673, 36,369, 35,048,
// 33,108 -> 36,410, 34,845, 33,156, 32,813, 32,358, weight sets included.
void list_word_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const WordCode& code = s.word_code();
  const std::uint64_t now = code.so_far();
  const auto word = [&](unsigned k) { return code.word(k); };
  const auto operation = [&](unsigned k) { return code.operation(k); };
  const auto group = [&](unsigned k) { return code.group(k); };
  // -1.
  list.add(now, group(0), group(1), group(2), group(3));
  list.add(now);
  list.add(now, code.like());
  list.add(s.last(4));
  list.add(s.back(3));
  list.add(s.back(2));
  list.add(now, operation(0));
  // -2.
  list.add(now, operation(0), operation(1));
  list.add(s.back(12), s.back(13), s.last(1));
  list.add(match.id, std::min(match.length, 15u));
  // -3.
  list.add(now, code.call());
  list.add(s.last(4) >> 8);
  list.add(s.last(1));
  list.add(now, code.target(0), operation(0));
  list.add(s.last(2) & 0xfff0u);
  list.add(now, word(0), word(1));
  // -4, -5.
  list.add(now, word(0));
  list.add(now, operation(0), operation(1), operation(2));
  list.add(now, std::min(code.since_frame(), 31u));
  list.add(now, word(1));
  list.add(now, group(0), word(1));
  list.add(now, code.like(), group(0));
  list.add(now, word(0) & 0x3ffu, group(0));
  list.add(now, code.target(0), code.target(1));
  list.add(now, group(0));
  list.add(now, group(0), group(1));
  list.add(now, code.like(), operation(0));
  list.add(now, operation(0), group(1));
  list.add(now, word(0), word(1), word(2));
  list.add(now, operation(1));
  list.add(now, code.target(0), group(0));
  list.add(now, group(0), group(1), group(2));
  if (!list.full()) list_more_word_code(s, list);
}

// Of code of the VAX: likewise, and the operands before. obj1 at -9 without SSM 7,301 -> 6,309; eleven more
// in place of sparse ones, operands three back, the last address, 6,323. Before those of records: see
// byte_contexts.cpp.
void list_vax_code(const VaxCode& code, ContextLister& list) {
  const std::uint64_t now = code.so_far(), operand = code.operand_so_far();
  const std::uint64_t place = std::uint64_t{code.part()} << 32 | code.operation() << 8 | code.operand();
  const std::uint64_t kind = std::uint64_t{code.part()} << 32 | code.operand_kind();
  list.add(place, now);
  list.add(place, now, code.before(0));
  list.add(place, now, code.before(0), code.before(1));
  list.add(kind, operand, code.operand_before(0));
  list.add(place, operand);
  list.add(place, now, code.before(0) & 0xffu, code.before(1) & 0xffu);
  list.add(kind, operand, code.operand_before(0), code.operand_before(1));
  list.add(place, operand, code.operand_before(0));
  list.add(kind, operand);
  list.add(place, now, code.before(0), code.before(1), code.before(2));
  list.add(place, now, std::min(code.since_entry(), 31u));
  list.add(kind, code.field(), code.last_address());
  list.add(place, now, code.before(0) & 0xffu, code.before(1) & 0xffu, code.before(2) & 0xffu,
           code.before(3) & 0xffu);
  list.add(place, operand, code.operand_before(1));
}

}  // namespace ssmz::codec
