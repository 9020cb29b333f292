// SPDX-License-Identifier: Apache-2.0
// The one line on the terminal that is drawn again and again.
#pragma once

#include <cstddef>
#include <string>

namespace ssmz::cli {

/// On the standard error. Whoever prints there clears it first. Not thread-safe.
class TerminalLine {
 public:
  TerminalLine() = default;
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;
  ~TerminalLine() { clear(); }

  /// Draws `text`, which is at most width() columns long, in place of what was drawn.
  void show(const std::string& text);
  void clear();
  /// Columns that can be drawn on without starting a new line, at least 20.
  [[nodiscard]] static std::size_t width();

 private:
  bool shown_ = false;
};

}  // namespace ssmz::cli
