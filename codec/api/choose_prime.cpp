// SPDX-License-Identifier: Apache-2.0
// The public way to the trainer of primes.
#include "codec/api/errors_to_values.hpp"
#include "codec/training/prime_trainer.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz {

Result<std::vector<std::uint8_t>> train_prime(std::span<const std::span<const std::uint8_t>> samples,
                                              std::size_t size) {
  return interface_detail::without_exceptions([&] { return codec::train_prime(samples, size); });
}

}  // namespace ssmz
