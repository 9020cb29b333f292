// SPDX-License-Identifier: Apache-2.0
// ssmz -b: measures compression and decompression in memory.
#pragma once

#include <vector>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Prints a line for each file: sizes, ratio, speed both ways; the round trip is verified.
void bench_files(const Options& options, const std::vector<Vocabulary>& vocabularies, Messages& messages);

}  // namespace ssmz::cli
