// SPDX-License-Identifier: Apache-2.0
// Reads bytes as instructions of the VAX, says whether they are such, and which byte of one comes next.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Follows instructions from their opcodes through their operand specifiers. Reading data that is no code
/// does no harm: it is merely not active(). Positions are counted in bytes from the first push(). FORMAT.
class VaxCode {
 public:
  /// Which part of an instruction comes next. The bytes of a field are its first one + k.
  enum Part : std::uint8_t {
    at_opcode,
    specifier,
    base_specifier,                ///< Behind one that says an index.
    displacement,                  ///< To a register.
    immediate = displacement + 4,  ///< Also addresses.
    branch = immediate + 8,        ///< Distances of branches.
    table = branch + 2,            ///< Of a case: distances of 16 bits.
    entry_mask = table + 2,        ///< Registers that a procedure saves.
    parts = entry_mask + 2
  };

  /// Takes a byte; one of a distance plus its to_address().
  void push(std::uint8_t byte) noexcept;

  /// After bytes that were not pushed: `position` of them in all have been.
  void resume(std::uint64_t position) noexcept {
    position_ = static_cast<std::uint32_t>(position);
    begin();
  }

  /// The last instructions look like those of compiled programs.
  [[nodiscard]] bool active() const noexcept { return active_; }
  [[nodiscard]] Part part() const noexcept { return part_; }
  /// Opcode of the instruction; 0 where it comes.
  [[nodiscard]] unsigned operation() const noexcept { return operation_; }
  /// Of the operand in hand: its number, 0..6.
  [[nodiscard]] unsigned operand() const noexcept { return operand_; }
  /// Its size and whether it is written, as a letter; 0: none.
  [[nodiscard]] unsigned operand_kind() const noexcept { return operand_kind_; }
  /// Hash of the bytes of the operand so far.
  [[nodiscard]] std::uint64_t operand_so_far() const noexcept { return operand_so_far_; }
  /// Hash of the bytes of the instruction so far.
  [[nodiscard]] std::uint64_t so_far() const noexcept { return so_far_; }
  /// Hash of the k-th operand before the one in hand, 0: the last.
  [[nodiscard]] std::uint64_t operand_before(unsigned k) const noexcept { return operands_[k]; }
  static constexpr unsigned operands = 3;
  /// k-th instruction before this one (0: the last): its opcode and above it its first two specifiers.
  [[nodiscard]] std::uint32_t before(unsigned k) const noexcept { return before_[k]; }
  static constexpr unsigned instructions = 4;
  /// The bytes of the field so far, first one lowest.
  [[nodiscard]] std::uint32_t field() const noexcept { return field_; }
  /// The last address that a distance of 32 bits led to.
  [[nodiscard]] std::uint32_t last_address() const noexcept { return last_address_; }
  /// Bytes since the last procedure began or returned.
  [[nodiscard]] unsigned since_entry() const noexcept { return since_entry_; }

  /// If the coming byte belongs to a distance from the field's end: what must be added to it (mod 256) to
  /// make it a byte of the address it leads to; else 0.
  [[nodiscard]] std::uint8_t to_address() const noexcept { return to_address_; }

 private:
  void begin() noexcept;
  void take_opcode(std::uint8_t byte) noexcept;
  void take_specifier(std::uint8_t byte) noexcept;
  void take_field(std::uint8_t byte) noexcept;
  void begin_field(Part part, unsigned size, bool is_distance) noexcept;
  void begin_operand() noexcept;
  void end_operand() noexcept;
  void end() noexcept;
  void find_to_address() noexcept;

  Part part_ = at_opcode;
  bool active_ = false;
  bool distance_ = false;   // the field is a distance
  bool addresses_ = false;  // ... and coded as an address
  bool bad_ = false;        // what no assembler writes has been in the instruction
  bool ended_ = false;      // the last instruction never goes on to the next
  std::uint8_t to_address_ = 0;
  unsigned operation_ = 0, operand_ = 0, operand_kind_ = 0;
  unsigned field_size_ = 0, field_at_ = 0;
  unsigned last_literal_ = 0;  // of a case: how many distances follow, less one
  unsigned table_left_ = 0;
  std::uint32_t field_ = 0, last_address_ = 0, position_ = 0, instruction_ = 0;
  std::uint64_t so_far_ = 0, operand_so_far_ = 0;
  std::array<std::uint64_t, operands> operands_{};
  std::array<std::uint32_t, instructions> before_{};
  unsigned since_entry_ = 0;
  unsigned since_call_ = 0xffff;  // instructions
  int likeness_ = 0;              // of the last instructions with code, 0..65535
};

}  // namespace ssmz::codec
