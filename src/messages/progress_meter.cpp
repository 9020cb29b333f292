// SPDX-License-Identifier: Apache-2.0
// Draws the progress line and prints records.
#include "src/messages/progress_meter.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>

#include "src/messages/masked_text.hpp"
#include "src/options/size_text.hpp"

namespace ssmz::cli {

namespace {

constexpr std::chrono::milliseconds redraw_interval(200);
constexpr std::chrono::milliseconds record_interval(1000);
/// A line is shown only for what takes longer.
constexpr std::chrono::milliseconds first_delay(400);

volatile sig_atomic_t asked = 0;

extern "C" void ask(int) { asked = 1; }

bool is_wanted(const Options& options) {
  if (options.progress != ProgressMode::automatic) return options.progress != ProgressMode::off;
  return options.verbosity >= 0 && isatty(STDERR_FILENO) != 0;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole != 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

}  // namespace

void install_progress_signal() {
  struct sigaction action {};
  action.sa_handler = ask;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
}

ProgressMeter::ProgressMeter(const Options& options, std::string file, std::optional<std::uint64_t> total,
                             std::uint64_t input, const RunProgress& run, Messages& messages)
    : file_(shown_name(file)),
      total_(total),
      input_(input),
      run_(run),
      messages_(messages),
      json_(options.progress == ProgressMode::json),
      wanted_(is_wanted(options)) {}

ProgressMeter::~ProgressMeter() { messages_.line().clear(); }

double ProgressMeter::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

std::optional<double> ProgressMeter::left(const FileProgress& state) const {
  if (!total_ || *total_ == 0 || state.content == 0 || state.content > *total_) return std::nullopt;
  const double done = share(state.content, *total_);
  if (run_.files < 2 || run_.input == 0) return seconds() / done * (1 - done);
  const double all = (static_cast<double>(run_.input_done) + done * static_cast<double>(input_)) /
                     static_cast<double>(run_.input);
  const double elapsed = std::chrono::duration<double>(Clock::now() - run_.start).count();
  if (!(all > 0) || all > 1) return std::nullopt;
  return elapsed / all * (1 - all);
}

std::string ProgressMeter::line(const FileProgress& state, std::size_t width) const {
  const double elapsed = seconds();
  std::string text = ": ";
  if (total_ && *total_ > 0) text += formatted("%.1f %%, ", 100 * share(state.content, *total_));
  text += size_text(state.content);
  if (total_ && *total_ > 0) text += " of " + size_text(*total_);
  std::vector<std::string> rest;
  if (const auto seconds_left = left(state)) rest.push_back(duration_text(*seconds_left) + " left");
  if (state.compressed != 0 && state.of_content != 0) {
    rest.push_back(formatted("ratio %.4f", share(state.compressed, state.of_content)));
  }
  const double speed = elapsed > 0 ? static_cast<double>(state.content) / elapsed : 0;
  rest.push_back(size_text(static_cast<std::uint64_t>(speed)) + "/s");
  rest.push_back(duration_text(elapsed));
  const std::string count = run_.files > 1 ? formatted("%zu/%zu ", run_.current, run_.files) : std::string();
  // What matters least is left out first; the name gets what remains.
  constexpr std::size_t least_name = 8;
  const std::size_t name = std::min(columns_of(masked(file_)), least_name);
  for (const std::string& part : rest) {
    if (count.size() + name + text.size() + 2 + part.size() <= width) text += ", " + part;
  }
  if (count.size() + text.size() + 1 > width) return text.substr(2, width);
  return count + shortened(file_, width - count.size() - text.size()) + text;
}

std::string ProgressMeter::record(const FileProgress& state, bool done) const {
  std::string text = "{\"file\":\"" + json_escaped(file_) + "\"";
  text += formatted(",\"number\":%zu,\"files\":%zu,\"content\":%" PRIu64, run_.current, run_.files,
                    state.content);
  if (total_) text += formatted(",\"total\":%" PRIu64, *total_);
  if (state.compressed != 0) {
    text +=
        formatted(",\"compressed\":%" PRIu64 ",\"of_content\":%" PRIu64, state.compressed, state.of_content);
  }
  text += formatted(",\"seconds\":%.3f", seconds());
  if (const auto seconds_left = left(state); seconds_left && !done) {
    text += formatted(",\"left\":%.1f", *seconds_left);
  }
  return text + (done ? ",\"done\":true}\n" : "}\n");
}

void ProgressMeter::update(const FileProgress& state) {
  if (asked != 0) {
    asked = 0;
    messages_.line().clear();
    std::fprintf(stderr, "%s\n", line(state, 1000).c_str());
  }
  const Clock::time_point now = Clock::now();
  if (!wanted_ || now - start_ < first_delay) return;
  if (now - last_ < (json_ ? record_interval : redraw_interval)) return;
  last_ = now;
  if (json_) {
    std::fputs(record(state, false).c_str(), stderr);
  } else {
    messages_.line().show(line(state, TerminalLine::width()));
  }
}

void ProgressMeter::finish(const FileProgress& state) {
  messages_.line().clear();
  if (json_ && wanted_) std::fputs(record(state, true).c_str(), stderr);
}

}  // namespace ssmz::cli
