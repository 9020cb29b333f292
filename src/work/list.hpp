// SPDX-License-Identifier: Apache-2.0
// Lists what frames say of themselves.
#pragma once

#include <vector>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

/// Prints a table of options.files to the standard output (with -v a line a frame, with --robot tab-separated
/// fields).
void list_files(const Options& options, Messages& messages);

/// Prints for each of options.files how many frames it has or, if it is no archive, would have at the
/// options' level and frame size.
void count_frames(const Options& options, Messages& messages);

}  // namespace ssmz::cli
