// SPDX-License-Identifier: Apache-2.0
// What to say about an option that does not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/options/option_row.hpp"

namespace ssmz::cli {

/// "did you mean --threads?", what stands for an option of xz or zstd here, or nothing. `name` as it was
/// written, with its dashes and without a value.
[[nodiscard]] std::string suggestion(std::span<const OptionSpelling> table, std::string_view name);

/// Why digits that are no level are none: "-19", "-0".
[[nodiscard]] std::string level_mistake(std::string_view digits);

}  // namespace ssmz::cli
