// SPDX-License-Identifier: Apache-2.0
// Bytes to factored tokens and back, exactly.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// Cuts any byte string into tokens whose spellings concatenate to it. Thread-safe (const).
class Tokenizer {
 public:
  explicit Tokenizer(std::shared_ptr<const Vocabulary> vocabulary, Spelling spelling = Spelling::on) noexcept
      : vocabulary_(std::move(vocabulary)), spelling_(spelling) {}

  /// Appends the tokens of `bytes` to `tokens`. Linear time; any chunking rule is internal, so the same bytes
  /// always give the same tokens.
  void tokenize(std::span<const std::uint8_t> bytes, std::vector<Token>& tokens) const;

 private:
  std::shared_ptr<const Vocabulary> vocabulary_;
  Spelling spelling_;
};

/// Most bytes one token can spell: a separator and the longest lexeme.
inline constexpr std::size_t max_token_bytes = 1 + Vocabulary::max_spelling;

/// Writes the spelling of a token (separator, then cased lexeme) to `out` (room for max_token_bytes); returns
/// its length.
std::size_t spell(const Vocabulary& vocabulary, Token token, std::uint8_t* out) noexcept;

}  // namespace ssmz::codec
