// SPDX-License-Identifier: Apache-2.0
// Machine code whose instructions are of two or four bytes: RISC-V with compressed ones, and Thumb-2.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Finds such code by instructions that are frequent in programs and nowhere else, and follows what it finds:
/// words of 16 bits, low byte first, at positions that are all even or all odd. A wrong beginning is left
/// within a few instructions. Updated once a byte; cost: ten instructions a byte of other data. FORMAT.
class HalfwordCode {
 public:
  enum class InstructionSet : std::uint8_t { riscv, thumb };
  static constexpr unsigned processors = 2;

  /// Takes the next byte, the `position`th, the lowest one of the `last` four.
  void push(std::uint64_t position, std::uint32_t last) noexcept;
  /// After bytes that were not pushed: an instruction begins with the next word.
  void leave() noexcept { begin_instruction(); }

  [[nodiscard]] bool active() const noexcept { return active_; }
  [[nodiscard]] InstructionSet processor() const noexcept { return processor_; }
  /// The bytes of the instruction so far, the first one lowest, and above them how many.
  [[nodiscard]] std::uint64_t so_far() const noexcept { return std::uint64_t{known_ + 1} << 32 | now_; }
  /// How many they are, 0..3.
  [[nodiscard]] unsigned known() const noexcept { return known_; }

  /// The k-th instruction before the one in hand, 0: the last. Of two bytes: below 2^16.
  [[nodiscard]] std::uint32_t word(unsigned k) const noexcept { return instructions_[k].word; }
  /// What it does, below `operations`; roughly: below `groups`.
  [[nodiscard]] unsigned operation(unsigned k) const noexcept { return instructions_[k].operation; }
  [[nodiscard]] unsigned group(unsigned k) const noexcept { return instructions_[k].group; }
  /// The register that it writes or stores, as far as that is easily said: 0..31.
  [[nodiscard]] unsigned target(unsigned k) const noexcept { return instructions_[k].target; }
  static constexpr unsigned instructions = 6, operations = 512, groups = 64;
  /// The last instruction that does what the one in hand does, as far as that is known.
  [[nodiscard]] std::uint32_t like() const noexcept;
  /// The last call.
  [[nodiscard]] std::uint32_t call() const noexcept { return call_; }
  /// InstructionSet since the last frame was made or function returned.
  [[nodiscard]] unsigned since_frame() const noexcept { return since_frame_; }
  /// Bytes known and what they say, or the last instruction: 0..1023.
  [[nodiscard]] unsigned place() const noexcept;
  /// The same, roughly, and what the byte before says beside it: 0..15 both.
  [[nodiscard]] unsigned part() const noexcept;
  [[nodiscard]] unsigned operand() const noexcept;

 private:
  struct Instruction {
    std::uint32_t word = 0;
    std::uint16_t operation = 0;
    std::uint8_t group = 0, target = 0;
  };

  void found(std::uint32_t mark, std::uint64_t position) noexcept;
  void follow(std::uint8_t byte, std::uint64_t position) noexcept;
  void end_instruction() noexcept;
  [[nodiscard]] unsigned operation_of(std::uint32_t instruction) const noexcept;
  [[nodiscard]] unsigned group_of(std::uint32_t instruction) const noexcept;
  void begin_instruction() noexcept { known_ = now_ = 0; }

  bool active_ = false;
  InstructionSet processor_ = InstructionSet::riscv;
  unsigned odd_ = 0;         // whether words begin at odd positions
  std::uint64_t clock_ = 0;  // bytes taken
  // When no more such code is believed in.
  std::array<std::array<std::uint64_t, 2>, processors> until_{};
  std::array<std::array<std::uint32_t, 2>, processors> last_mark_{};
  unsigned known_ = 0;
  std::uint32_t now_ = 0, call_ = 0;
  unsigned since_frame_ = 0;
  std::array<Instruction, instructions> instructions_{};
  std::array<std::uint32_t, 256> of_first_byte_{};
  std::array<std::uint32_t, operations> of_operation_{};
};

}  // namespace ssmz::codec
