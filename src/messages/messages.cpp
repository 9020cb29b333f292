// SPDX-License-Identifier: Apache-2.0
// Prints messages.
#include "src/messages/messages.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "src/messages/masked_text.hpp"

namespace ssmz::cli {

void Messages::print(const std::string& file, const char* kind, const std::string& text) {
  line_.clear();
  const std::string name = file.empty() ? std::string() : masked(shown_name(file)) + ": ";
  std::fprintf(stderr, "%s: %s%s%s\n", program_, name.c_str(), kind, masked(text).c_str());
}

void Messages::error(const std::string& file, const std::string& text) {
  failed_ = true;
  if (verbosity_ > -2) print(file, "", text);
}

void Messages::warning(const std::string& file, const std::string& text) {
  warned_ = true;
  if (verbosity_ > -1) print(file, "warning: ", text);
}

void Messages::note(int level, const std::string& file, const std::string& text) {
  if (verbosity_ >= level) print(file, "", text);
}

int Messages::exit_status() const noexcept {
  if (failed_) return exit_error;
  return warned_ && !no_warn_ ? exit_warning : exit_success;
}

std::string shown_name(const std::string& file) { return file == "-" ? "(stdin)" : file; }

std::string status_text(const Status& status) {
  std::string text = to_string(status.code);
  if (*status.detail != 0) text += std::string(": ") + status.detail;
  if (status.offset != 0) text += " (byte " + std::to_string(status.offset) + ")";
  return text;
}

std::string system_text(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace ssmz::cli
