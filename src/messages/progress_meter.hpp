// SPDX-License-Identifier: Apache-2.0
// How far a file, and all files, are: a line on the terminal, or records for programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

using Clock = std::chrono::steady_clock;

/// All files of a run, and what is done of them.
struct RunProgress {
  std::size_t files = 1;
  std::size_t current = 1;       ///< Number of the file at work, from 1.
  std::uint64_t input = 0;       ///< Bytes of all inputs, where that is known; else 0.
  std::uint64_t input_done = 0;  ///< Of the files that are finished.
  std::size_t finished = 0;      ///< Files that went well.
  std::uint64_t content = 0;     ///< Of them, bytes of content and compressed.
  std::uint64_t compressed = 0;
  Clock::time_point start = Clock::now();
};

/// What a file has come to.
struct FileProgress {
  std::uint64_t content = 0;
  std::uint64_t compressed = 0;  ///< What `of_content` bytes of content take; 0: not known yet.
  std::uint64_t of_content = 0;
};

/// Not thread-safe; the library reports on the calling thread. Removes its line when destroyed.
class ProgressMeter {
 public:
  /// `total`: bytes of content, if known. `input`: bytes of the input, 0 if unknown.
  ProgressMeter(const Options& options, std::string file, std::optional<std::uint64_t> total,
                std::uint64_t input, const RunProgress& run, Messages& messages);
  ~ProgressMeter();
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;

  /// Shows the state if it is time to.
  void update(const FileProgress& state);
  /// The last record, for programs.
  void finish(const FileProgress& state);
  [[nodiscard]] double seconds() const;

 private:
  [[nodiscard]] std::string line(const FileProgress& state, std::size_t width) const;
  [[nodiscard]] std::string record(const FileProgress& state, bool done) const;
  /// Seconds until all files are done; nullopt if nobody knows.
  [[nodiscard]] std::optional<double> left(const FileProgress& state) const;

  std::string file_;
  std::optional<std::uint64_t> total_;
  std::uint64_t input_;
  const RunProgress& run_;
  Messages& messages_;
  bool json_;
  bool wanted_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

/// SIGUSR1 makes the next update print a line of its own, also when no meter is shown.
void install_progress_signal();

}  // namespace ssmz::cli
