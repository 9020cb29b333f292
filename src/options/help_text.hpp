// SPDX-License-Identifier: Apache-2.0
// What -h, -H and -V print.
#pragma once

#include <string>

namespace ssmz::cli {

/// What everyone needs, with examples; fits on a terminal.
[[nodiscard]] std::string short_help();
/// All options.
[[nodiscard]] std::string long_help();
/// What --ssm may name.
[[nodiscard]] std::string layers_help();
[[nodiscard]] std::string train_help();
[[nodiscard]] std::string train_prime_help();
[[nodiscard]] std::string join_help();
[[nodiscard]] std::string version_line();

}  // namespace ssmz::cli
