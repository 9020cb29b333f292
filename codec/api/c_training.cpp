// SPDX-License-Identifier: Apache-2.0
// The C interface of training: primes and vocabularies from samples.
#include <algorithm>
#include <vector>

#include "codec/api/c_handles.hpp"

namespace {

using ssmz::Result;
using ssmz::Status;
using ssmz::c_interface::code_of;
using ssmz::c_interface::readable;
using ssmz::c_interface::sink_of;
using ssmz::c_interface::without_exceptions;

using Bytes = std::span<const std::uint8_t>;

/// Samples that stand one behind the other.
Result<std::vector<Bytes>> cut(const uint8_t* samples, const size_t* sizes, size_t count) {
  if (sizes == nullptr && count != 0) return Status{ssmz::Code::bad_argument, "sizes are missing"};
  std::vector<Bytes> cut;
  for (const size_t size : std::span(sizes, count)) {
    if (!readable(samples, size)) return Status{ssmz::Code::bad_argument, "samples are missing"};
    cut.emplace_back(samples, size);
    if (size != 0) samples += size;
  }
  return cut;
}

}  // namespace

extern "C" {

ssmz_code ssmz_train_prime(const uint8_t* samples, const size_t* sizes, size_t count, uint8_t* prime,
                           size_t* prime_size) {
  if (prime_size == nullptr) return SSMZ_BAD_ARGUMENT;
  const size_t room = *prime_size;
  *prime_size = 0;
  if (!readable(prime, room)) return SSMZ_BAD_ARGUMENT;
  return code_of(without_exceptions([&]() -> Status {
    const auto pieces = cut(samples, sizes, count);
    if (!pieces.ok()) return pieces.status();
    const auto made = ssmz::train_prime(pieces.value(), room);
    if (!made.ok()) return made.status();
    std::copy(made.value().begin(), made.value().end(), prime);
    *prime_size = made.value().size();
    return {};
  }));
}

ssmz_code ssmz_train_vocabulary(const uint8_t* texts, const size_t* sizes, const unsigned* weights,
                                size_t count, size_t lexemes, ssmz_sink sink, void* context) {
  if (sink == nullptr) return SSMZ_BAD_ARGUMENT;
  return code_of(without_exceptions([&]() -> Status {
    const auto pieces = cut(texts, sizes, count);
    if (!pieces.ok()) return pieces.status();
    std::vector<ssmz::TrainingText> training;
    for (const Bytes piece : pieces.value())
      training.push_back({piece, weights != nullptr ? weights[training.size()] : 1});
    const auto made = ssmz::train_vocabulary(training, lexemes, [](const char*, double) { return true; });
    return made.ok() ? sink_of(sink, context)(made.value()) : made.status();
  }));
}

}  // extern "C"
