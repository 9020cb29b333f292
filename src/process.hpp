// SPDX-License-Identifier: Apache-2.0
// Compresses, decompresses or tests one file.
#pragma once

#include <string>
#include <vector>

#include "src/messages.hpp"
#include "src/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Does options.mode (compress, decompress or test) on `file` ("-": standard input). Tells what went wrong to
/// `messages`.
void process_file(const std::string& file, const Options& options,
                  const std::vector<Vocabulary>& vocabularies, Messages& messages);

}  // namespace ssmz::cli
