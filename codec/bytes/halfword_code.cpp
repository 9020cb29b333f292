// SPDX-License-Identifier: Apache-2.0
// What tells RISC-V and Thumb-2 code from other data, and what their instructions do.
#include "codec/bytes/halfword_code.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

using InstructionSet = HalfwordCode::InstructionSet;

// A mark lets code of its processor be believed in for so many bytes more, up to `most`; from `enough` on it
// is. Of words in programs marks are 10 to 25 %, of other data 0.1 %, seldom 2.
constexpr std::array<std::uint64_t, HalfwordCode::processors> worth = {40, 56};
constexpr std::uint64_t enough = 280, most = 400;
// What the same kind of processor with words at the other places loses by it: data of bytes have marks at
// both.
constexpr std::uint64_t against = 80;

// A word of 16 bits that programs have everywhere.
struct Mark {
  std::uint16_t mask, value;
  InstructionSet processor;
  std::uint8_t mask_before = 0, value_before = 0;  // of the high byte of the word before
};

constexpr Mark marks[] = {
    {0xffff, 0x8082, InstructionSet::riscv},                                           // ret
    {0x0fff, 0x00ef, InstructionSet::riscv},                                           // jal ra
    {0xffff, 0x80e7, InstructionSet::riscv},                                           // jalr ra, (ra)
    {0x707f, 0x0013, InstructionSet::riscv},                                           // addi
    {0x707f, 0x001b, InstructionSet::riscv},                                           // addiw
    {0x707b, 0x3003, InstructionSet::riscv},                                           // ld, fld
    {0x707b, 0x3023, InstructionSet::riscv},                                           // sd, fsd
    {0x707f, 0x2003, InstructionSet::riscv},                                           // lw
    {0x707f, 0x2023, InstructionSet::riscv},                                           // sw
    {0x707f, 0x1063, InstructionSet::riscv},                                           // bne
    {0xfe03, 0x8402, InstructionSet::riscv},                                           // mv to s0, s1, a0, a1
    {0xe07f, 0xe006, InstructionSet::riscv},                                           // sd ra, (sp)
    {0xef83, 0x6082, InstructionSet::riscv},                                           // ld ra, (sp)
    {0xe07f, 0xc006, InstructionSet::riscv},                                           // sw ra, (sp)
    {0x707f, 0x7053, InstructionSet::riscv},                                           // of floats
    {0x7073, 0x7043, InstructionSet::riscv},                                           // fmadd
    {0xffff, 0x4770, InstructionSet::thumb},                                           // bx lr
    {0xff80, 0xb500, InstructionSet::thumb},                                           // push lr
    {0xff80, 0xbd00, InstructionSet::thumb},                                           // pop pc
    {0xf7f0, 0xb5f0, InstructionSet::thumb},                                           // of more registers
    {0xff78, 0x4478, InstructionSet::thumb},                                           // add pc
    {0xff0f, 0xbf08, InstructionSet::thumb},                                           // it
    {0xff07, 0xbf04, InstructionSet::thumb}, {0xff60, 0xf840, InstructionSet::thumb},  // ldr.w, str.w
    {0xfbf0, 0xf240, InstructionSet::thumb},                                           // movw
    {0xfbef, 0xf04f, InstructionSet::thumb},                                           // mov.w
    {0xffe0, 0xf100, InstructionSet::thumb},                                           // add.w
    {0xff30, 0xed10, InstructionSet::thumb},                                           // vldr
    {0xffa0, 0xee20, InstructionSet::thumb},                                           // of floats
    {0xffb0, 0xeeb0, InstructionSet::thumb}, {0xf800, 0xf800, InstructionSet::thumb, 0xf8, 0xf0},  // bl
    {0xff00, 0xb100, InstructionSet::thumb},                                                       // cbz
};

constexpr unsigned thumb_marks_from = 16;
static_assert(std::size(marks) <= 32);

// Bit i: whether the byte is one of mark i's.
struct Classes {
  std::array<std::uint32_t, 256> before{}, low{}, high{};
};

