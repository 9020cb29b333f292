// SPDX-License-Identifier: Apache-2.0
// The output of a command that makes one file of several.
#pragma once

#include <optional>
#include <string>

#include "src/files/output_file.hpp"
#include "src/messages/messages.hpp"

namespace ssmz::cli {

/// Judges and claims the place before the work; nothing: told. `mistake`: what the command itself has against
/// the place, if that is otherwise possible.
[[nodiscard]] inline std::optional<OutputFile> open_new_output(const std::string& path, bool force,
                                                               Messages& messages, std::string mistake = {}) {
  const OutputPlace place = find_output_place(path, true, force);
  if (!place.mistake.empty()) mistake = place.mistake;
  if (mistake.empty() && place.exists && !force) mistake = "exists already (-f replaces it)";
  if (!mistake.empty()) {
    messages.error(path, mistake);
    return std::nullopt;
  }
  std::optional<OutputFile> output = OutputFile::open(place, {.replace = force}, mistake);
  if (!output) messages.error(path, mistake);
  return output;
}

}  // namespace ssmz::cli
