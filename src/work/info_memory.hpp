// SPDX-License-Identifier: Apache-2.0
// ssmz --info-memory: what there is and what levels take.
#pragma once

namespace ssmz::cli {

/// Prints to the standard output.
void print_memory();

}  // namespace ssmz::cli
