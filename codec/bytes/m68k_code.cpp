// SPDX-License-Identifier: Apache-2.0
// Lengths of the instructions of the 68000, 68020 and 68881 (Motorola, M68000 Family Programmer's Reference
// Manual, section 8).
#include "codec/bytes/m68k_code.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

// Of operations that judge() knows: in programs 15 % and more, in other data 1 %.
constexpr std::uint32_t found = 65536 * 8 / 100, lost = 65536 * 4 / 100;
// No more operations without a call, frame or return: text pushes, but seldom calls.
constexpr std::uint32_t call_reach = 96;
// No more words that may all be ASCII text: capitals can look like pushes and frames, a list of symbols lost
// 2 % at -1.
constexpr std::uint32_t text_reach = 16;
constexpr unsigned judged = 64;  // operations that the share is of, about

constexpr std::uint32_t link = 0x4e50;

constexpr bool may_be_text(std::uint32_t word) {
  return (word & 0x8080u) == 0 && word >> 8 >= '\t' && (word & 0xffu) >= '\t';
}

}  // namespace

void M68kCode::push(std::uint8_t byte, std::uint64_t position) noexcept {
  if (position & 1u) {
    so_far_ = 256u + byte;
    return;
  }
  end_word((so_far_ & 0xffu) << 8 | byte);
  so_far_ = 0;
}

void M68kCode::end_word(std::uint32_t word) noexcept {
  const auto keep = [word](LastTwo& two) { two = {word, two[0]}; };
  keep(words_[static_cast<unsigned>(field())]);
  if (field() == Field::displacement) keep(displacements_[base()]);
  last_word_ = word;
  ++since_frame_;
  since_binary_ = may_be_text(word) ? since_binary_ + 1 : 0;
  if (coming_ > 0) {
    const bool more = field() == Field::index && (word & 0x100u);
    --coming_;
    if (more) extend_index(word);
    return;
  }
  std::copy_backward(operations_.begin(), operations_.end() - 1, operations_.end());
  operations_[0] = word;
  if (word >> 12 == 0xau) keep(traps_);
  if ((word & 0xfff8u) == link) since_frame_ = 0;
  judge(word);
  decode(word);
}

// Displacements that the extension word of the 68020 announces; the base's comes first.
void M68kCode::extend_index(std::uint32_t extension) noexcept {
  const auto put = [&](unsigned size, unsigned base) {
    for (unsigned half = 2; half <= size; ++half)
      if (coming_ < most_words)
        words_to_come_[coming_++] = {Field::displacement, static_cast<std::uint8_t>(base)};
  };
  put(extension & 3u, 14);
  put(extension >> 4 & 3u, 15);
}

// Pushes of arguments, calls, jumps, frames and returns.
void M68kCode::judge(std::uint32_t operation) noexcept {
  const bool push = (operation & 0xffc0u) == 0x2f00u || (operation & 0xffc0u) == 0x3f00u;
  const bool push_address = (operation & 0xffc0u) == 0x4840u && (operation & 0x38u) >= 0x10u;
  const bool call = (operation & 0xff80u) == 0x4e80u && (operation & 0x3fu) <= 0x3bu;
  // LINK and UNLK, RTS, MOVEM to the stack and from it, a call far away.
  const bool frame = (operation & 0xfff0u) == link || operation == 0x4e75u || operation == 0x48e7u ||
                     operation == 0x4cdfu || operation == 0x61ffu;
  score_ -= score_ / judged;
  if (push || push_address || call || frame) score_ += 65536 / judged;
  since_call_ = call || frame ? 0 : since_call_ + 1;
  active_ = score_ > (active_ ? lost : found) && since_call_ < call_reach && since_binary_ < text_reach;
}

void M68kCode::expect(Field field, unsigned base) noexcept {
  if (listed_count_ < most_words) listed_[listed_count_++] = {field, static_cast<std::uint8_t>(base)};
}

void M68kCode::immediate(bool is_long) noexcept {
  if (is_long) expect(Field::immediate_high);
  expect(Field::immediate_low);
}

