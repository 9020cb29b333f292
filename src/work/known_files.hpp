// SPDX-License-Identifier: Apache-2.0
// What coder and decoder must know beforehand, from the files that options name.
#pragma once

#include <vector>

#include "src/messages/messages.hpp"
#include "src/options/options.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

/// Appends the vocabularies of --vocab; false, after a message, if one is missing or damaged.
[[nodiscard]] bool load_vocabularies(const Options& options, std::vector<Vocabulary>& vocabularies,
                                     Messages& messages);

/// The same with the primes of --prime and --patch-from; that of --patch-from may be of any size.
[[nodiscard]] bool load_primes(const Options& options, std::vector<Prime>& primes, Messages& messages);

}  // namespace ssmz::cli
