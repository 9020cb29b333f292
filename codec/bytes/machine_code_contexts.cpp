// SPDX-License-Identifier: Apache-2.0
// The contexts of machine code, which are FORMAT: each processor's stand in for those of data without
// structure.
#include "codec/bytes/machine_code_contexts.hpp"

#include <algorithm>

namespace ssmz::codec {

// Of machine code: the instruction so far, the ones before it, the fields. They stand
// in for the loose ones too. With them and distances as addresses, at -9: 400,000
// bytes of git 108,651 -> 87,811, of libcrypto 55,700 -> 50,522, object files 19,782
// -> 19,218; at -5 109,086 -> 89,416, 56,497 -> 51,766, 19,997 -> 19,542.
void list_x86_code(const ByteState& s, ContextLister& list) {
  const X86Code& code = s.code();
  const std::uint64_t now = code.so_far();
  const std::uint64_t part = code.part();
  const std::uint64_t place = part << 32 | code.operation() << 8 | code.mod_rm();
  list.add(place, now);
  list.add(place, now, code.before(0));
  list.add(place, now, code.before(0), code.before(1));
  list.add(place, now, code.before(0), code.before(1), code.before(2));
  list.add(place, code.field());
  list.add(part << 32 | code.operation() << 8 | (code.mod_rm() & 0x38u), code.field(), code.before(0) >> 16);
  list.add(part, code.field(), code.last_address());
  list.add(place, now, code.before(1));
  list.add(place, now, code.before(0) >> 16, code.before(1) >> 16, code.before(2) >> 16,
           code.before(3) >> 16);
  list.add(place, now, std::min(code.since_end(), 31u));
  list.add(part, code.field(), code.mod_rm() & 7u, code.before(0) >> 8 & 0x3fu);
  list.add(place, now, code.last_address());
  list.add(place, now, s.position() & 15u);
  list.add(place, s.last(2));
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

// Of AArch64 code: the words before, what they do, their registers. They stand in for the loose ones. 60,000
// bytes of libm's at -9 without SSM 11,571 -> 11,286, with weights by place 11,180, with the last word alike
// 11,125; fourteen more in place of sparse ones -0.5 %.
void list_a64_code(const A64Code& code, ContextLister& list) {
  const std::uint64_t now = code.so_far();
  const auto word = [&](unsigned k) { return code.word(k); };
  const auto operation = [&](unsigned k) { return code.operation(k); };
  const auto group = [&](unsigned k) { return code.group(k); };
  list.add(now, word(0));
  list.add(now, code.like());
  list.add(now, operation(0), operation(1));
  list.add(now, word(0), word(1));
  list.add(now, operation(0), operation(1), operation(2));
  list.add(now, group(0), group(1), group(2), group(3));
  list.add(now, code.target(0), operation(0));
  list.add(now, code.target(0), code.target(1));
  list.add(now, code.call());
  list.add(now, std::min(code.since_frame(), 31u));
  list.add(now, word(1));
  list.add(now, group(0), word(1));
  list.add(now, word(0), word(1), word(2));
  list.add(now, word(0) & 0x3ffu, group(0));
}

// Of code of the VAX: likewise, and the operands before. obj1 at -9 without SSM 7,301 -> 6,309; eleven more
// in place of sparse ones, operands three back, the last address, 6,323.
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
