// SPDX-License-Identifier: Apache-2.0
// What the text model knows of the text so far: last lexemes
// and words, line, markup, in small cheap summaries.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "codec/text/markup_state.hpp"
#include "codec/text/row_state.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Updated once a token. All hashes are already mixed.
class TextState {
 public:
  static constexpr unsigned depth = 8;  ///< Tokens and words remembered by position.

  /// `rows`: whether rows() follow the text; without, they are never active and cost nothing.
  explicit TextState(std::shared_ptr<const Vocabulary> vocabulary, bool rows = true);

  /// Bytes that a state takes beside itself.
  [[nodiscard]] static std::uint64_t memory() noexcept;

  /// Takes the token that was just coded. `transparent`: white space that has no place among lexeme()s,
  /// full()s and classes.
  void push(Token token, bool transparent = false);

  /// k-th last token (0: newest): lexeme id + 1, 0 before the beginning.
  [[nodiscard]] std::uint64_t lexeme(unsigned k) const noexcept { return lexemes_[(head_ - k) % depth]; }
  /// The same with separator and case.
  [[nodiscard]] std::uint64_t full(unsigned k) const noexcept { return fulls_[(head_ - k) % depth]; }
  /// First `bits` of the class of the k-th last lexeme.
  [[nodiscard]] std::uint64_t lexeme_class(unsigned k, unsigned bits) const noexcept {
    return classes_[(head_ - k) % depth] >> (class_bits - bits);
  }
  /// Hash of the k-th last word (0: the newest, which may still go on), letters only, any case.
  [[nodiscard]] std::uint64_t word(unsigned k) const noexcept { return words_[(word_head_ - k) % depth]; }
  /// k-th last word that is no function word (0: the newest, which may still go on).
  [[nodiscard]] std::uint64_t content(unsigned k) const noexcept {
    return contents_[(content_head_ - k) % depth];
  }
  [[nodiscard]] const MarkupState& markup() const noexcept { return markup_; }
  [[nodiscard]] const RowState& rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t last_bytes(unsigned n) const noexcept {
    return n >= 8 ? bytes_ : bytes_ & ((std::uint64_t{1} << (8 * n)) - 1);
  }
  [[nodiscard]] bool in_word() const noexcept { return in_word_; }
  /// Tokens in the newest word, or letters if spelled.
  [[nodiscard]] unsigned pieces() const noexcept { return pieces_; }

  /// A spelled word has begun and not ended: lexeme(0) and word(0) stand for the letters so far.
  [[nodiscard]] bool spelling() const noexcept { return spelling_; }
  /// The last eight of them, newest in the low byte.
  [[nodiscard]] std::uint64_t letters() const noexcept { return letters_; }
  /// What began the newest spelled word.
  [[nodiscard]] Token spelled_token() const noexcept { return spelled_; }

  /// The last word that was spelled to its end.
  [[nodiscard]] std::uint64_t last_spelled() const noexcept { return last_spelled_; }

