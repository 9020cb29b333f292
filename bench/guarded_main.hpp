// SPDX-License-Identifier: Apache-2.0
// The last resort of the programs here: what a run throws becomes a message and a status.
#pragma once

#include <cstdio>
#include <exception>

namespace ssmz {

/// run(argc, argv)'s status; 1, and the message behind the program's name, if it throws.
template <class Run>
int guarded_main(const char* program, Run run, int argc, char** argv) noexcept {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace ssmz
