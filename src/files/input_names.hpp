// SPDX-License-Identifier: Apache-2.0
// Names of inputs: from the command line, from lists, from folders.
#pragma once

#include <string>
#include <vector>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

/// All names in the order given, those of a folder sorted. Lists and folders that cannot be read are told.
[[nodiscard]] std::vector<std::string> input_names(const Options& options, Messages& messages);

/// True if the ending of the name says that its content is compressed already.
[[nodiscard]] bool is_named_compressed(const std::string& file);

}  // namespace ssmz::cli
