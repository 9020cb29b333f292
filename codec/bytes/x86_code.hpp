// SPDX-License-Identifier: Apache-2.0
// Reads bytes as x86 instructions, says whether they are such, and which byte of one comes next.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Follows instructions from their prefixes to their immediates. Reading data that is no code does no harm:
/// it is merely not active(). Positions are counted in bytes from the first push(). FORMAT.
class X86Code {
 public:
  /// Which part of an instruction comes next. The bytes of a field are displacement + k and immediate + k.
  enum Part : std::uint8_t {
    at_opcode,
    at_opcode_0f,
    at_opcode_38,
    at_vex,  ///< Bytes of a VEX or EVEX prefix behind its first.
    at_mod_rm,
    sib,
    displacement,
    immediate = displacement + 4
  };

  /// Takes a byte; one of a distance plus its to_address().
  void push(std::uint8_t byte);

  /// After bytes that were not pushed: `position` of them in all have been.
  void resume(std::uint64_t position) {
    position_ = static_cast<std::uint32_t>(position);
    begin();
    find_to_address();
  }

  /// The last instructions look like those of compiled programs.
  [[nodiscard]] bool active() const noexcept { return active_; }
  [[nodiscard]] Part part() const noexcept { return part_; }
  /// Opcode of the instruction with its map in bits 8..9; 0 before it is known.
  [[nodiscard]] unsigned operation() const noexcept { return operation_; }
  [[nodiscard]] unsigned mod_rm() const noexcept { return mod_rm_byte_; }
  /// Hash of the bytes of the instruction so far.
  [[nodiscard]] std::uint64_t so_far() const noexcept { return so_far_; }
  /// The bytes of the field so far, first one lowest.
  [[nodiscard]] std::uint32_t field() const noexcept { return field_; }
  /// k-th instruction before this one (0: the last): its operation and mod_rm with its prefixes, no fields.
  [[nodiscard]] std::uint32_t before(unsigned k) const noexcept { return before_[k]; }
  /// The field in hand of the last instruction with this operation and these operands; 0 where none comes.
  [[nodiscard]] std::uint32_t same_field() const noexcept { return same_field_; }
  /// The k-th last displacement from this operand's base register, of the same size; 0 where none comes.
  [[nodiscard]] std::uint32_t slot(unsigned k) const noexcept { return slot_[k]; }
  /// The last field of four bytes.
  [[nodiscard]] std::uint32_t wide_field() const noexcept { return wide_field_; }
  /// mod_rm of the last three instructions that had one, else the register of their opcode; the last one
  /// lowest.
  [[nodiscard]] std::uint32_t registers() const noexcept { return registers_; }
  /// The last call's target or distant data's address.
  [[nodiscard]] std::uint32_t last_address() const noexcept { return last_address_; }
  /// Bytes since the last return or jump that always goes.
  [[nodiscard]] unsigned since_end() const noexcept { return since_end_; }

  /// If the coming byte belongs to a 32-bit distance from the instruction's end: what must be added to it
  /// (mod 256) to make it a byte of the address it leads to; else 0.
  [[nodiscard]] std::uint8_t to_address() const noexcept { return to_address_; }

 private:
  void begin();
  void take_field(std::uint8_t byte);
  bool take_prefix(std::uint8_t byte);
  void take_opcode(std::uint8_t byte);
  void take_vex(std::uint8_t byte);
  void find_fields();
  void keep_field();
  [[nodiscard]] bool is_64_bit() const noexcept;
  void after_opcode();
  void after_mod_rm();
  void begin_displacement(unsigned size);
  void begin_immediate();
  void end();
  void end_distance();
  void find_to_address();

  Part part_ = at_opcode;
  bool active_ = false;
  bool distance_ = false;   // the field is a 32-bit distance
  bool addresses_ = false;  // ... and coded as an address
  bool after_dec_ = false;  // the last instruction was what 64-bit code has as REX.W
  std::uint8_t to_address_ = 0;
  unsigned operation_ = 0;
  unsigned map_ = 0;  // 0: one-byte opcodes, 1: 0F, 2: 0F 38, 3: 0F 3A
  unsigned mod_rm_byte_ = 0;
  unsigned vex_size_ = 0, vex_at_ = 0;  // bytes of a VEX or EVEX prefix behind its first, and taken
  unsigned prefixes_ = 0;               // bit 0: 66, 1: F2, 2: F3, 3: REX, 4: REX.W, 5..7: REX.RXB
  unsigned field_size_ = 0;
  unsigned field_at_ = 0;  // bytes of the field taken
  unsigned immediate_size_ = 0;
  std::uint32_t field_ = 0;
  std::uint32_t last_address_ = 0;
  std::uint32_t position_ = 0;
  std::uint64_t so_far_ = 0;
  std::array<std::uint32_t, 6> before_{};
  std::array<std::uint32_t, 1024> same_fields_{};         // by operation and operands, hashed
  std::array<std::array<std::uint32_t, 2>, 64> slots_{};  // by base register and size
  std::array<std::uint32_t, 2> slot_{};
  std::uint32_t same_field_ = 0, wide_field_ = 0, registers_ = 0;
  unsigned same_at_ = 0, slot_at_ = 0;
  unsigned since_end_ = 0;
  int likeness_ = 0;  // of the last instructions with code, 0..65535
  int blank_ = 0;     // share of distances left blank, the same
  int wide_ = 0;      // share of REX.W prefixes, the same
};

}  // namespace ssmz::codec
