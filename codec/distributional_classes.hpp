// SPDX-License-Identifier: Apache-2.0
// Groups lexemes by the company they keep: a 12-bit code whose prefixes are coarser groups.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "codec/tokenizer.hpp"
#include "codec/vocabulary.hpp"

namespace ssmz::codec {

/// Collects neighbours of lexemes, then splits the lexemes into halves by their principal component, again
/// and again. Floating point: training is done once, and only its result, a file, must be the same
/// everywhere.
class DistributionalClasses {
 public:
  /// Neighbours are counted if they are among the `context_count` (at most 1024) heaviest lexemes.
  explicit DistributionalClasses(const Vocabulary& vocabulary, std::uint32_t context_count = 1000);

  /// Counts the neighbours in one text; separators and case are ignored. `weight` is 1..255.
  void add(std::span<const Token> tokens, std::uint32_t weight);

  /// Class of every lexeme. `progress` gets the share done (0..1); returning false stops (the result is then
  /// useless).
  std::vector<std::uint16_t> split(const std::function<bool(double)>& progress);

 private:
  struct Feature {
    std::uint32_t column;
    float value;
  };
  using Row = std::vector<Feature>;

  void compact();
  void build_rows();
  void add_relatives();
  void normalise(Row& row) const;
  void divide(std::vector<LexemeId>& members, unsigned depth);
  std::vector<float> principal_component(std::span<const LexemeId> members,
                                         const std::vector<float>& mean) const;
  std::vector<float> mean_of(std::span<const LexemeId> members) const;

  const Vocabulary& vocabulary_;
  std::uint32_t context_count_;
  std::vector<std::uint32_t> context_of_;  // [lexeme]: its column, or none
  std::vector<std::uint64_t> sightings_;   // lexeme, column, weight: packed, sorted from time to time
  struct Tally {
    std::uint64_t key;
    std::uint64_t count;
  };
  std::vector<Tally> tallies_;
  std::vector<Row> rows_;      // [lexeme], columns ascending
  std::vector<float> masses_;  // [lexeme]: how much it counts when a group is halved
  std::vector<std::uint16_t> classes_;
};

}  // namespace ssmz::codec
