// SPDX-License-Identifier: Apache-2.0
// The operands of the VAX's instructions (VAX Architecture Reference Manual, appendix A), and how much the
// last ones look like code.
#include "codec/bytes/vax_code.hpp"

#include <algorithm>
#include <string_view>

#include "codec/base/hash.hpp"
#include "codec/bytes/address_bytes.hpp"

namespace ssmz::codec {
namespace {

// Of the average over instructions; likeness at which code begins, and at which it ends. obj1 at -9 without
// SSM 6,309; 5, 40,000, 26,000 6,359, with a reach of calls of 256 6,339. With 30,000 and 16,000 a table of
// Go's passes for code.
constexpr int likeness_shift = 4;
constexpr int enter = 36000;
constexpr int leave = 20000;
// No more instructions without a call: text in Cyrillic moves and adds, but never calls.
constexpr unsigned call_reach = 400;
constexpr unsigned most_table = 255;  // distances of a case

// Operands by their sizes: b, w, l, q read, B, W, L, Q written or addresses, so that they are no literals; 1,
// 2 distances of a branch; c the distances of a case.
// clang-format off
constexpr std::array<std::string_view, 256> operand_kinds = {
    "", "", "", "", "", "", "", "", "wBwB", "wBwB", "lllllL", "BlwB", "bwB", "bwB", "BB", "BL",
    "1", "1", "1", "1", "1", "1", "B", "B", "1", "1", "1", "1", "1", "1", "1", "1",
    "wBwB", "wBwBwB", "wBwB", "wBwBwB", "wBBwB", "wBwBwB", "wBBwB", "wBwBwB",
    "wBB", "wBB", "wBBb", "wBBb", "wBbwB", "wBbwB", "wBbBwB", "wBbBwB",
    "2", "2", "wL", "wB", "wBB", "wBB", "wBL", "wBwB", "wBBB", "wBwB", "bwB", "bwB", "wL", "wwW2", "WL", "W",
    "lL", "llL", "lL", "llL", "lL", "llL", "lL", "llL", "lB", "lW", "lL", "lL", "bL", "wL", "lL", "llL2",
    "lL", "ll", "lL", "l", "lblLL", "lwB", "lQ", "", "wW", "", "", "", "BQ", "BQ", "QL", "QL",
    "qQ", "qqQ", "qQ", "qqQ", "qQ", "qqQ", "qQ", "qqQ", "qB", "qW", "qL", "qL", "bQ", "wQ", "lQ", "qqQ2",
    "qQ", "qq", "qQ", "q", "qbqLQ", "qwB", "qL", "", "blL", "bqQ", "lllQ", "lqLL", "Q", "qQ", "QL", "Q",
    "bB", "bbB", "bB", "bbB", "bB", "bbB", "bB", "bbB", "bB", "bbB", "bB", "bbB", "bB", "bbB", "bB", "bbbc",
    "bB", "bb", "bB", "bb", "B", "b", "B", "B", "bL", "bW", "bL", "bW", "blL", "bbB2", "BL", "B",
    "wW", "wwW", "wW", "wwW", "wW", "wwW", "wW", "wwW", "wW", "wwW", "wW", "wwW", "wW", "wwW", "wW", "wwwc",
    "wW", "ww", "wW", "ww", "W", "w", "W", "W", "w", "w", "w", "w", "w", "w", "w", "w",
    "lL", "llL", "lL", "llL", "lL", "llL", "lL", "llL", "lL", "llL", "lL", "llL", "lL", "llL", "lL", "lllc",
    "lL", "ll", "lL", "ll", "L", "l", "L", "L", "lL", "lL", "ll", "lL", "L", "l", "LL", "L",
    "lB1", "lB1", "lB1", "lB1", "lB1", "lB1", "lB1", "lB1", "l1", "l1", "lbBL", "lbBL", "lbBl", "lbBl", "lbBL", "lbBL",
    "llbB", "llL2", "lL1", "lL1", "L1", "L1", "lB", "lW", "bwBbwB", "lwB", "BB", "lB", "", "", "", ""};
// clang-format on

/// What compilers write often.
constexpr auto usual = [] {
  std::array<bool, 256> table{};
  constexpr std::uint8_t opcodes[] = {
      0x04, 0x11, 0x12, 0x13, 0x14, 0x15, 0x18, 0x19, 0x1a, 0x1e, 0x1f, 0x28, 0x31, 0x32, 0x3c, 0x50,
      0x60, 0x61, 0x64, 0x66, 0x6e, 0x70, 0x71, 0x78, 0x7d, 0x90, 0x91, 0x94, 0x95, 0x98, 0x9a, 0x9e,
      0x9f, 0xb0, 0xb1, 0xba, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xca, 0xcb, 0xd0, 0xd1, 0xd4, 0xd5,
      0xd6, 0xd7, 0xdd, 0xde, 0xdf, 0xe0, 0xe1, 0xe8, 0xe9, 0xf4, 0xf5, 0xf6, 0xfb};
  for (const std::uint8_t opcode : opcodes) table[opcode] = true;
  return table;
}();

constexpr unsigned pc = 15;

unsigned size_of(unsigned kind) {
  switch (kind) {
    case 'b':
    case 'B': return 1;
    case 'w':
    case 'W': return 2;
    case 'q':
    case 'Q': return 8;
    default: return 4;
  }
}

bool reads(unsigned kind) { return kind == 'b' || kind == 'w' || kind == 'l' || kind == 'q'; }

/// Jumps, returns: what follows is reached from elsewhere, or is a procedure.
bool ends(unsigned operation) { return operation == 0x04 || operation == 0x11 || operation == 0x31; }

/// CALLS with some arguments of a procedure whose place is known by its distance.
bool is_call(std::uint32_t instruction) {
  const unsigned mode = instruction >> 20;
  return (instruction & 0xffu) == 0xfb && (instruction >> 8 & 0xffu) < 16 && mode >= 10 &&
         (instruction >> 16 & 15u) == pc;
}

/// Low byte of a mask of registers in turn up to r11, which compilers give out from the last on.
bool may_be_mask(std::uint8_t byte) { return (byte & 0x3f) == 0 || byte >= 0xe0; }

}  // namespace

void VaxCode::push(std::uint8_t byte) noexcept {
  ++position_;
  ++since_entry_;
  so_far_ = hash_mix(so_far_, byte);
  operand_so_far_ = hash_mix(operand_so_far_, byte);
  switch (part_) {
    case at_opcode: take_opcode(byte); break;
    case specifier:
    case base_specifier: take_specifier(byte); break;
    default: take_field(byte); break;
  }
  find_to_address();
}

void VaxCode::begin() noexcept {
  part_ = at_opcode;
  operation_ = operand_ = operand_kind_ = 0;
  field_ = field_size_ = field_at_ = instruction_ = 0;
  so_far_ = operand_so_far_ = 0;
  distance_ = bad_ = false;
  to_address_ = 0;
}

void VaxCode::take_opcode(std::uint8_t byte) noexcept {
  if (ended_ && may_be_mask(byte)) return begin_field(entry_mask, 2, false), take_field(byte);
  operation_ = instruction_ = byte;
  begin_operand();
}

void VaxCode::begin_operand() noexcept {
  operand_so_far_ = 0;
  field_ = field_at_ = 0;
  const std::string_view kinds = operand_kinds[operation_];
  if (operand_ >= kinds.size()) return end();
  operand_kind_ = static_cast<unsigned char>(kinds[operand_]);
  // Distances of branches stay: as addresses 6,359 -> 6,588.
  if (operand_kind_ == '1' || operand_kind_ == '2') return begin_field(branch, operand_kind_ - '0', false);
  part_ = specifier;
  if (operand_kind_ != 'c') return;
  table_left_ = std::min(last_literal_, most_table) + 1;
  begin_field(table, 2, false);
}

void VaxCode::take_specifier(std::uint8_t byte) noexcept {
  const unsigned mode = byte >> 4, base = byte & 15u;
  if (operand_ < 2) instruction_ |= std::uint32_t{byte} << (8 * operand_ + 8);
  last_literal_ = byte;
  if (mode == 4) {
    bad_ = bad_ || base == pc || part_ == base_specifier;
    part_ = base_specifier;
    return;
  }
  const bool literal = mode < 4;
  bad_ = bad_ || (literal && (!reads(operand_kind_) || part_ == base_specifier)) ||
         (base == pc && mode >= 5 && mode <= 7);
  if (mode == 8 && base == pc) return begin_field(immediate, size_of(operand_kind_), false);
  if (mode == 9 && base == pc) return begin_field(immediate, 4, false);
  if (mode < 10) return end_operand();
  begin_field(displacement, 1u << (mode - 10) / 2, base == pc);
}

void VaxCode::begin_field(Part part, unsigned size, bool is_distance) noexcept {
  part_ = part;
  field_size_ = size;
  field_at_ = 0;
  field_ = 0;
  distance_ = is_distance;
}

void VaxCode::take_field(std::uint8_t byte) noexcept {
  if (field_at_ < 4) field_ |= std::uint32_t{byte} << 8 * field_at_;
  if (++field_at_ < field_size_) {
    part_ = static_cast<Part>(part_ + 1);
    return;
  }
  if (distance_ && field_size_ == 4) last_address_ = field_;
  distance_ = false;
  last_literal_ = field_;
  if (part_ >= entry_mask) {
    since_entry_ = 0;
    ended_ = false;
    return begin();
  }
  if (part_ >= table && --table_left_ > 0) return begin_field(table, 2, false);
  end_operand();
}

void VaxCode::end_operand() noexcept {
  std::copy_backward(operands_.begin(), operands_.end() - 1, operands_.end());
  operands_[0] = operand_so_far_;
  ++operand_;
  begin_operand();
}

void VaxCode::end() noexcept {
  // The same over and over is filling, not code.
  const bool filling = instruction_ == before_[0];
  const int weight = bad_ || filling ? 0 : usual[operation_] ? 65535 : operand_ > 0 ? 16384 : 0;
  likeness_ += (weight - likeness_) >> likeness_shift;
  since_call_ = is_call(instruction_) ? 0 : since_call_ + 1;
  active_ = likeness_ > (active_ ? leave : enter) && since_call_ < call_reach;
  std::copy_backward(before_.begin(), before_.end() - 1, before_.end());
  before_[0] = instruction_;
  ended_ = ends(operation_);
  if (operation_ == 0x04) since_entry_ = 0;
  begin();
}

// Distances count from behind the field.
void VaxCode::find_to_address() noexcept {
  to_address_ = 0;
  if (!distance_) return;
  if (field_at_ == 0) addresses_ = active_;
  if (!addresses_) return;
  const std::uint32_t behind = position_ - field_at_ + field_size_;
  to_address_ = to_address_byte(field_, field_at_, behind);
}

}  // namespace ssmz::codec
