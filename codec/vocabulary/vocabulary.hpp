// SPDX-License-Identifier: Apache-2.0
// The vocabulary: lexemes with their spelling, unigram prior and distributional class.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "codec/vocabulary/table_image.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

using LexemeId = std::uint32_t;

/// What stands directly before a lexeme and belongs to its token. `spelled` marks
/// the tokens within a spelled word: one for each of its letters (a single-byte
/// lexeme), then one of the lexeme Vocabulary::spelled(), which ends it.
enum class Separator : std::uint8_t { none = 0, space = 1, newline = 2, spelled = 3 };

/// How the ASCII letters of a lexeme (spelled in lower case) are cased. `capital`: the first letter only;
/// `upper`: all of at least two letters. Lexemes without ASCII letters at their start are always `lower`.
enum class CaseClass : std::uint8_t { lower = 0, capital = 1, upper = 2 };

struct Token {
  LexemeId lexeme = 0;
  Separator separator = Separator::none;
  CaseClass letter_case = CaseClass::lower;
  friend bool operator==(const Token&, const Token&) = default;
};

/// Whether words may be spelled letter by letter: coders always do, the vocabulary's trainer never does.
enum class Spelling : std::uint8_t { off, on };

/// Case of a letter of a spelled word whose first token has `word_case`.
[[nodiscard]] constexpr CaseClass spelled_letter_case(CaseClass word_case, bool first) noexcept {
  return word_case == CaseClass::upper || (word_case == CaseClass::capital && first) ? CaseClass::capital
                                                                                     : CaseClass::lower;
}

/// Bits of a lexeme's distributional class. FORMAT (data/VOCABULARY.md).
inline constexpr unsigned class_bits = 12;

class VocabularyTables;

/// Immutable after construction; share it between threads freely.
class Vocabulary {
 public:
  Vocabulary();
  ~Vocabulary();
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  /// The vocabulary embedded in the library, made on first use, then shared: where the build could work its
  /// tables out beforehand they are used in place, which takes no time; else the file is parsed.
  static std::shared_ptr<const Vocabulary> builtin();
  /// Its hash(), without making it; where the build could not make its tables some 0.1 ms once.
  [[nodiscard]] static std::uint64_t builtin_hash() noexcept;
  /// Parses the format of data/VOCABULARY.md. Checks everything; never reads outside `bytes`.
  static Result<std::shared_ptr<const Vocabulary>> parse(std::span<const std::uint8_t> bytes);

  /// Number of lexemes of the file; ids are 0..size()-1. Every single byte except 'A'..'Z' is a lexeme (upper
  /// case letters are the lower-case letter with CaseClass::capital).
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size() - 1; }
  /// A word that no lexemes spell well: the letters follow one by one. Its id is size(), its spelling is
  /// empty, it is a word, and it weighs as one word in 32.
  [[nodiscard]] LexemeId spelled() const noexcept { return static_cast<LexemeId>(size()); }
  /// Spelling in lower case, 1..max_spelling bytes. This and the following take ids 0..size().
  [[nodiscard]] std::string_view spelling(LexemeId id) const noexcept {
    return {pool_.data() + entries_[id].offset, entries_[id].length};
  }
  /// True if the first byte is an ASCII letter or >= 0x80 (words); false for digits, punctuation, white
  /// space, control.
  [[nodiscard]] bool is_word(LexemeId id) const noexcept { return entries_[id].is_word; }
  /// Unigram weight, proportional to the count in the training corpus, at least 1.
  [[nodiscard]] std::uint32_t weight(LexemeId id) const noexcept { return entries_[id].weight; }
  /// Sum of the weights of all words but spelled().
  [[nodiscard]] std::uint64_t words_weight() const noexcept { return words_weight_; }
  /// Distributional class, class_bits wide; a prefix of k bits is a coarser class.
  [[nodiscard]] std::uint16_t distributional_class(LexemeId id) const noexcept { return entries_[id].cls; }
  /// The lexeme that is just this byte, which must not be one of 'A'..'Z'.
  [[nodiscard]] LexemeId single(std::uint8_t byte) const noexcept { return singles_[byte]; }
  /// The file's bigram section (BigramPrior reads it), perhaps empty.
  [[nodiscard]] std::span<const std::uint8_t> bigrams() const noexcept {
    return {bigrams_.data(), bigrams_.size()};
  }
  /// XXH3-64 of the file the vocabulary was parsed from.
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  /// What coders look up, built once for all of them; lives as long as the vocabulary.
  [[nodiscard]] const VocabularyTables& tables() const noexcept { return *tables_; }

  static constexpr std::size_t max_spelling = 32;

  /// The image of the vocabulary in `file` with all its tables(), for the build. Throws std::bad_alloc.
  static Result<std::vector<std::uint8_t>> image_of(std::span<const std::uint8_t> file);
  /// From image_of(`file`) of the same build, which is trusted; both must outlive the result. Null where the
  /// image is cut off.
  static std::shared_ptr<const Vocabulary> from_image(std::span<const std::uint8_t> image,
                                                      std::span<const std::uint8_t> file);

  /// Bytes that a vocabulary of so many lexemes takes with all its tables(): 106 a lexeme in the built-in
  /// one.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t lexemes) noexcept {
    return std::uint64_t{lexemes} * 128;
  }

 private:
  friend class VocabularyBuilder;
  // Leaves out what only a hostile file can have wrong: whether the bigrams fit the code tree.
  static Result<std::shared_ptr<const Vocabulary>> parse_trusted(std::span<const std::uint8_t> bytes);
  struct Entry {
    std::uint32_t offset;
    std::uint32_t weight;
    std::uint16_t cls;
    std::uint8_t length;
    bool is_word;
  };
  template <class Words, class Image>
  static void each_table(Words& words, Image& image) {
    image(words.hash_);  // first: builtin_hash() reads it alone
    image(words.entries_);
    image(words.pool_);
    image(words.singles_);
    image(words.words_weight_);
  }
  Table<Entry> entries_;  // one more than the file's: spelled()
  Table<char> pool_;
  Table<std::uint8_t> bigrams_;
  std::array<LexemeId, 256> singles_{};
  std::uint64_t hash_ = 0;
  std::uint64_t words_weight_ = 0;
  std::unique_ptr<const VocabularyTables> tables_;
};

}  // namespace ssmz::codec