// The words that say where an operand is, or what.
void M68kCode::operand(unsigned mode, unsigned base, bool is_long) noexcept {
  if (mode == 5) expect(Field::displacement, base);
  if (mode == 6) expect(Field::index, base);
  if (mode != 7) return;
  switch (base) {
    case 0: expect(Field::address); break;
    case 1:
      expect(Field::address_high);
      expect(Field::address_low);
      break;
    case 2: expect(Field::relative); break;
    case 3: expect(Field::index, 8); break;
    case 4: immediate(is_long); break;
    default: break;
  }
}

// Immediate operands, and bits.
void M68kCode::decode_group_0(std::uint32_t operation) noexcept {
  const unsigned mode = operation >> 3 & 7u, base = operation & 7u;
  if (operation & 0x100u) return mode == 1 ? expect(Field::displacement, base) : operand(mode, base, false);
  const bool bits = (operation >> 9 & 7u) == 4;
  immediate(!bits && (operation >> 6 & 3u) == 2);
  if ((operation & 0x3fu) != 0x3cu) operand(mode, base, false);
}

void M68kCode::decode_group_4(std::uint32_t operation) noexcept {
  const unsigned mode = operation >> 3 & 7u, base = operation & 7u;
  if ((operation & 0xfff8u) == link) return expect(Field::displacement, 8 + base);
  if ((operation & 0xffc0u) == 0x4e40u) {
    if (operation == 0x4e72u) immediate(false);
    return;
  }
  if ((operation & 0xff80u) == 0x4c00u) {  // long products and quotients
    expect(Field::registers, 1);
    return operand(mode, base, true);
  }
  if ((operation & 0xfff8u) == 0x4808u) return immediate(true);  // LINK, long
  const bool registers = (operation & 0xfb80u) == 0x4880u && mode >= 2;
  if (registers) expect(Field::registers);
  const bool is_address = (operation & 0x1c0u) >= 0x180u || registers;
  operand(mode, base, !is_address && (operation >> 6 & 3u) == 2);
}

// Of the coprocessor 68881.
void M68kCode::decode_float(std::uint32_t operation) noexcept {
  if ((operation & 0xffc0u) == 0xf200u) {
    expect(Field::registers, 3);
    operand(operation >> 3 & 7u, operation & 7u, true);
  }
  if ((operation & 0xff80u) != 0xf280u) return;
  if (operation & 0x40u) expect(Field::branch, 2);
  expect(Field::branch);
}

void M68kCode::decode(std::uint32_t operation) noexcept {
  listed_count_ = 0;
  const unsigned mode = operation >> 3 & 7u, base = operation & 7u, size = operation >> 6 & 3u;
  switch (operation >> 12) {
    case 0x0: decode_group_0(operation); break;
    case 0x1:
    case 0x2:
    case 0x3:
      operand(mode, base, operation >> 12 == 2);
      operand(operation >> 6 & 7u, operation >> 9 & 7u, false);
      break;
    case 0x4: decode_group_4(operation); break;
    case 0x5: (operation & 0xf8u) == 0xc8u ? expect(Field::branch, 1) : operand(mode, base, false); break;
    case 0x6:
      if ((operation & 0xffu) == 0xffu) expect(Field::branch, 2);
      if ((operation & 0xffu) == 0 || (operation & 0xffu) == 0xffu) expect(Field::branch);
      break;
    case 0x7:
    case 0xa: break;
    case 0xf: decode_float(operation); break;
    case 0xe:
      if (size == 3 && (operation & 0x800u)) expect(Field::registers, 2);  // bit fields
      if (size == 3) operand(mode, base, false);
      break;
    default: operand(mode, base, size == 2 || (size == 3 && (operation & 0x100u))); break;
  }
  coming_ = listed_count_;
  std::reverse_copy(listed_.begin(), listed_.begin() + coming_, words_to_come_.begin());
}

}  // namespace ssmz::codec
