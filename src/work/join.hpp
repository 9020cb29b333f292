// SPDX-License-Identifier: Apache-2.0
// ssmz join: puts archives together, frame by frame.
#pragma once

#include "src/options/options.hpp"

namespace ssmz::cli {

/// Returns the exit status.
[[nodiscard]] int join_files(const JoinOptions& options);

}  // namespace ssmz::cli
