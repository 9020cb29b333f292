// SPDX-License-Identifier: Apache-2.0
// Splits bytes into white-space and other runs, takes separators off and has each run segmented.
#include "codec/vocabulary/tokenizer.hpp"

#include <algorithm>
#include <cstring>

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

// Appends the tokens of runs.
class RunCutter {
 public:
  RunCutter(const Segmenter& segmenter, Spelling spelling, std::vector<Token>& tokens, RecentRuns& recent)
      : segmenter_(segmenter), spelling_(spelling), tokens_(tokens), recent_(recent) {}

  // The first token gets `separator`.
  void append(std::span<const std::uint8_t> run, Separator separator) {
    if (run.empty()) return;
    const std::size_t first = tokens_.size();
    run.size() <= RecentRuns::most_bytes ? append_short(run) : append_long(run);
    tokens_[first].separator = separator;
  }

 private:
  void append_short(std::span<const std::uint8_t> run) {
    std::array<std::uint64_t, 2> bytes{};
    std::memcpy(bytes.data(), run.data(), run.size());
    RecentRuns::Run& place = recent_.place_of(bytes, run.size());
    if (place.size == run.size() && place.bytes == bytes) {
      tokens_.insert(tokens_.end(), place.tokens.begin(), place.tokens.begin() + place.token_count);
      return;
    }
    append_long(run);
    const std::vector<Token>& cut = scratch_.tokens;
    if (cut.size() > RecentRuns::most_tokens) return;
    place.bytes = bytes;
    place.size = static_cast<std::uint8_t>(run.size());
    place.token_count = static_cast<std::uint8_t>(cut.size());
    std::copy(cut.begin(), cut.end(), place.tokens.begin());
  }

  // Cut to what the segmenter takes at a time.
  void append_long(std::span<const std::uint8_t> run) {
    while (!run.empty()) {
      const std::size_t size = std::min(run.size(), Segmenter::max_run);
      segmenter_.segment(run.first(size), spelling_, scratch_);
      tokens_.insert(tokens_.end(), scratch_.tokens.begin(), scratch_.tokens.end());
      run = run.subspan(size);
    }
  }

  const Segmenter& segmenter_;
  Spelling spelling_;
  Segmenter::Scratch scratch_;
  std::vector<Token>& tokens_;
  RecentRuns& recent_;
};

}  // namespace

void Tokenizer::tokenize(std::span<const std::uint8_t> bytes, std::vector<Token>& tokens) const {
  RecentRuns recent;
  tokenize(bytes, tokens, recent);
}

void Tokenizer::tokenize(std::span<const std::uint8_t> bytes, std::vector<Token>& tokens,
                         RecentRuns& recent) const {
  recent.expect(bytes.size());
  RunCutter cutter(vocabulary_->tables().segmenter(), spelling_, tokens, recent);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t spaces = at;
    while (at < bytes.size() && is_space(bytes[at])) ++at;
    const std::size_t word = at;
    while (at < bytes.size() && !is_space(bytes[at])) ++at;
    const bool separates = word > spaces && at > word;
    const Separator separator = separates ? separator_of(bytes[word - 1]) : Separator::none;
    const std::size_t taken = separator != Separator::none ? 1 : 0;
    cutter.append(bytes.subspan(spaces, word - spaces - taken), Separator::none);
    cutter.append(bytes.subspan(word, at - word), separator);
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
