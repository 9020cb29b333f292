// SPDX-License-Identifier: Apache-2.0
// Which inputs are taken, and what their outputs are called.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

#include "src/files.hpp"
#include "src/messages.hpp"
#include "src/options.hpp"

namespace ssmz::cli {

struct Input {
  Descriptor descriptor;
  struct stat attributes {};
  bool regular = false;
  /// Bytes in it, if it is a regular file that says so.
  [[nodiscard]] std::optional<std::uint64_t> size() const;
};

/// Opens `file` unless it is something that should be left alone (a folder, a link, a device, a terminal),
/// which is told to `messages`.
[[nodiscard]] std::optional<Input> open_input(const std::string& file, const Options& options,
                                              Messages& messages);

/// Name of the output file for `file`; empty for the standard output. nullopt, told to `messages`: no name
/// can be made or the file exists and must not be replaced.
[[nodiscard]] std::optional<std::string> output_name(const std::string& file, const Options& options,
                                                     Messages& messages);

}  // namespace ssmz::cli
