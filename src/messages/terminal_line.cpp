// SPDX-License-Identifier: Apache-2.0
// Draws over the last line of a terminal.
#include "src/messages/terminal_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ssmz::cli {

void TerminalLine::show(const std::string& text) {
  std::fprintf(stderr, "\r%s\033[K", text.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void TerminalLine::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

std::size_t TerminalLine::width() {
  constexpr std::size_t least = 20;
  constexpr std::size_t usual = 80;
  std::size_t columns = usual;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    columns = size.ws_col;
  } else if (const char* variable = std::getenv("COLUMNS"); variable != nullptr) {
    const unsigned long number = std::strtoul(variable, nullptr, 10);
    if (number > 0 && number < 10000) columns = number;
  }
  // Writing into the last column moves some terminals to the next line.
  return std::max(columns - 1, least);
}

}  // namespace ssmz::cli
