// SPDX-License-Identifier: Apache-2.0
// The dynamic programme of the segmenter: forward over positions, one trie walk a position and case.
#include "codec/vocabulary/segmenter.hpp"

#include <algorithm>
#include <utility>

#include "codec/base/ascii.hpp"
#include "codec/base/log2.hpp"

namespace ssmz::codec {
namespace {

constexpr bool is_continuation(std::uint8_t byte) { return (byte & 0xc0u) == 0x80; }
bool three_bytes(std::span<const std::uint8_t> text) {
  return text[0] >= 0xe0 && text.size() >= 3 && is_continuation(text[1]) && is_continuation(text[2]);
}

}  // namespace

Segmenter::Segmenter(const Vocabulary& vocabulary) : vocabulary_(vocabulary), trie_(vocabulary) {
  std::uint64_t total = 0;
  for (LexemeId id = 0; id < vocabulary.size(); ++id) total += vocabulary.weight(id);
  const std::uint32_t log_total = log2_sixteenths(total);
  std::vector<std::uint16_t> costs(vocabulary.size());  // of at most 52 bits
  for (LexemeId id = 0; id < vocabulary.size(); ++id) {
    costs[id] = static_cast<std::uint16_t>(token_cost + log_total - log2_sixteenths(vocabulary.weight(id)));
  }
  for (const std::uint32_t cost : costs) least_cost_ = std::min(least_cost_, cost);
  costs_ = Table(std::move(costs));
}

std::uint32_t Segmenter::segment(std::span<const std::uint8_t> run, Spelling spelling, Scratch& scratch,
                                 LexemeId excluded) const {
  const std::size_t size = run.size();
  scratch.arrivals.resize(std::max(scratch.arrivals.size(), size + 1));
  Scratch::Arrival* arrivals = scratch.arrivals.data();
  for (std::size_t i = 1; i <= size; ++i) arrivals[i].cost = 0xffffffffu;
  arrivals[0].cost = 0;
  for (std::size_t i = 0; i < size; ++i) {
    // Nothing that goes on from here can still be the cheapest: most words are one lexeme, found by one walk.
    if (std::uint64_t{arrivals[i].cost} + least_cost_ >= arrivals[size].cost) continue;
    extend(run.subspan(i), arrivals + i, excluded);
    if (spelling == Spelling::on) extend_spelled(run, i, arrivals);
  }

  scratch.tokens.clear();
  for (std::size_t i = size; i > 0; i -= arrivals[i].length) {
    const Scratch::Arrival& last = arrivals[i];
    if (last.lexeme == vocabulary_.spelled()) {
      append_spelled(run.subspan(i - last.length, last.length), last.letter_case, scratch.tokens);
    } else {
      scratch.tokens.push_back({last.lexeme, Separator::none, last.letter_case});
    }
  }
  std::reverse(scratch.tokens.begin(), scratch.tokens.end());
  return arrivals[size].cost;
}

// A word begins where no letter or a letter of another kind stands before,
// and ends likewise. Characters of three bytes in UTF-8 are no letters: their
// scripts do not part words, and most punctuation beyond ASCII is among them.
void Segmenter::extend_spelled(std::span<const std::uint8_t> run, std::size_t at,
                               Scratch::Arrival* arrivals) const {
  const std::uint8_t first = run[at];
  if (!(is_upper(first) || is_letter(first)) || is_continuation(first) || three_bytes(run.subspan(at)))
    return;
  const std::uint8_t before = at > 0 ? run[at - 1] : std::uint8_t{0};
  if (is_upper(before) || (is_lower(first) && is_lower(before)) || (first >= 0x80 && before >= 0x80)) return;
  const bool upper = is_upper(first) && at + 1 < run.size() && is_upper(run[at + 1]);
  std::size_t end = at + 1;
  while (end < run.size() && (run[end] >= 0x80 || (upper ? is_upper(run[end]) : is_lower(run[end]))) &&
         !three_bytes(run.subspan(end)))
    ++end;
  const std::size_t length = end - at;
  if (length < least_letters) return;
  const CaseClass letter_case = upper             ? CaseClass::upper
                                : is_upper(first) ? CaseClass::capital
                                                  : CaseClass::lower;
  const auto cost = static_cast<std::uint32_t>(arrivals[at].cost + spelled_cost + letter_cost * length +
                                               case_costs[static_cast<unsigned>(letter_case)]);
  if (cost < arrivals[end].cost)
    arrivals[end] = {cost, vocabulary_.spelled(), static_cast<std::uint16_t>(length), letter_case};
}

// In reverse, as the caller turns all tokens round.
void Segmenter::append_spelled(std::span<const std::uint8_t> letters, CaseClass letter_case,
                               std::vector<Token>& tokens) const {
  tokens.push_back({vocabulary_.spelled(), Separator::spelled, CaseClass::lower});
  for (std::size_t i = letters.size(); i-- > 0;) {
    tokens.push_back({vocabulary_.single(to_lower(letters[i])), Separator::spelled,
                      spelled_letter_case(letter_case, i == 0)});
  }
  tokens.push_back({vocabulary_.spelled(), Separator::none, letter_case});
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
    arrivals[length] = {cost, lexeme, static_cast<std::uint16_t>(length), letter_case};
  }
}

}  // namespace ssmz::codec
