// SPDX-License-Identifier: Apache-2.0
// Option structs of callers that know an earlier or a later version of them.
#include <algorithm>
#include <cstring>

#include "codec/api/c_handles.hpp"
#include "codec/base/little_endian.hpp"

namespace ssmz::c_interface {

namespace {

/// Sizes that the struct has had, in rising order.
template <class Options>
constexpr std::size_t known_sizes[] = {sizeof(Options)};

template <class Options>
void init(Options* options, std::size_t size, Options defaults) {
  if (options == nullptr || size < sizeof(options->struct_size)) return;
  defaults.struct_size = size;
  std::memset(static_cast<void*>(options), 0, size);
  std::memcpy(static_cast<void*>(options), &defaults, std::min(size, sizeof(Options)));
}

/// The caller's struct over the defaults, as far as the caller's version of it goes. Errors: bad_argument.
template <class Options>
Result<Options> completed(const Options* given, void (*set_defaults)(Options*, std::size_t)) {
  Options options;
  set_defaults(&options, sizeof(options));
  if (given == nullptr) return options;
  const std::size_t size = given->struct_size;
  const auto& known = known_sizes<Options>;
  if (size < sizeof(Options) && std::find(std::begin(known), std::end(known), size) == std::end(known))
    return Status{Code::bad_argument, "the options' size is none that they have had"};
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  if (size > sizeof(Options) &&
      std::any_of(bytes + sizeof(Options), bytes + size, [](unsigned char byte) { return byte != 0; }))
    return Status{Code::bad_argument, "the options ask for something that this library does not know"};
  std::memcpy(static_cast<void*>(&options), given, std::min(size, sizeof(Options)));
  return options;
}

Progress progress_of(ssmz_progress progress, void* context) {
  if (progress == nullptr) return {};
  return [=](std::uint64_t done) { return progress(context, done) == 0; };
}

}  // namespace

Result<CompressOptions> options_of(const ssmz_compress_options* given) {
  const Result<ssmz_compress_options> whole = completed(given, ssmz_compress_options_init);
  if (!whole.ok()) return whole.status();
  const ssmz_compress_options& from = whole.value();
  CompressOptions options;
  options.level = from.level;
  options.threads = from.threads;
  options.memory_limit = from.memory_limit;
  options.frame_size = from.frame_size;
  options.checksum = from.checksum != 0;
  if (from.content_size != SSMZ_SIZE_UNKNOWN) options.content_size = from.content_size;
  if (from.vocabulary != nullptr) options.vocabulary = from.vocabulary->vocabulary;
  if (from.prime != nullptr) options.prime = from.prime->prime;
  if (from.ssm != nullptr) options.ssm = from.ssm;
  options.ssm_width = from.ssm_width;
  options.progress = progress_of(from.progress, from.progress_context);
  return options;
}

Result<DecompressOptions> options_of(const ssmz_decompress_options* given) {
  const Result<ssmz_decompress_options> whole = completed(given, ssmz_decompress_options_init);
  if (!whole.ok()) return whole.status();
  const ssmz_decompress_options& from = whole.value();
  DecompressOptions options;
  options.threads = from.threads;
  options.memory_limit = from.memory_limit;
  options.output_limit = from.output_limit;
  options.part_of_stream = from.part_of_stream != 0;
  options.ignore_checksum = from.ignore_checksum != 0;
  if ((from.vocabularies == nullptr && from.vocabulary_count != 0) ||
      (from.primes == nullptr && from.prime_count != 0))
    return Status{Code::bad_argument, "a list is missing"};
  for (const ssmz_vocabulary* entry : std::span(from.vocabularies, from.vocabulary_count)) {
    if (entry == nullptr) return Status{Code::bad_argument, "a vocabulary of the list is missing"};
    options.vocabularies.push_back(entry->vocabulary);
  }
  for (const ssmz_prime* entry : std::span(from.primes, from.prime_count)) {
    if (entry == nullptr) return Status{Code::bad_argument, "a prime of the list is missing"};
    options.primes.push_back(entry->prime);
  }
  options.progress = progress_of(from.progress, from.progress_context);
  return options;
}

}  // namespace ssmz::c_interface

extern "C" {

void ssmz_compress_options_init(ssmz_compress_options* options, size_t size) {
  ssmz_compress_options defaults{};
  defaults.level = SSMZ_LEVEL_DEFAULT;
  defaults.threads = 1;
  defaults.content_size = SSMZ_SIZE_UNKNOWN;
  defaults.checksum = 1;
  ssmz::c_interface::init(options, size, defaults);
}

void ssmz_decompress_options_init(ssmz_decompress_options* options, size_t size) {
  ssmz_decompress_options defaults{};
  defaults.threads = 1;
  defaults.output_limit = UINT64_MAX;
  ssmz::c_interface::init(options, size, defaults);
}

}  // extern "C"
