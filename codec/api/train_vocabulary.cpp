// SPDX-License-Identifier: Apache-2.0
// The public way to the vocabulary trainer.
#include "codec/api/errors_to_values.hpp"
#include "codec/training/vocabulary_trainer.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz {

Result<std::vector<std::uint8_t>> train_vocabulary(std::span<const TrainingText> texts, std::size_t size,
                                                   const TrainingProgress& progress) {
  return interface_detail::without_exceptions([&]() -> Result<std::vector<std::uint8_t>> {
    std::vector<codec::CorpusText> corpus;
    for (const TrainingText& text : texts) corpus.push_back({.bytes = text.bytes, .weight = text.weight});
    return codec::train_vocabulary({.size = size}, corpus, progress);
  });
}

}  // namespace ssmz
