// SPDX-License-Identifier: Apache-2.0
// Cuts a run of bytes into the cheapest sequence of cased lexemes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/vocabulary/lexeme_trie.hpp"
#include "codec/vocabulary/table_image.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// Minimum-cost segmentation by dynamic programming in integers. A token costs -log2 of its lexeme's share of
/// the weights, plus a constant, plus a charge for its case. The letters from a word's beginning to its end
/// may instead be spelled one by one. Immutable; Scratch holds what a call needs.
class Segmenter {
 public:
  /// `vocabulary` must outlive this object.
  explicit Segmenter(const Vocabulary& vocabulary);
  /// As write() left it.
  Segmenter(const Vocabulary& vocabulary, TableImageReader& image) noexcept
      : vocabulary_(vocabulary), trie_(image) {
    image(costs_);
    image(least_cost_);
  }
  void write(TableImageWriter& image) const {
    trie_.write(image);
    image(costs_);
    image(least_cost_);
  }

  /// Runs longer than this must be cut by the caller (it bounds the memory of a call).
  static constexpr std::size_t max_run = 4096;
  /// Costs are in sixteenths of a bit. FORMAT: they decide which tokens a text gives.
  static constexpr std::uint32_t token_cost = 3 * 16;
  static constexpr std::uint32_t case_costs[3] = {0, 2 * 16, 3 * 16};
  /// To begin and to end a spelled word, and for each of its
  /// letters. 7 bits and 4, 9 and 3, 11 and 3: within 0.1 %.
  static constexpr std::uint32_t spelled_cost = 10 * 16;
  static constexpr std::uint32_t letter_cost = 50;
  static constexpr unsigned least_letters = 2;  ///< Of a spelled word.

  struct Scratch {
    struct Arrival {
      std::uint32_t cost;
      LexemeId lexeme;
      std::uint16_t length;
      CaseClass letter_case;
    };
    std::vector<Arrival> arrivals;  ///< [run + 1]: the cheapest way to reach each position.
    std::vector<Token> tokens;      ///< The result, in order, all with Separator::none.
  };

  /// Segments `run` (1..max_run bytes) into scratch.tokens; returns the cost. Of equal costs the one whose
  /// last token is longest wins. `excluded` is a lexeme not to use (LexemeTrie::none: use all).
  std::uint32_t segment(std::span<const std::uint8_t> run, Spelling spelling, Scratch& scratch,
                        LexemeId excluded = LexemeTrie::none) const;
  /// Cost of one token of `lexeme` in lower case.
  [[nodiscard]] std::uint32_t cost(LexemeId lexeme) const noexcept { return costs_[lexeme]; }
  /// What a token costs by the weights alone, in sixteenths of a bit; it may be of a spelled word.
  [[nodiscard]] std::uint32_t prior_cost(Token token) const noexcept {
    const bool spelled = token.lexeme == vocabulary_.spelled();
    if (token.separator == Separator::spelled) return spelled ? 0u : letter_cost;
    return spelled ? spelled_cost : costs_[token.lexeme] - token_cost;
  }

 private:
  void extend(std::span<const std::uint8_t> rest, Scratch::Arrival* arrivals, LexemeId excluded) const;
  void extend_upper(std::span<const std::uint8_t> rest, Scratch::Arrival* arrivals, LexemeId excluded) const;
  void extend_spelled(std::span<const std::uint8_t> run, std::size_t at, Scratch::Arrival* arrivals) const;
  void append_spelled(std::span<const std::uint8_t> letters, CaseClass letter_case,
                      std::vector<Token>& tokens) const;
  void arrive(Scratch::Arrival* arrivals, std::size_t length, LexemeId lexeme, CaseClass letter_case) const;

  const Vocabulary& vocabulary_;
  LexemeTrie trie_;
  Table<std::uint16_t> costs_;                                             // [lexeme], token_cost included
  std::uint32_t least_cost_ = spelled_cost + least_letters * letter_cost;  // of any token
};

}  // namespace ssmz::codec