  [[nodiscard]] unsigned column() const noexcept { return column_; }
  /// First two lexemes of this line.
  [[nodiscard]] std::uint64_t line_start() const noexcept { return line_start_; }
  [[nodiscard]] std::uint64_t last_line_start() const noexcept { return last_line_start_; }
  [[nodiscard]] unsigned tokens_in_line() const noexcept { return tokens_in_line_; }
  /// Up to three bytes of the line above around this column.
  [[nodiscard]] std::uint64_t above() const noexcept;
  [[nodiscard]] unsigned above_byte() const noexcept;
  /// Innermost open bracket or quote.
  [[nodiscard]] std::uint64_t bracket() const noexcept {
    return brackets_[bracket_depth_ % brackets_.size()];
  }
  /// Tokens since it opened.
  [[nodiscard]] unsigned bracket_distance() const noexcept { return bracket_distance_; }
  /// Last markup name: after '<', "{{", "[[", '&'.
  [[nodiscard]] std::uint64_t tag() const noexcept { return tag_; }
  /// Last token that is no word.
  [[nodiscard]] std::uint64_t last_other() const noexcept { return last_other_; }
  /// First word of the sentence.
  [[nodiscard]] std::uint64_t sentence() const noexcept { return sentence_; }
  [[nodiscard]] unsigned words_in_sentence() const noexcept { return words_in_sentence_; }
  /// Last capitalised word.
  [[nodiscard]] std::uint64_t capitalised() const noexcept { return capitalised_; }
  /// Digits of the number going on, or 0.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::uint64_t last_number() const noexcept { return last_number_; }
  /// Hash of the words of the nearest line above that is
  /// indented less than this one (a heading, a field's name).
  [[nodiscard]] std::uint64_t parent() const noexcept { return parents_[parent_depth_].words; }
  /// Commas and semicolons.
  [[nodiscard]] unsigned items_since_parent() const noexcept { return items_since_parent_; }
  [[nodiscard]] unsigned indent() const noexcept { return indent_; }
  /// First word after the last comma or semicolon.
  [[nodiscard]] std::uint64_t item_start() const noexcept { return item_start_; }
  [[nodiscard]] std::uint64_t topic() const noexcept { return topic_; }
  /// Tokens so far; a spelled word is one.
  [[nodiscard]] std::uint64_t tokens() const noexcept { return tokens_; }
  /// Tokens so far that begin with a line end: empty lines, and line ends that no token comes after in a
  /// block.
  [[nodiscard]] std::uint64_t paragraphs() const noexcept { return paragraphs_; }
  /// Kinds of the last k tokens (4 bits each).
  [[nodiscard]] std::uint64_t shape(unsigned k) const noexcept;

 private:
  void begin_spelling(Token token);
  void push_letter(Token token);
  void end_spelling();
  void push_whole(std::uint64_t identity, Token token, std::string_view spelling);
  void push_bytes(const std::uint8_t* bytes, std::size_t count);
  void push_word(std::uint64_t identity, Token token, bool joined);
  void push_markup(std::uint64_t identity, bool word, std::string_view spelling);
  void push_line(std::uint64_t identity, Token token, std::string_view spelling);

  std::shared_ptr<const Vocabulary> vocabulary_;
  std::array<std::uint64_t, depth> lexemes_{};
  std::array<std::uint64_t, depth> fulls_{};
  std::array<std::uint64_t, depth> classes_{};
  std::array<std::uint64_t, depth> words_{};
  std::array<std::uint64_t, depth> contents_{};
  unsigned content_head_ = 1u << 30;
  bool content_ = false;  // the newest word is one of them
  std::uint32_t function_weight_ = 0;
  MarkupState markup_;
  RowState rows_;
  unsigned head_ = 1u << 30;
  unsigned word_head_ = 1u << 30;
  std::uint64_t tokens_ = 0;
  std::uint64_t paragraphs_ = 0;
  std::uint64_t bytes_ = 0;
  model::Zeroed<std::uint8_t> ring_;
  std::uint64_t position_ = 0;
  std::uint64_t line_at_ = 0;
  std::uint64_t last_line_at_ = 0;
  bool in_word_ = false;
  unsigned pieces_ = 0;
  bool spelling_ = false;
  std::uint64_t letters_ = 0;
  std::uint64_t last_spelled_ = 0;
  Token spelled_;
  unsigned column_ = 0;
  std::uint64_t line_start_ = 0;
  std::uint64_t last_line_start_ = 0;
  unsigned tokens_in_line_ = 0;
  std::array<std::uint64_t, 16> brackets_{};
  std::array<unsigned, 16> bracket_at_{};
  unsigned bracket_depth_ = 0;
  unsigned bracket_distance_ = 0;
  std::uint64_t tag_ = 0;
  unsigned expect_tag_ = 0;
  std::uint64_t last_other_ = 0;
  std::uint64_t sentence_ = 0;
  unsigned words_in_sentence_ = 0;
  std::uint64_t capitalised_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t last_number_ = 0;
  struct Line {
    unsigned indent = 0;
    std::uint64_t words = 0;
  };
  void start_line();
  std::array<Line, 8> parents_{};
  unsigned parent_depth_ = 0;
  Line line_;
  unsigned indent_ = 0;
  bool indenting_ = true;
  unsigned items_since_parent_ = 0;
  std::uint64_t item_start_ = 0;
  bool item_begins_ = true;
  std::uint64_t topic_ = 0;
  std::uint64_t shapes_ = 0;
};

}  // namespace ssmz::codec
