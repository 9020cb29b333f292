// SPDX-License-Identifier: Apache-2.0
// What is said on the standard error, and the exit status that follows from it.
#pragma once

#include <string>

#include "src/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Not thread-safe.
class Messages {
 public:
  explicit Messages(const Options& options) : verbosity_(options.verbosity), no_warn_(options.no_warn) {}

  void error(const std::string& file, const std::string& text);
  void warning(const std::string& file, const std::string& text);
  /// Said if -v was given at least `level` times.
  void note(int level, const std::string& file, const std::string& text);

  [[nodiscard]] int verbosity() const noexcept { return verbosity_; }
  /// Exit status so far.
  [[nodiscard]] int exit_status() const noexcept;

 private:
  int verbosity_;
  bool no_warn_;
  bool failed_ = false;
  bool warned_ = false;
};

/// "damaged data: the content's checksum differs (byte 4711)".
[[nodiscard]] std::string status_text(const Status& status);

/// "cannot open: No such file or directory" from errno.
[[nodiscard]] std::string system_text(const char* what);

}  // namespace ssmz::cli
