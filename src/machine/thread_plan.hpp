// SPDX-License-Identifier: Apache-2.0
// How many threads a file gets when the user leaves it open.
#pragma once

#include <cstdint>
#include <string>

#include "src/options/options.hpp"

namespace ssmz::cli {

struct ThreadPlan {
  unsigned threads = 1;
  std::string reason;  ///< "asked for", "the machine's cores", "memory: half of 4.00 GiB (physical memory)".
};

/// As many as cores allow, as long as models of `model_memory` bytes each fill no more than half of the
/// memory, or what --memory allows. `frames`: how many there are to work on, 0 if unknown; a second thread
/// still helps within one.
[[nodiscard]] ThreadPlan plan_threads(const Options& options, std::uint64_t model_memory,
                                      std::uint64_t frames);

}  // namespace ssmz::cli
