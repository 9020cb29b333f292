// SPDX-License-Identifier: Apache-2.0
// The line on the terminal that tells how far a file is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "src/options.hpp"

namespace ssmz::cli {

/// Not thread-safe; the library reports on the calling thread. Removes its line when destroyed.
class ProgressMeter {
 public:
  /// `total`: bytes of content, if known.
  ProgressMeter(const Options& options, std::string file, std::optional<std::uint64_t> total);
  ~ProgressMeter();
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;

  /// Shows the state if it is time to. `compressed`: bytes of compressed data written or read so far.
  void update(std::uint64_t content, std::uint64_t compressed);
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(std::uint64_t content, std::uint64_t compressed) const;
  void clear();

  std::string file_;
  std::optional<std::uint64_t> total_;
  bool shown_ = false;
  bool wanted_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

/// SIGUSR1 makes the next update print a line of its own, also when no meter is shown.
void install_progress_signal();

}  // namespace ssmz::cli
