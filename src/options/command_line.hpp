// SPDX-License-Identifier: Apache-2.0
// From the words of the command line and the environment to options.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/options/options.hpp"

namespace ssmz::cli {

/// Parses the arguments (bytes as they come). An int is an exit status: help or a version was printed, or a
/// mistake was explained on the standard error.
[[nodiscard]] std::variant<Options, TrainOptions, TrainPrimeOptions, JoinOptions, int> parse_arguments(
    int argc, char** argv);

/// Cuts a text at blanks as a shell does, with '...', "..." and backslashes. False: a quote is not closed.
[[nodiscard]] bool split_words(std::string_view text, std::vector<std::string>& words);

}  // namespace ssmz::cli
