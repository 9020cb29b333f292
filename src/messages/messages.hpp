// SPDX-License-Identifier: Apache-2.0
// What is said on the standard error, and the exit status that follows from it.
#pragma once

#include <string>

#include "src/messages/terminal_line.hpp"
#include "src/options/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Not thread-safe.
class Messages {
 public:
  /// `program` begins every message.
  Messages(int verbosity, bool no_warn, const char* program = "ssmz")
      : program_(program), verbosity_(verbosity), no_warn_(no_warn) {}

  void error(const std::string& file, const std::string& text);
  void warning(const std::string& file, const std::string& text);
  /// Said if -v was given at least `level` times; at 0 unless -q was given.
  void note(int level, const std::string& file, const std::string& text);

  [[nodiscard]] int verbosity() const noexcept { return verbosity_; }
  /// What progress is drawn on; every message clears it first.
  [[nodiscard]] TerminalLine& line() noexcept { return line_; }
  /// Exit status so far.
  [[nodiscard]] int exit_status() const noexcept;

 private:
  void print(const std::string& file, const char* kind, const std::string& text);

  TerminalLine line_;
  const char* program_;
  int verbosity_;
  bool no_warn_;
  bool failed_ = false;
  bool warned_ = false;
};

/// "(stdin)" for "-".
[[nodiscard]] std::string shown_name(const std::string& file);

/// "damaged data: the content's checksum differs (byte 4711)".
[[nodiscard]] std::string status_text(const Status& status);

/// "cannot open: No such file or directory" from errno.
[[nodiscard]] std::string system_text(const char* what);

}  // namespace ssmz::cli
