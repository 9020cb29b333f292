// SPDX-License-Identifier: Apache-2.0
// Draws the progress line.
#include "src/progress_meter.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "src/size_text.hpp"

namespace ssmz::cli {

namespace {

constexpr std::chrono::milliseconds redraw_interval(200);
/// A line is shown only for what takes longer.
constexpr std::chrono::milliseconds first_delay(400);

volatile sig_atomic_t asked = 0;

extern "C" void ask(int) { asked = 1; }

bool wanted(const Options& options) {
  if (options.progress != ProgressMode::automatic) return options.progress == ProgressMode::on;
  return options.verbosity >= 0 && isatty(STDERR_FILENO) != 0;
}

}  // namespace

void install_progress_signal() {
  struct sigaction action {};
  action.sa_handler = ask;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
}

ProgressMeter::ProgressMeter(const Options& options, std::string file, std::optional<std::uint64_t> total)
    : file_(std::move(file)), total_(total), wanted_(wanted(options)) {}

ProgressMeter::~ProgressMeter() { clear(); }

void ProgressMeter::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

double ProgressMeter::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

std::string ProgressMeter::line(std::uint64_t content, std::uint64_t compressed) const {
  const double elapsed = seconds();
  const double speed = elapsed > 0 ? static_cast<double>(content) / elapsed : 0;
  std::string text = file_ == "-" ? "(stdin)" : file_;
  std::array<char, 96> part{};
  if (total_ && *total_ > 0) {
    std::snprintf(part.data(), part.size(), ": %.1f %%",
                  100 * static_cast<double>(content) / static_cast<double>(*total_));
    text += part.data();
    text += ", " + size_text(content) + " of " + size_text(*total_);
  } else {
    text += ": " + size_text(content);
  }
  if (content > 0 && compressed > 0) {
    std::snprintf(part.data(), part.size(), ", ratio %.4f",
                  static_cast<double>(compressed) / static_cast<double>(content));
    text += part.data();
  }
  text += ", " + size_text(static_cast<std::uint64_t>(speed)) + "/s, " + duration_text(elapsed);
  if (total_ && *total_ >= content && speed > 0) {
    text += ", " + duration_text(static_cast<double>(*total_ - content) / speed) + " left";
  }
  return text;
}

void ProgressMeter::update(std::uint64_t content, std::uint64_t compressed) {
  if (asked != 0) {
    asked = 0;
    clear();
    std::fprintf(stderr, "%s\n", line(content, compressed).c_str());
  }
  const Clock::time_point now = Clock::now();
  if (!wanted_ || now - start_ < first_delay || now - last_ < redraw_interval) return;
  last_ = now;
  std::fprintf(stderr, "\r%s\033[K", line(content, compressed).c_str());
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace ssmz::cli
