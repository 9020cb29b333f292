// SPDX-License-Identifier: Apache-2.0
// ssmz train-vocab: trains a vocabulary.
#pragma once

#include "src/options/options.hpp"

namespace ssmz::cli {

/// Returns the exit status.
[[nodiscard]] int train_vocabulary_file(const TrainOptions& options);

}  // namespace ssmz::cli
