// SPDX-License-Identifier: Apache-2.0
// Bytes to factored tokens and back, exactly.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "codec/base/hash.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// The runs that a tokenizer cut last and their tokens: most words come again soon, and cutting one takes
/// much longer than finding it. Never changes a token. Up to 64 KiB. Not thread-safe.
class RecentRuns {
 public:
  static constexpr std::size_t most_bytes = 16, most_tokens = 4;

  /// A run of at most most_bytes bytes with its tokens, of which the first has no separator.
  struct alignas(64) Run {
    std::array<std::uint64_t, 2> bytes;  // zeros behind the end
    std::uint8_t size;                   // 0: none
    std::uint8_t token_count;
    std::array<Token, most_tokens> tokens;
  };
  /// The place of a run: it is there if size and bytes are its own.
  [[nodiscard]] Run& place_of(const std::array<std::uint64_t, 2>& bytes, std::size_t size) {
    return runs_[hash_mix(bytes[0], bytes[1] + size) >> (64 - log2_runs_)];
  }
  /// So much is about to be cut: a kilobyte has room enough in 4.
  void expect(std::size_t bytes) {
    const auto wanted = static_cast<unsigned>(std::bit_width(bytes / bytes_a_run));
    if (!runs_.empty() && wanted <= log2_runs_) return;
    log2_runs_ = std::clamp(wanted, log2_runs_, most_log2);
    if (runs_.size() != std::size_t{1} << log2_runs_) runs_.assign(std::size_t{1} << log2_runs_, Run{});
  }

 private:
  static constexpr unsigned most_log2 = 10;
  static constexpr std::size_t bytes_a_run = 16;
  unsigned log2_runs_ = 4;
  std::vector<Run> runs_;  // [hash of the run]
};

/// Cuts any byte string into tokens whose spellings concatenate to it. Thread-safe (const).
class Tokenizer {
 public:
  explicit Tokenizer(std::shared_ptr<const Vocabulary> vocabulary, Spelling spelling = Spelling::on) noexcept
      : vocabulary_(std::move(vocabulary)), spelling_(spelling) {}

  /// Appends the tokens of `bytes` to `tokens`. Linear time; any chunking rule is internal, so the same bytes
  /// always give the same tokens.
  void tokenize(std::span<const std::uint8_t> bytes, std::vector<Token>& tokens) const;
  /// The same tokens, sooner: `recent` goes with one tokenizer.
  void tokenize(std::span<const std::uint8_t> bytes, std::vector<Token>& tokens, RecentRuns& recent) const;

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
