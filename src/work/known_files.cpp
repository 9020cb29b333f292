// SPDX-License-Identifier: Apache-2.0
// Reads and checks vocabularies and primes.
#include "src/work/known_files.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "src/files/descriptor.hpp"
#include "src/options/size_text.hpp"

namespace ssmz::cli {

bool load_vocabularies(const Options& options, std::vector<Vocabulary>& vocabularies, Messages& messages) {
  for (const std::string& file : options.vocabularies) {
    const auto bytes = read_file(file);
    if (!bytes) {
      messages.error(file, system_text("cannot read"));
      return false;
    }
    Result<Vocabulary> vocabulary = Vocabulary::parse(*bytes);
    if (!vocabulary.ok()) {
      messages.error(file, status_text(vocabulary.status()));
      return false;
    }
    vocabularies.push_back(std::move(vocabulary).value());
  }
  return true;
}

bool load_primes(const Options& options, std::vector<Prime>& primes, Messages& messages) {
  std::vector<std::string> files = options.primes;
  if (!options.patch_from.empty()) files.push_back(options.patch_from);
  for (const std::string& file : files) {
    const bool patch = file == options.patch_from;
    const std::uint64_t limit = patch ? no_limit : options.prime_limit;
    const auto bytes = read_file(file);
    if (!bytes) {
      messages.error(file, system_text("cannot read"));
      return false;
    }
    if (bytes->size() > limit) {
      messages.error(file, "is larger than a prime may be (" + size_text(limit) +
                               "); use --prime-limit=" + std::to_string(bytes->size()));
      return false;
    }
    Result<Prime> prime = Prime::create(*bytes, file.substr(file.find_last_of('/') + 1), limit,
                                        patch ? PrimeUse::one_frame : PrimeUse::many_frames);
    if (!prime.ok()) {
      messages.error(file, "cannot be a prime: " + status_text(prime.status()));
      return false;
    }
    primes.push_back(std::move(prime).value());
  }
  return true;
}

}  // namespace ssmz::cli
