// SPDX-License-Identifier: Apache-2.0
// Describes lexemes by the company they keep: which lexemes stand before and after them, as sparse rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// One column of a row that is not zero.
struct Feature {
  std::uint32_t column;
  float value;
};
using FeatureRow = std::vector<Feature>;

/// Columns come in two sides: neighbours before the lexeme, then neighbours after it.
inline constexpr unsigned column_bits = 11;
inline constexpr std::uint32_t column_count = 1u << column_bits;
constexpr unsigned side_of(std::uint32_t column) { return column >> (column_bits - 1); }

/// Counts neighbours in tokenized texts. Floating point: training is done once, and only its result, a file,
/// must be the same everywhere.
class NeighbourFeatures {
 public:
  /// Neighbours are counted if they are among the 1000 heaviest lexemes.
  explicit NeighbourFeatures(const Vocabulary& vocabulary);

  /// Counts the neighbours in one text; separators and case are ignored. `weight` is 1..255.
  void add(std::span<const Token> tokens, std::uint32_t weight);

  /// [lexeme], columns ascending: square roots of the shares of each neighbour on its side (so each side of a
  /// row is a unit vector: the Hellinger embedding). Rare lexemes lean on lexemes spelled alike. Uses up the
  /// counts.
  std::vector<FeatureRow> take_rows();

 private:
  struct Tally {
    std::uint64_t key;  // Lexeme and column.
    std::uint64_t count;
  };

  void compact();
  void add_relatives(std::vector<FeatureRow>& rows) const;

  const Vocabulary& vocabulary_;
  std::vector<std::uint32_t> context_of_;  // [lexeme]: its column, or none
  std::vector<std::uint64_t>
      sightings_;               // Lexeme, column, weight: packed; moved to tallies_ from time to time.
  std::vector<Tally> tallies_;  // In order of key.
};

}  // namespace ssmz::codec
