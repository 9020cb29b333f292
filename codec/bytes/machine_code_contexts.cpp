// SPDX-License-Identifier: Apache-2.0
// The contexts of machine code, which are FORMAT: each processor's stand in for those of data without
// structure, of x86 and AArch64 at all levels.
#include "codec/bytes/machine_code_contexts.hpp"

#include <algorithm>

namespace ssmz::codec {

namespace {

// What most of x86's contexts are of.
struct X86Values {
  std::uint64_t now, part, field, of_operation, place;
};

X86Values values_of(const X86Code& code) {
  const std::uint64_t of_operation = std::uint64_t{code.part()} << 32 | code.operation() << 8;
  return {code.so_far(), code.part(), code.field(), of_operation, of_operation | code.mod_rm()};
}

// Which word of an instruction comes, and what is known of it.
std::uint64_t place_in(const M68kCode& code) {
  return static_cast<std::uint64_t>(code.field()) << 32 | code.base() << 16 | code.so_far();
}

// From -6 on.
void list_more_x86_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const X86Code& code = s.code();
  const auto [now, part, field, of_operation, place] = values_of(code);
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

// From -6 on: chosen by fours from 62 for what they gain at -6, 60,000 bytes each of AArch64's libc and libm,
// ARM's libc and PowerPC's libstdc++. All of them -0.75 -> -1.46 % at -6, -0.43 -> -0.83 % at -9 against
// those put together, in which columns were not.
void list_more_word_code(const ByteState& s, ContextLister& list) {
  const WordCode& code = s.word_code();
  const std::uint64_t now = code.so_far();
  const unsigned r = s.records().length(0);
  list.add(r, s.column());
  list.add(s.last(3) & 0xf0f0ffu);
  list.add(s.back(4), s.position() % 4);
  list.add(s.last(1), s.back(4), s.back(5));
  list.add(now, code.word(0) >> 10, code.word(1) >> 10);
  list.add(0);
  list.add(s.last(3) >> 8);
  list.add(now, code.word(0) >> 10);
  list.add(now, code.operation(0), code.operation(1), code.operation(2), code.operation(3));
  list.add(s.last(2));
  list.add(now, code.word(3));
  list.add(s.back(7), s.back(8), s.last(1));
  list.add(s.last(6) & 0xf0f0f0f0f0f0u);
  list.add(now, code.word(2));
  list.add(s.last(3) & 0xfff0f0u);
  list.add(s.back(4), s.back(8), s.back(12));
  list.add(now, std::min<std::uint64_t>(s.since(0), 64));
  list.add(now, code.like(), code.target(0));
  list.add(now, code.word(0) >> 16, code.word(1) >> 16);
  list.add(s.last(5) & 0xc0c0c0c0ffu);
  list.add(now, code.word(0), code.word(2));
  list.add(s.last(4) & 0xffffe0u);
  list.add(now, code.word(0) & 0x3ffu, code.word(1) & 0x3ffu);
  list.add(s.kinds());
  list.add(s.back(1), s.back(4));
  list.add(s.back(4), s.back(8));
  list.add(s.last(4) >> 16);
  list.add(now, code.word(0) >> 5);
  list.add(r, s.column(), s.back(1));
  list.add(s.last(3));
  list.add(now, code.target(0));
}

// From -6 on.
void list_more_m68k_code(const ByteState& s, ContextLister& list) {
  const M68kCode& code = s.m68k();
  using Field = M68kCode::Field;
  const std::uint64_t place = place_in(code);
  list.add(s.last(3) & 0xf0f0ffu);
  list.add(place, code.group(0), code.group(1), code.group(2), code.group(3), code.group(4), code.group(5));
  list.add(place, code.trap(0), code.operation(0));
  list.add(place, code.operation(0), code.last_of(Field::relative), code.last_of(Field::branch));
  list.add(place, code.coarse(0), code.same_field());
  list.add(std::uint64_t{code.so_far() != 0}, code.operation(0));
  list.add(s.last(6) & 0xf0f0f0f0f0f0u);
  list.add(s.back(2));
  list.add(place, code.trap(0));
  list.add(place, code.same_field(), code.operation(0));
  list.add(s.last(5) & 0xc0c0c0c0ffu);
  list.add(place, s.even_word(2), s.even_word(3));
  list.add(place, s.even_word(2));
  list.add(s.last(2));
  list.add(place, code.general(0), code.last_word());
  list.add(s.kinds() & 0xffffu, s.last(2));
  list.add(s.last(4) >> 16);
  list.add(place, code.operation(0) >> 6, code.operation(1) >> 6, code.operation(2) >> 6);
  list.add(place, code.operation(0), code.last_of(Field::displacement));
  list.add(s.last(3));
  list.add(s.last(4));
  list.add(s.last(6));
  list.add(s.last(5));
  list.add(s.last(4) & 0xffffe0u);
  list.add(s.back(6), s.back(7), s.last(2));
  list.add(s.back(7), s.back(8), s.last(1));
  list.add(s.kinds(), s.back(1));
  list.add(place, code.operation(0), code.operation(2));
  list.add(s.word(), s.back(1));
  list.add(place, code.operation(0), code.same_field(), code.last_word());
  list.add(place, code.operation(0), code.operation(1), code.operation(2));
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
  const auto [now, part, field, of_operation, place] = values_of(code);
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

// Of code of the 68000: which word of its instruction comes, the instructions before, the same field before;
// chosen likewise up to -5 from three parts of obj2 and glibc's libc, libm and ld and libstdc++ for m68k,
// 40,000 and 50,000 bytes each: -8, -5.5, -2 % at -1, -3, -5; five other parts -8, -5, -2 %.
void list_m68k_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const M68kCode& code = s.m68k();
  using Field = M68kCode::Field;
  const std::uint64_t place = place_in(code);
  // -1.
  list.add(s.last(1));
  list.add(place, code.operation(0));
  list.add(place);
  list.add(s.last(3) >> 8);
  list.add(place, code.general(0), code.general(1));
  list.add(place, code.same_field());
  list.add(s.last(2) & 0xfff0u);
  // -2.
  list.add(match.id, std::min(match.length, 15u));
  list.add(place, code.coarse(0), code.coarse(1), code.coarse(2), code.coarse(3));
  list.add(place, code.general(0), code.general(1), code.general(2), code.general(3), code.general(4),
           code.general(5));
  // -3, -4.
  list.add(place, code.group(0), code.group(1));
  list.add(0);
  list.add(s.back(4), s.position() % 4);
  list.add(place, code.coarse(0), code.coarse(1));
  list.add(place, code.last_of(Field::relative));
  list.add(s.last(4) & 0xf0f0f0f0u);
  // -5.
  list.add(place, code.same_field(), code.last_word());
  list.add(s.kinds());
  list.add(place, code.last_of(Field::address_low));
  list.add(s.last(3) & 0xe0e0e0u, s.position() % 4);
  list.add(place, code.operation(2));
  list.add(place, code.last_of(Field::immediate_low));
  list.add(place, code.same_field(), code.earlier_field());
  list.add(place, code.operation(0) & 0xe3fu);
  list.add(place, code.last_of(Field::displacement));
  list.add(place, code.general(0), code.general(1), code.general(2));
  list.add(place, code.operation(1));
  list.add(s.last(3) & 0xfff0f0u);
  list.add(s.back(1), s.back(3));
  list.add(place, code.earlier_field(), code.operation(0));
  list.add(place, code.trap(0), code.trap(1));
  list.add(place, std::min(code.since_frame(), 31u));
  if (!list.full()) list_more_m68k_code(s, list);
}

// Of AArch64: the words before, what they do, their registers; chosen likewise up to -3 from 60,000 bytes
// each of libc (twice), libm and libstdc++. 300,000 bytes of libc at -1 to -5 102,521, 99,379, 95,225,
// 91,966, 87,590 -> 93,451, 90,319, 87,458, 86,697, 85,934, of libstdc++ 40,176, 38,673, 36,369, 35,048,
// 33,108 -> 36,410, 34,845, 33,156, 32,813, 32,358, weight sets included.
void list_word_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const WordCode& code = s.word_code();
  const std::uint64_t now = code.so_far();
  // -1.
  list.add(now, code.group(0), code.group(1), code.group(2), code.group(3));
  list.add(now);
  list.add(now, code.like());
  list.add(s.last(4));
  list.add(s.back(3));
  list.add(s.back(2));
  list.add(now, code.operation(0));
  // -2.
  list.add(now, code.operation(0), code.operation(1));
  list.add(s.back(12), s.back(13), s.last(1));
  list.add(match.id, std::min(match.length, 15u));
  // -3.
  list.add(now, code.call());
  list.add(s.last(4) >> 8);
  list.add(s.last(1));
  list.add(now, code.target(0), code.operation(0));
  list.add(s.last(2) & 0xfff0u);
  list.add(now, code.word(0), code.word(1));
  // -4, -5.
  list.add(now, code.word(0));
  list.add(now, code.operation(0), code.operation(1), code.operation(2));
  list.add(now, std::min(code.since_frame(), 31u));
  list.add(now, code.word(1));
  list.add(now, code.group(0), code.word(1));
  list.add(now, code.like(), code.group(0));
  list.add(now, code.word(0) & 0x3ffu, code.group(0));
  list.add(now, code.target(0), code.target(1));
  list.add(now, code.group(0));
  list.add(now, code.group(0), code.group(1));
  list.add(now, code.like(), code.operation(0));
  list.add(now, code.operation(0), code.group(1));
  list.add(now, code.word(0), code.word(1), code.word(2));
  list.add(now, code.operation(1));
  list.add(now, code.target(0), code.group(0));
  list.add(now, code.group(0), code.group(1), code.group(2));
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
