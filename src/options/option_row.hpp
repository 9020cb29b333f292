// SPDX-License-Identifier: Apache-2.0
// One row of a table of options: names, value and help, from which parsing and help are made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ssmz::cli {

enum class Takes : std::uint8_t {
  nothing,
  value,
  maybe_value,  ///< Only as --name=VALUE.
  digit         ///< The letters -1 to -9; the digit is the value.
};

/// How an option is spelled.
struct OptionSpelling {
  char letter = 0;         ///< 0: none.
  std::string_view names;  ///< Long names without dashes, separated by '|'; the first is the usual one.
  std::string_view value;  ///< What the help calls its value; empty if it takes none.
  Takes takes = Takes::nothing;
};

/// A row that changes a `Target`.
template <class Target>
struct OptionRow {
  OptionSpelling spelling;
  std::string_view help;
  /// Gets the value, empty if there is none. Returns what is wrong with it, or nothing.
  std::string (*apply)(Target&, const std::string& value);
};

template <class Target>
struct OptionGroup {
  std::string_view title;
  std::span<const OptionRow<Target>> rows;
};

/// An option of a command line, by its place in the table.
struct GivenOption {
  std::size_t row = 0;
  std::string value;
  std::string spelled;  ///< As the user wrote it, without the value: "--frame-size", "-T".
};

struct GivenArguments {
  std::vector<GivenOption> options;
  std::vector<std::string> operands;
  std::string mistake;  ///< Not empty: explains the first mistake.
};

/// Cuts words into options and operands: clusters (-dcf), values (-T2, -T 2, --threads=2, --threads 2), "--".
[[nodiscard]] GivenArguments split_arguments(std::span<const OptionSpelling> table,
                                             std::span<const std::string> words);

/// All spellings of a table of groups, in order.
template <class Target>
[[nodiscard]] std::vector<OptionSpelling> spellings_of(std::span<const OptionGroup<Target>> groups) {
  std::vector<OptionSpelling> all;
  for (const OptionGroup<Target>& group : groups) {
    for (const OptionRow<Target>& row : group.rows) all.push_back(row.spelling);
  }
  return all;
}

/// Parses words into `target` in their order. Returns the operands, or a mistake.
template <class Target>
[[nodiscard]] GivenArguments apply_arguments(std::span<const OptionGroup<Target>> groups,
                                             std::span<const std::string> words, Target& target) {
  const std::vector<OptionSpelling> spellings = spellings_of(groups);
  GivenArguments given = split_arguments(spellings, words);
  std::vector<const OptionRow<Target>*> rows;
  for (const OptionGroup<Target>& group : groups) {
    for (const OptionRow<Target>& row : group.rows) rows.push_back(&row);
  }
  for (const GivenOption& option : given.options) {
    if (!given.mistake.empty()) break;
    const std::string wrong = rows[option.row]->apply(target, option.value);
    if (wrong.empty()) continue;
    const char* joint = option.spelled.starts_with("--") ? "=" : " ";
    given.mistake = option.spelled + (option.value.empty() ? "" : joint + option.value) + ": " + wrong;
  }
  return given;
}

/// A line of help: "  -T, --threads N      Text", wrapped to 80 columns.
[[nodiscard]] std::string help_line(const OptionSpelling& spelling, std::string_view text);

template <class Target>
[[nodiscard]] std::string help_of(std::span<const OptionGroup<Target>> groups) {
  std::string text;
  for (const OptionGroup<Target>& group : groups) {
    text += "\n" + std::string(group.title) + ":\n";
    for (const OptionRow<Target>& row : group.rows) text += help_line(row.spelling, row.help);
  }
  return text;
}

}  // namespace ssmz::cli
