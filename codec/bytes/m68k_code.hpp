// SPDX-License-Identifier: Apache-2.0
// Machine code of the 68000 and its successors: which word is an instruction's first, and what the words
// behind it are.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Follows instructions, which begin at even positions, by their lengths: a wrong beginning is left within a
/// few. Active where operations that put arguments on the stack, call and return are as frequent as in
/// programs. Updated once a byte; cost: ten instructions a byte. FORMAT.
class M68kCode {
 public:
  /// What a word is.
  enum class Field : std::uint8_t {
    operation,
    immediate_high,  ///< Of 32 bits.
    immediate_low,   ///< Or of 8 or 16 bits.
    displacement,    ///< To an address register.
    index,
    address_high,  ///< Of 32 bits.
    address_low,
    address,   ///< Of 16 bits.
    relative,  ///< To the program counter.
    branch,
    registers,  ///< One bit for each; or a number of each, as of long products.
  };
  static constexpr unsigned fields = 11;

  /// Takes the next byte; `position` counts it.
  void push(std::uint8_t byte, std::uint64_t position) noexcept;
  /// After bytes that were not pushed: an instruction begins with the next word.
  void leave() noexcept { coming_ = 0; }

  [[nodiscard]] bool active() const noexcept { return active_; }
  /// Of the word that the coming byte is of.
  [[nodiscard]] Field field() const noexcept { return now().field; }
  /// Address register that it belongs to, 0..7; with other meanings up to 15.
  [[nodiscard]] unsigned base() const noexcept { return now().base; }
  /// What is known of it: 256 + its first byte, or 0.
  [[nodiscard]] unsigned so_far() const noexcept { return so_far_; }
  /// The first word of the instruction k before the one in hand; 0: of that one, or where it begins of the
  /// last.
  [[nodiscard]] std::uint32_t operation(unsigned k) const noexcept { return operations_[k]; }
  static constexpr unsigned operations = 6;
  /// All of it but the operand's register; its size and kind; only what it does.
  [[nodiscard]] std::uint32_t general(unsigned k) const noexcept { return operations_[k] & 0xf1f8u; }
  [[nodiscard]] std::uint32_t coarse(unsigned k) const noexcept { return operations_[k] >> 8; }
  [[nodiscard]] std::uint32_t group(unsigned k) const noexcept { return operations_[k] >> 12; }
  [[nodiscard]] std::uint32_t last_word() const noexcept { return last_word_; }
  /// The last word that was the same field, of a displacement to the same register.
  [[nodiscard]] std::uint32_t same_field() const noexcept { return same()[0]; }
  /// The one before it.
  [[nodiscard]] std::uint32_t earlier_field() const noexcept { return same()[1]; }
  /// The last word that was this field.
  [[nodiscard]] std::uint32_t last_of(Field field) const noexcept {
    return words_[static_cast<unsigned>(field)][0];
  }
  /// The k-th last call of a system by a word of its own, 0xAnnn; k = 0, 1.
  [[nodiscard]] std::uint32_t trap(unsigned k) const noexcept { return traps_[k]; }
  /// Words since the last frame on the stack was made.
  [[nodiscard]] std::uint32_t since_frame() const noexcept { return since_frame_; }

 private:
  struct Word {
    Field field = Field::operation;
    std::uint8_t base = 0;
  };
  static constexpr unsigned most_words = 8;  // behind an operation; of the 68020's longest some are missed

  [[nodiscard]] Word now() const noexcept { return coming_ ? words_to_come_[coming_ - 1] : Word{}; }
  using LastTwo = std::array<std::uint32_t, 2>;  // the last one first
  [[nodiscard]] const LastTwo& same() const noexcept {
    return field() == Field::displacement ? displacements_[base()] : words_[static_cast<unsigned>(field())];
  }
  void end_word(std::uint32_t word) noexcept;
  void judge(std::uint32_t operation) noexcept;
  void decode(std::uint32_t operation) noexcept;
  void decode_group_0(std::uint32_t operation) noexcept;
  void decode_group_4(std::uint32_t operation) noexcept;
  void operand(unsigned mode, unsigned base, bool is_long) noexcept;
  void immediate(bool is_long) noexcept;
  void extend_index(std::uint32_t extension) noexcept;
  void decode_float(std::uint32_t operation) noexcept;
  void expect(Field field, unsigned base = 0) noexcept;

  bool active_ = false;
  std::uint32_t score_ = 0;         // share of operations that programs have everywhere, 16 bit
  std::uint32_t since_call_ = 0;    // operations
  std::uint32_t since_binary_ = 0;  // words
  unsigned so_far_ = 0;
  std::array<Word, most_words> listed_{};         // behind the operation, in their order
  std::array<Word, most_words> words_to_come_{};  // the last one first
  unsigned listed_count_ = 0, coming_ = 0;
  std::array<std::uint32_t, operations> operations_{};
  std::array<LastTwo, fields> words_{};
  std::array<LastTwo, 16> displacements_{};  // by base
  std::uint32_t last_word_ = 0;
  LastTwo traps_{};
  std::uint32_t since_frame_ = 0;
};

}  // namespace ssmz::codec
