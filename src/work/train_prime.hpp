// SPDX-License-Identifier: Apache-2.0
// ssmz train-prime: makes a prime of samples.
#pragma once

#include "src/options/options.hpp"

namespace ssmz::cli {

/// Returns the exit status.
[[nodiscard]] int train_prime_file(const TrainPrimeOptions& options);

}  // namespace ssmz::cli
