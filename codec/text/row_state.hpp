// SPDX-License-Identifier: Apache-2.0
// Rows of tables, logs and lists: their fields, and what the rows before have where the text stands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Read byte by byte. Fields are what stands between delimiters outside of quotes: a comma, semicolon, tab or
/// bar of which the last rows had as many as each other, else a space. The row that is followed is the last
/// one whose first word is the same (a key, a date), else the row before. All hashes are well mixed. FORMAT.
class RowState {
 public:
  /// `follows`: whether rows are followed; without, nothing is held, none is ever active, and push() must not
  /// be called.
  explicit RowState(bool follows = true) : ring_(follows ? ring_size : 0), kinds_(follows ? kind_count : 0) {}
  [[nodiscard]] bool follows() const noexcept { return ring_.size() != 0; }

  /// Bytes that a state takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory() noexcept {
    return ring_size + kind_count * sizeof(Kind);
  }

  /// Costs about twenty instructions, of a row's end some hundred.
  void push(std::uint8_t byte) noexcept;

  /// The text is made of rows that are like each other.
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// Number of the field, at most most_fields - 1, and the delimiter's.
  [[nodiscard]] std::uint64_t field() const noexcept { return field_ * 8u + delimiter_; }
  /// Hash of the field as far as it is known.
  [[nodiscard]] std::uint64_t so_far() const noexcept { return so_far_; }
  /// Hash of the field before it in this row.
  [[nodiscard]] std::uint64_t last_field() const noexcept { return last_field_; }
  /// Hash of the row's first field, 0 within it.
  [[nodiscard]] std::uint64_t first_field() const noexcept { return first_field_; }
  /// The next four bytes of the field in the row that is followed (k = 0), in the one before it (1), and in
  /// bit 32 whether the field began as there; 0: there is none.
  [[nodiscard]] std::uint64_t expected(unsigned k) const noexcept;
  /// The next four bytes of the number that is as far from the followed row's at this place of the field as
  /// that from the one before it; 0: there are no numbers, or this one is another.
  [[nodiscard]] std::uint64_t step() const noexcept;
  /// In 0..7: whether the field began as in the two rows that are followed, whether a number goes on in step.
  [[nodiscard]] unsigned agreement() const noexcept {
    return unsigned{equal_[0]} | unsigned{equal_[1]} << 1 | unsigned{number_size_ != 0} << 2;
  }
  /// Number of the field, below most_fields.
  [[nodiscard]] unsigned field_number() const noexcept { return field_; }
  static constexpr unsigned most_fields = 64, agreements = 8;

 private:
  static constexpr std::size_t ring_size = std::size_t{1} << 16;
  static constexpr unsigned delimiters = 4, kind_count = 64;

  struct Row {
    std::uint64_t at = 0, end = 0;  // positions of its first byte, and of its newline; the same: none
    std::uint8_t delimiter = 0;
    std::uint8_t fields = 0;
    std::array<std::uint16_t, most_fields> starts{};
  };
  struct Kind {  // the last two rows with a first word
    std::uint64_t word = 0;
    std::array<Row, 2> rows;
  };
  struct Number {
    std::uint64_t value = 0;
    unsigned digits = 0;  // 0: it is none
  };

  [[nodiscard]] std::uint8_t at(std::uint64_t position) const noexcept { return ring_[position % ring_size]; }
  [[nodiscard]] bool usable(const Row& row) const noexcept;
  /// Position in a usable row of what stands where this one does in the field; may be behind its end.
  [[nodiscard]] std::uint64_t counterpart(const Row& row) const noexcept {
    return row.at + row.starts[field_] + (position_ - field_at_);
  }
  void compare(std::uint8_t byte) noexcept;
  [[nodiscard]] bool ends_field(std::uint8_t byte) noexcept;
  [[nodiscard]] std::string_view text_of(const Row& row, std::array<char, 32>& buffer) const noexcept;
  [[nodiscard]] Number number_of(const Row& row) noexcept;
  void start_field() noexcept;
  void end_row() noexcept;
  void follow(std::uint64_t word) noexcept;
  void predict_number() noexcept;

  model::Zeroed<std::uint8_t> ring_;
  std::vector<Kind> kinds_;
  std::uint64_t position_ = 0;
  Row row_;
  std::array<Row, 2> before_;    // the last rows, newest first
  std::array<Row, 2> followed_;  // the rows that are followed
  std::array<bool, 2> equal_{};  // the field began as there
  std::array<unsigned, delimiters> counts_{}, last_counts_{}, streaks_{};
  std::array<bool, most_fields> hexadecimal_{};
  std::array<char, 24> number_{};  // the predicted one
  std::uint64_t number_at_ = 0;
  unsigned number_size_ = 0;
  unsigned delimiter_ = 0;  // 0: a space
  unsigned field_ = 0;
  std::uint64_t field_at_ = 0;
  std::uint64_t so_far_ = 0, last_field_ = 0, first_field_ = 0;
  std::uint64_t word_ = 0;  // the row's first one, as far as it is known
  bool word_ended_ = false;
  std::uint8_t quote_ = 0;  // what ends the quoted text, 0: none
  std::uint8_t last_ = '\n';
  unsigned likeness_ = 0;  // of 65,536: bytes that were as expected
  bool active_ = false;
};

}  // namespace ssmz::codec
