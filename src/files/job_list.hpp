// SPDX-License-Identifier: Apache-2.0
// All inputs of a run and their outputs' names, checked against each other before any work is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

struct FileJob {
  std::string input;       ///< "-": standard input.
  std::string output;      ///< Empty: standard output, or nothing in modes that write none.
  std::uint64_t size = 0;  ///< Bytes of the input; 0 if nobody knows.
};

/// Expands folders and lists of names, names the outputs. What is passed over is told to `messages`. nullopt,
/// told as well: two outputs would have one name, or an output would take the place of an input or of a
/// vocabulary, so nothing must be done.
[[nodiscard]] std::optional<std::vector<FileJob>> plan_jobs(const Options& options, Messages& messages);

}  // namespace ssmz::cli
