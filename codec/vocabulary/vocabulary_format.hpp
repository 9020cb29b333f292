// SPDX-License-Identifier: Apache-2.0
// Constants of the vocabulary file (data/VOCABULARY.md) that reader and writer share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec::vocabulary_format {

inline constexpr std::array<std::uint8_t, 8> magic = {'s', 's', 'm', 'z', 'v', 'o', 'c', '3'};
inline constexpr std::size_t header_bytes = magic.size() + 4;  ///< Magic, then the number of lexemes.
inline constexpr std::size_t checksum_bytes = 8;
inline constexpr std::size_t bigram_size_bytes = 4;  ///< Before the bigram section.
inline constexpr std::size_t max_lexemes = std::size_t{1} << 20;
inline constexpr unsigned max_shared = 15;        ///< Longest shared prefix the four bits can say.
inline constexpr unsigned max_short_suffix = 15;  ///< Longer suffixes have their length in a byte of its own.

/// Shared length and suffix length, a byte of suffix, weight, class: of these at least so many whole bytes.
inline constexpr std::size_t least_lexeme_bytes = 4;

/// Weight of the stored exponent `q`: 2^(q/8), rounded by an integer table so that it is the same everywhere.
constexpr std::uint32_t weight_of(std::uint8_t q) {
  constexpr std::array<std::uint64_t, 8> eighths = {256, 279, 304, 332, 362, 395, 431, 470};
  return static_cast<std::uint32_t>((eighths[q & 7] << (q >> 3)) >> 8);
}

}  // namespace ssmz::codec::vocabulary_format
