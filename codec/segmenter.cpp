// SPDX-License-Identifier: Apache-2.0
// The dynamic programme of the segmenter: forward over positions, one trie walk a position and case.
#include "codec/segmenter.hpp"

#include <algorithm>

#include "codec/integer_log2.hpp"

namespace ssmz::codec {
namespace {

constexpr bool is_upper(std::uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }
constexpr bool is_lower(std::uint8_t byte) { return byte >= 'a' && byte <= 'z'; }
constexpr std::uint8_t to_lower(std::uint8_t byte) {
  return is_upper(byte) ? static_cast<std::uint8_t>(byte | 0x20) : byte;
}

}  // namespace

Segmenter::Segmenter(const Vocabulary& vocabulary) : trie_(vocabulary), costs_(vocabulary.size()) {
  std::uint64_t total = 0;
  for (LexemeId id = 0; id < vocabulary.size(); ++id) total += vocabulary.weight(id);
  const std::uint32_t log_total = log2_sixteenths(total);
  for (LexemeId id = 0; id < vocabulary.size(); ++id) {
    costs_[id] = token_cost + log_total - log2_sixteenths(vocabulary.weight(id));
  }
}

std::uint32_t Segmenter::segment(std::span<const std::uint8_t> run, Scratch& scratch,
                                 LexemeId excluded) const {
  const std::size_t size = run.size();
  scratch.arrivals.resize(std::max(scratch.arrivals.size(), size + 1));
  Scratch::Arrival* arrivals = scratch.arrivals.data();
  for (std::size_t i = 1; i <= size; ++i) arrivals[i].cost = 0xffffffffu;
  arrivals[0].cost = 0;
  for (std::size_t i = 0; i < size; ++i) extend(run.subspan(i), arrivals + i, excluded);

  scratch.tokens.clear();
  for (std::size_t i = size; i > 0; i -= arrivals[i].length) {
    scratch.tokens.push_back({arrivals[i].lexeme, Separator::none, arrivals[i].letter_case});
  }
  std::reverse(scratch.tokens.begin(), scratch.tokens.end());
  return arrivals[size].cost;
}

// Spellings are lower case, so a walk over the bytes as they are stops by itself at an upper case letter.
void Segmenter::extend(std::span<const std::uint8_t> rest, Scratch::Arrival* arrivals,
                       LexemeId excluded) const {
  const bool capital = is_upper(rest[0]);
  const CaseClass letter_case = capital ? CaseClass::capital : CaseClass::lower;
  std::uint32_t node = trie_.step(LexemeTrie::root, to_lower(rest[0]));
  for (std::size_t i = 1;; ++i) {
    const std::uint32_t lexeme = trie_.lexeme(node);
    if (lexeme != LexemeTrie::none && lexeme != excluded) arrive(arrivals, i, lexeme, letter_case);
    if (i == rest.size()) break;
    node = trie_.step(node, rest[i]);
    if (node == LexemeTrie::none) break;
  }
  if (capital) extend_upper(rest, arrivals, excluded);
}

void Segmenter::extend_upper(std::span<const std::uint8_t> rest, Scratch::Arrival* arrivals,
                             LexemeId excluded) const {
  std::uint32_t node = trie_.step(LexemeTrie::root, to_lower(rest[0]));
  unsigned letters = 1;
  for (std::size_t i = 1; i < rest.size() && !is_lower(rest[i]); ++i) {
    node = trie_.step(node, to_lower(rest[i]));
    if (node == LexemeTrie::none) return;
    letters += is_upper(rest[i]);
    const std::uint32_t lexeme = trie_.lexeme(node);
    if (letters >= 2 && lexeme != LexemeTrie::none && lexeme != excluded) {
      arrive(arrivals, i + 1, lexeme, CaseClass::upper);
    }
  }
}

void Segmenter::arrive(Scratch::Arrival* arrivals, std::size_t length, LexemeId lexeme,
                       CaseClass letter_case) const {
  const std::uint32_t cost =
      arrivals[0].cost + costs_[lexeme] + case_costs[static_cast<unsigned>(letter_case)];
  if (cost < arrivals[length].cost) {
    arrivals[length] = {cost, lexeme, static_cast<std::uint8_t>(length), letter_case};
  }
}

}  // namespace ssmz::codec