constexpr Classes make_classes() {
  Classes classes;
  for (unsigned i = 0; i < std::size(marks); ++i) {
    const Mark& mark = marks[i];
    const unsigned mask = mark.mask, value = mark.value;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if ((byte & mask & 0xffu) == (value & 0xffu)) classes.low[byte] |= 1u << i;
      if ((byte & mask >> 8) == value >> 8) classes.high[byte] |= 1u << i;
      if ((byte & mark.mask_before) == mark.value_before) classes.before[byte] |= 1u << i;
    }
  }
  return classes;
}

constexpr Classes classes = make_classes();

constexpr bool is_long_thumb(std::uint32_t word) { return (word & 0xf800u) >= 0xe800u; }

unsigned riscv_operation(std::uint32_t w) {
  if ((w & 3u) == 3u) return (w >> 2 & 31u) << 3 | (w >> 12 & 7u);
  const unsigned quadrant = w & 3u, function = w >> 13 & 7u;
  unsigned detail = 0;
  if (quadrant == 1 && function == 4) detail = 1 + (w >> 10 & 3u);
  if (quadrant == 2 && function == 4) detail = 1 + (w >> 11 & 2u) + ((w & 0x7cu) == 0);
  return 256 + (quadrant * 8 + function) * 8 + detail;
}

unsigned riscv_group(std::uint32_t w) {
  return (w & 3u) == 3u ? w >> 2 & 31u : 32 + (w & 3u) * 8 + (w >> 13 & 7u);
}

unsigned riscv_target(std::uint32_t w) {
  const unsigned function = w >> 13 & 7u;
  switch (w & 3u) {
    case 0: return 8 + (w >> 2 & 7u);
    case 1: return function < 4 ? w >> 7 & 31u : 8 + (w >> 7 & 7u);
    case 2: return function < 5 ? w >> 7 & 31u : w >> 2 & 31u;
    default: return w >> 7 & 31u;
  }
}

// The first word of four bytes stands below the second one.
unsigned thumb_operation(std::uint32_t w) {
  const std::uint32_t first = w & 0xffffu;
  return is_long_thumb(first) ? 128 * (first >> 11 & 3u) + (first >> 4 & 0x7fu) : first >> 9;
}

unsigned thumb_group(std::uint32_t w) {
  const std::uint32_t first = w & 0xffffu;
  return is_long_thumb(first) ? 32 + (first >> 8 & 31u) : first >> 11;
}

unsigned thumb_target(std::uint32_t w) {
  const std::uint32_t first = w & 0xffffu;
  if (is_long_thumb(first)) return first >> 9 == 0x7cu || first >> 9 == 0x74u ? w >> 28 : w >> 24 & 15u;
  const unsigned top = first >> 12;
  if (top == 2 || top == 3 || top == 9 || top == 10 || first >> 11 == 9) return first >> 8 & 7u;
  if (first >> 10 == 0x11) return (first & 7u) | (first >> 4 & 8u);
  return first & 7u;
}

bool is_call(InstructionSet processor, std::uint32_t w) {
  if (processor == InstructionSet::riscv) return (w & 0xfffu) == 0xefu || (w & 0xfffu) == 0xe7u;
  return (w & 0xf800u) == 0xf000u && (w & 0xc0000000u) == 0xc0000000u;
}

bool is_frame(InstructionSet processor, std::uint32_t w) {
  if (processor == InstructionSet::riscv) return w == 0x8082u || (w < 0x10000u && (w & 0xef83u) == 0x6101u);
  const std::uint32_t first = w & 0xffffu;
  return first == 0x4770u || (first & 0xf700u) == 0xb500u || first == 0xe92du || first == 0xe8bdu;
}

}  // namespace

void HalfwordCode::push(std::uint64_t position, std::uint32_t last) noexcept {
  ++clock_;
  const std::uint32_t mark =
      classes.high[last & 0xffu] & classes.low[last >> 8 & 0xffu] & classes.before[last >> 16 & 0xffu];
  if (active_) follow(static_cast<std::uint8_t>(last), position);
  if (mark) found(mark, position);
}

