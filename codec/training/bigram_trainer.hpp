// SPDX-License-Identifier: Apache-2.0
// Counts which lexeme follows which and keeps, in a given number of bytes, what says most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/training/vocabulary_trainer.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// The bigram section of a vocabulary file (BigramPrior reads it), at most `size` bytes; empty if even
/// nothing does not fit. Repetition within 64 KiB of a text counts less and less. About 1 s a megabyte of
/// corpus and 25 bytes of memory for each of its tokens. `cancelled` if `progress` says so.
Result<std::vector<std::uint8_t>> train_bigrams(std::shared_ptr<const Vocabulary> vocabulary,
                                                std::size_t size, std::span<const CorpusText> corpus,
                                                const TrainingProgress& progress);

}  // namespace ssmz::codec
