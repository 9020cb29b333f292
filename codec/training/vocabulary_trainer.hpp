// SPDX-License-Identifier: Apache-2.0
// Trains a vocabulary file from texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ssmz/status.hpp"

namespace ssmz::codec {

/// One text of the corpus and how much its bytes count against those of the others (1..255).
struct CorpusText {
  std::span<const std::uint8_t> bytes;
  std::uint32_t weight = 1;
};

struct TrainingOptions {
  std::size_t size =
      65536;  ///< Lexemes, 512..2^20. The result has fewer if the corpus does not give as many.
  /// Bytes that bigrams may take for each lexeme of `size`.
  double bigram_bytes = 2.9;
};

/// Gets the name of the stage and the share of it done (0..1); returns false to cancel.
using TrainingProgress = std::function<bool(const char* stage, double share)>;

/// Returns the bytes of a vocabulary file (Vocabulary::parse reads it). The same texts, weights and options
/// give the same lexemes and weights. About 0.6 s a megabyte; under 1 GB for 60 MB (estimated). Errors:
/// bad_argument, cancelled.
Result<std::vector<std::uint8_t>> train_vocabulary(const TrainingOptions& options,
                                                   std::span<const CorpusText> corpus,
                                                   const TrainingProgress& progress);

}  // namespace ssmz::codec