// A table repeats one mark; programs have many.
void HalfwordCode::found(std::uint32_t mark, std::uint64_t position) noexcept {
  const unsigned processor = mark >> thumb_marks_from ? 1 : 0, odd = position & 1u;
  const auto is_followed = [&](unsigned p, unsigned o) {
    return active_ && p == static_cast<unsigned>(processor_) && o == odd_;
  };
  for (unsigned p = 0; p < processors; ++p)
    if (std::uint64_t& until = until_[p][odd ^ 1u]; !is_followed(p, odd ^ 1u))
      until -= std::min(until, against);
  if (mark == last_mark_[processor][odd]) return;
  last_mark_[processor][odd] = mark;
  std::uint64_t& until = until_[processor][odd];
  until = std::min(std::max(until, clock_) + worth[processor], clock_ + most);
  if (until < clock_ + enough || is_followed(processor, odd)) return;
  if (active_ && until <= until_[static_cast<unsigned>(processor_)][odd_]) return;
  active_ = true;
  processor_ = static_cast<InstructionSet>(processor);
  odd_ = odd;
  begin_instruction();
}

void HalfwordCode::follow(std::uint8_t byte, std::uint64_t position) noexcept {
  if (clock_ > until_[static_cast<unsigned>(processor_)][odd_]) {
    active_ = false;
    return;
  }
  if (known_ == 0 && (position & 1u) == odd_) return;  // the second byte of a word whose first was passed
  now_ |= std::uint32_t{byte} << 8 * known_++;
  if (known_ & 1u) return;
  const bool is_long =
      processor_ == InstructionSet::riscv ? (now_ & 3u) == 3u : is_long_thumb(now_ & 0xffffu);
  if (known_ == 4 || !is_long) end_instruction();
}

void HalfwordCode::end_instruction() noexcept {
  const bool riscv = processor_ == InstructionSet::riscv;
  std::copy_backward(instructions_.begin(), instructions_.end() - 1, instructions_.end());
  Instruction& last = instructions_[0];
  last.word = now_;
  last.operation = static_cast<std::uint16_t>(operation_of(now_));
  last.group = static_cast<std::uint8_t>(group_of(now_));
  last.target = static_cast<std::uint8_t>(riscv ? riscv_target(now_) : thumb_target(now_));
  of_first_byte_[now_ & 0xffu] = of_operation_[last.operation] = now_;
  if (is_call(processor_, now_)) call_ = now_;
  since_frame_ = is_frame(processor_, now_) ? 0 : since_frame_ + 1;
  begin_instruction();
}

unsigned HalfwordCode::operation_of(std::uint32_t instruction) const noexcept {
  return processor_ == InstructionSet::riscv ? riscv_operation(instruction) : thumb_operation(instruction);
}

unsigned HalfwordCode::group_of(std::uint32_t instruction) const noexcept {
  return processor_ == InstructionSet::riscv ? riscv_group(instruction) : thumb_group(instruction);
}

std::uint32_t HalfwordCode::like() const noexcept {
  if (known_ == 0) return word(1);
  if (known_ == 1) return of_first_byte_[now_];
  return of_operation_[operation_of(now_)];
}

unsigned HalfwordCode::place() const noexcept {
  if (known_ == 0) return operation(0);
  if (known_ == 1) return 512 + (now_ & 0xffu);
  return 768 + (known_ - 2) * groups + group_of(now_);
}

unsigned HalfwordCode::part() const noexcept {
  const unsigned what = known_ == 1 ? now_ : (known_ == 0 ? group(0) : group_of(now_)) >> 4;
  return known_ * 4 + (what & 3u);
}

unsigned HalfwordCode::operand() const noexcept {
  if (known_ == 0) return group(0) & 15u;
  return now_ >> (known_ == 1 ? 2 : 12) & 15u;
}

}  // namespace ssmz::codec
