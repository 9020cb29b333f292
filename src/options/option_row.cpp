// SPDX-License-Identifier: Apache-2.0
// Cuts command lines into options and prints lines of help.
#include "src/options/option_row.hpp"

#include <algorithm>
#include <optional>

#include "src/options/suggestion.hpp"

namespace ssmz::cli {

namespace {

constexpr std::size_t help_indent = 29;
constexpr std::size_t help_width = 80;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool has_name(std::string_view names, std::string_view name) {
  for (std::size_t start = 0; start < names.size();) {
    const std::size_t end = std::min(names.find('|', start), names.size());
    if (names.substr(start, end - start) == name) return true;
    start = end + 1;
  }
  return false;
}

/// Goes through the words once.
class Splitter {
 public:
  Splitter(std::span<const OptionSpelling> table, std::span<const std::string> words)
      : table_(table), words_(words) {}

  GivenArguments split() {
    bool options_end = false;
    for (; at_ < words_.size() && given_.mistake.empty(); ++at_) {
      const std::string& word = words_[at_];
      if (options_end || word.size() < 2 || word[0] != '-') {
        given_.operands.push_back(word);
      } else if (word == "--") {
        options_end = true;
      } else if (word[1] == '-') {
        long_option(word);
      } else {
        cluster(word);
      }
    }
    return std::move(given_);
  }

 private:
  void unknown(const std::string& name) {
    const std::string hint = suggestion(table_, name);
    given_.mistake = name + ": there is no such option" + (hint.empty() ? "" : "; " + hint);
  }

  void add(std::size_t row, std::string value, std::string spelled) {
    given_.options.push_back({row, std::move(value), std::move(spelled)});
  }

  /// The next word as the value of an option that needs one.
  void add_with_next(std::size_t row, const std::string& spelled) {
    if (at_ + 1 < words_.size()) return add(row, words_[++at_], spelled);
    given_.mistake = spelled + ": needs a value, " + std::string(table_[row].value);
  }

  void long_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto row = std::find_if(table_.begin(), table_.end(), [&](const OptionSpelling& spelling) {
      return has_name(spelling.names, std::string_view(name).substr(2));
    });
    if (row == table_.end()) return unknown(name);
    const auto index = static_cast<std::size_t>(row - table_.begin());
    if (equals == std::string::npos) {
      row->takes == Takes::value ? add_with_next(index, name) : add(index, {}, name);
    } else if (row->takes == Takes::nothing || row->takes == Takes::digit) {
      given_.mistake = name + ": takes no value (\"" + word.substr(equals + 1) + "\" was given)";
    } else if (equals + 1 == word.size()) {
      given_.mistake = name + ": the value is empty";
    } else {
      add(index, word.substr(equals + 1), name);
    }
  }

  void cluster(const std::string& word) {
    for (std::size_t i = 1; i < word.size() && given_.mistake.empty(); ++i) {
      const std::string spelled = {'-', word[i]};
      if (is_digit(word[i])) {
        i = level(word, i);
        continue;
      }
      const auto row = std::find_if(table_.begin(), table_.end(), [&](const OptionSpelling& spelling) {
        return spelling.letter == word[i] && spelling.takes != Takes::digit;
      });
      if (row == table_.end()) return unknown(spelled);
      const auto index = static_cast<std::size_t>(row - table_.begin());
      if (row->takes != Takes::value) {
        add(index, {}, spelled);
      } else if (i + 1 < word.size()) {
        return add(index, word.substr(i + 1), spelled);
      } else {
        add_with_next(index, spelled);
      }
    }
  }

  /// A level in a cluster; returns the place of its last digit.
  std::size_t level(const std::string& word, std::size_t first) {
    std::size_t last = first;
    while (last + 1 < word.size() && is_digit(word[last + 1])) ++last;
    const std::string digits = word.substr(first, last + 1 - first);
    const auto row = std::find_if(table_.begin(), table_.end(), [](const OptionSpelling& spelling) {
      return spelling.takes == Takes::digit;
    });
    if (row == table_.end()) {
      unknown("-" + digits);
    } else if (digits.size() > 1 || digits == "0") {
      given_.mistake = level_mistake(digits);
    } else {
      add(static_cast<std::size_t>(row - table_.begin()), digits, "-" + digits);
    }
    return last;
  }

  std::span<const OptionSpelling> table_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  GivenArguments given_;
};

}  // namespace

GivenArguments split_arguments(std::span<const OptionSpelling> table, std::span<const std::string> words) {
  return Splitter(table, words).split();
}

std::string help_line(const OptionSpelling& spelling, std::string_view text) {
  std::string line = "  ";
  if (spelling.takes == Takes::digit) {
    line += "-1 ... -9";
  } else {
    line += spelling.letter != 0 ? std::string{'-', spelling.letter} : "  ";
    for (std::size_t start = 0; start < spelling.names.size();) {
      const std::size_t end = std::min(spelling.names.find('|', start), spelling.names.size());
      line += start == 0 && spelling.letter == 0 ? "  --" : ", --";
      line += spelling.names.substr(start, end - start);
      start = end + 1;
    }
    if (spelling.takes == Takes::maybe_value) line += "[=" + std::string(spelling.value) + "]";
    if (spelling.takes == Takes::value) line += " " + std::string(spelling.value);
  }
  const std::string indent(help_indent, ' ');
  if (line.size() + 2 > help_indent) line += "\n" + indent;
  std::size_t column = line.find('\n') == std::string::npos ? line.size() : help_indent;
  line += std::string(help_indent - column, ' ');
  column = help_indent;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    if (column > help_indent && column + 1 + end - start > help_width) {
      line += "\n" + indent;
      column = help_indent;
    }
    if (column > help_indent) line += ' ', ++column;
    line += text.substr(start, end - start);
    column += end - start;
    start = end + 1;
  }
  return line + "\n";
}

}  // namespace ssmz::cli
