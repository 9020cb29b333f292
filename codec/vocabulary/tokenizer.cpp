// SPDX-License-Identifier: Apache-2.0
// Splits bytes into white-space and other runs, takes separators off and has each run segmented.
#include "codec/vocabulary/tokenizer.hpp"

#include <algorithm>

#include "codec/base/ascii.hpp"
#include "codec/vocabulary/derived_tables.hpp"

namespace ssmz::codec {
namespace {

constexpr bool is_space(std::uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

Separator separator_of(std::uint8_t byte) {
  if (byte == ' ') return Separator::space;
  return byte == '\n' ? Separator::newline : Separator::none;
}

// Appends the tokens of one run, cut to what the segmenter takes at a time; the first token gets `separator`.
void append_run(const Segmenter& segmenter, Spelling spelling, std::span<const std::uint8_t> run,
                Separator separator, Segmenter::Scratch& scratch, std::vector<Token>& tokens) {
  const std::size_t first = tokens.size();
  while (!run.empty()) {
    const std::size_t size = std::min(run.size(), Segmenter::max_run);
    segmenter.segment(run.first(size), spelling, scratch);
    tokens.insert(tokens.end(), scratch.tokens.begin(), scratch.tokens.end());
    run = run.subspan(size);
  }
  if (tokens.size() > first) tokens[first].separator = separator;
}

}  // namespace

void Tokenizer::tokenize(std::span<const std::uint8_t> bytes, std::vector<Token>& tokens) const {
  const Segmenter& segmenter = vocabulary_->tables().segmenter();
  Segmenter::Scratch scratch;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t spaces = at;
    while (at < bytes.size() && is_space(bytes[at])) ++at;
    const std::size_t word = at;
    while (at < bytes.size() && !is_space(bytes[at])) ++at;
    const bool separates = word > spaces && at > word;
    const Separator separator = separates ? separator_of(bytes[word - 1]) : Separator::none;
    const std::size_t taken = separator != Separator::none ? 1 : 0;
    append_run(segmenter, spelling_, bytes.subspan(spaces, word - spaces - taken), Separator::none, scratch,
               tokens);
    append_run(segmenter, spelling_, bytes.subspan(word, at - word), separator, scratch, tokens);
  }
}

std::size_t spell(const Vocabulary& vocabulary, Token token, std::uint8_t* out) noexcept {
  std::size_t length = 0;
  if (token.separator == Separator::space) out[length++] = ' ';
  if (token.separator == Separator::newline) out[length++] = '\n';
  const std::string_view spelling = vocabulary.spelling(token.lexeme);
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    auto byte = static_cast<std::uint8_t>(spelling[i]);
    const bool raise =
        token.letter_case == CaseClass::upper || (token.letter_case == CaseClass::capital && i == 0);
    if (raise && is_lower(byte)) byte = static_cast<std::uint8_t>(byte - 0x20);
    out[length++] = byte;
  }
  return length;
}

}  // namespace ssmz::codec
