// SPDX-License-Identifier: Apache-2.0
// Writes the vocabulary file of data/VOCABULARY.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ssmz::codec {

/// A lexeme on its way into a vocabulary file.
struct LexemeDraft {
  std::string spelling;                    ///< Lower case, 1..Vocabulary::max_spelling bytes.
  std::uint64_t weight = 1;                ///< Stored as a power of 2^(1/8), at least 1.
  std::uint16_t distributional_class = 0;  ///< 12 bits.
};

/// File bytes of the lexemes, in any order. Spellings must be distinct and hold every single byte but
/// 'A'..'Z' (Vocabulary::parse refuses the file otherwise).
/// `bigrams`: the bigram section (train_bigrams()), which must be of the same lexemes.
std::vector<std::uint8_t> write_vocabulary(std::span<const LexemeDraft> lexemes,
                                           std::span<const std::uint8_t> bigrams = {});

}  // namespace ssmz::codec
