// SPDX-License-Identifier: Apache-2.0
// What outputs are called.
#pragma once

#include <optional>
#include <string>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

/// Name of the output file for `file`; empty for the standard output. nullopt, told to `messages`: no name
/// can be made.
[[nodiscard]] std::optional<std::string> output_name(const std::string& file, const Options& options,
                                                     Messages& messages);

/// Makes the folders that `path` lies in, for outputs that mirror their inputs. False: errno.
[[nodiscard]] bool make_folders_of(const std::string& path);

/// True if the user, asked on the terminal, allows `path` to be replaced; false if there is no terminal.
[[nodiscard]] bool asks_to_replace(const std::string& path, Messages& messages);

}  // namespace ssmz::cli
