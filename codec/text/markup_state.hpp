// SPDX-License-Identifier: Apache-2.0
// Where in the markup the text stands: line, brackets, cells, keys, quotes; read byte by byte, for wiki text,
// HTML, XML, tables, configuration and code alike.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// All hashes are well mixed; 0 where there is nothing.
class MarkupState {
 public:
  void push(std::uint8_t byte) noexcept;

  /// First byte of this line that is no blank; 0 before it.
  [[nodiscard]] std::uint8_t line_kind() const noexcept { return line_kind_; }
  /// Innermost open bracket: 0 none, 1 '(', 2 '[', 3 "[[", 4 '{', 5 "{{", 6 '<'.
  [[nodiscard]] unsigned bracket() const noexcept { return levels_[depth_].kind; }
  /// Bars since it opened, at most 3.
  [[nodiscard]] unsigned bars() const noexcept { return levels_[depth_].bars; }
  /// Within double quotes of this line.
  [[nodiscard]] bool quoted() const noexcept { return quoted_; }
  /// Hash of the word before the last '=' or ':' of this cell: an attribute's, a field's, a variable's name.
  [[nodiscard]] std::uint64_t key() const noexcept { return key_; }
  /// Hash of what stands between the innermost bracket and its first bar: a link's target, a template's name.
  [[nodiscard]] std::uint64_t target() const noexcept { return levels_[depth_].target; }
  /// Cells of this line before this one (by bars, tabs, commas), at most 31.
  [[nodiscard]] unsigned cell() const noexcept { return cell_; }
  /// Hash of what this cell's column held in the line above.
  [[nodiscard]] std::uint64_t cell_above() const noexcept { return cells_[line_ ^ 1u][cell_]; }
  /// All of the above that are small, in 15 bits.
  [[nodiscard]] std::uint64_t summary() const noexcept {
    return std::uint64_t{line_kind_} | bracket() << 8 | bars() << 11 | unsigned{quoted_} << 13 |
           unsigned{key_ != 0} << 14;
  }

 private:
  static constexpr unsigned most_cells = 32, most_levels = 16;
  struct Level {
    std::uint8_t kind = 0;
    std::uint8_t bars = 0;
    std::uint64_t target = 0;
  };
  void open(std::uint8_t byte) noexcept;
  void close(std::uint8_t byte) noexcept;
  void start_line() noexcept;
  void next_cell() noexcept;

  std::array<Level, most_levels> levels_{};
  unsigned depth_ = 0;
  std::array<std::array<std::uint64_t, most_cells>, 2> cells_{};
  unsigned line_ = 0;  // which of the two rows of cells is this line's
  unsigned cell_ = 0;
  std::uint64_t word_ = 0;       // letters and digits going on
  std::uint64_t last_word_ = 0;  // the word before, blanks between allowed
  std::uint64_t key_ = 0;
  std::uint8_t last_ = '\n';
  std::uint8_t line_kind_ = 0;
  bool quoted_ = false;
};

}  // namespace ssmz::codec
