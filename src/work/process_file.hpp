// SPDX-License-Identifier: Apache-2.0
// Compresses, decompresses or tests the files of a run.
#pragma once

#include <vector>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Does options.mode (compress, decompress or test) on all inputs. Tells what went wrong to `messages`.
void process_files(const Options& options, const std::vector<Vocabulary>& vocabularies,
                   const std::vector<Prime>& primes, Messages& messages);

}  // namespace ssmz::cli
