// SPDX-License-Identifier: Apache-2.0
// Keeping the summaries of the text so far.
#include "codec/text/text_state.hpp"

#include <algorithm>

#include "codec/base/ascii.hpp"
#include "codec/base/hash.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

constexpr std::size_t ring_size = 1u << 16;

// A word that makes up more than one in so many words says little of what the text is about.
constexpr unsigned function_words = 1000;

bool is_open(char c) { return c == '(' || c == '[' || c == '{' || c == '<'; }
char closing_of(char c) { return c == '(' ? ')' : static_cast<char>(c + 2); }

unsigned shape_of(Token token, std::string_view spelling, bool word) {
  const char c = spelling[0];
  unsigned kind;
  if (word) {
    kind = static_cast<unsigned>(token.letter_case);
  } else if (is_digit(static_cast<std::uint8_t>(c))) {
    kind = 3;
  } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
    kind = 4;
  } else if (c == '.' || c == '!' || c == '?') {
    kind = 5;
  } else if (c == ',' || c == ';' || c == ':') {
    kind = 6;
  } else {
    kind = 7;
  }
  return kind * 2 + (token.separator != Separator::none);
}

}  // namespace

TextState::TextState(std::shared_ptr<const Vocabulary> vocabulary, bool rows)
    : vocabulary_(std::move(vocabulary)), rows_(rows), ring_(ring_size) {
  function_weight_ = static_cast<std::uint32_t>(vocabulary_->words_weight() / function_words);
}

void TextState::push_bytes(const std::uint8_t* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    bytes_ = bytes_ << 8 | bytes[i];
    markup_.push(bytes[i]);
    if (rows_.follows()) rows_.push(bytes[i]);
    ring_[position_ % ring_size] = bytes[i];
    ++position_;
    if (bytes[i] == '\n') {
      last_line_at_ = line_at_;
      line_at_ = position_;
      column_ = 0;
      tokens_in_line_ = 0;
      last_line_start_ = line_start_;
      line_start_ = 0;
      start_line();
    } else {
      ++column_;
      if (indenting_ && bytes[i] != ' ' && bytes[i] != '\t') {
        indenting_ = false;
        indent_ = column_ - 1;
        while (parent_depth_ > 0 && parents_[parent_depth_].indent >= indent_) --parent_depth_;
      }
    }
  }
}

// The line that ends becomes the parent of deeper lines; an empty line changes nothing.
void TextState::start_line() {
  if (!indenting_ && line_.words) {
    line_.indent = indent_;
    while (parent_depth_ > 0 && parents_[parent_depth_].indent >= indent_) --parent_depth_;
    if (parent_depth_ + 1 < parents_.size()) ++parent_depth_;
    parents_[parent_depth_] = line_;
    items_since_parent_ = 0;
  }
  line_ = Line{};
  indenting_ = true;
}

unsigned TextState::above_byte() const noexcept {
  const std::uint64_t at = last_line_at_ + column_;
  return line_at_ > 0 && at < line_at_ && position_ - at < ring_size ? ring_[at % ring_size] : 0u;
}

std::uint64_t TextState::above() const noexcept {
  const std::uint64_t at = last_line_at_ + column_;
  if (line_at_ == 0 || at + 1 >= line_at_ || position_ - at >= ring_size) return 0;
  return ring_[at % ring_size] | ring_[(at + 1) % ring_size] << 8 |
         (column_ ? ring_[(at - 1) % ring_size] : 0) << 16;
}

std::uint64_t TextState::shape(unsigned k) const noexcept {
  return shapes_ & ((std::uint64_t{1} << (4 * k)) - 1);
}

void TextState::push_word(std::uint64_t identity, Token token, bool joined) {
  if (joined) {
    words_[word_head_ % depth] = hash_mix(words_[word_head_ % depth], identity);
    ++pieces_;
  } else {
    ++word_head_;
    words_[word_head_ % depth] = hash_mix(identity, 77);
    pieces_ = 1;
    ++words_in_sentence_;
  }
  const bool function = !joined && token.lexeme != vocabulary_->spelled() &&
                        vocabulary_->weight(token.lexeme) > function_weight_;
  if (joined && content_) {
    contents_[content_head_ % depth] = words_[word_head_ % depth];
  } else if (!function) {
    contents_[++content_head_ % depth] = words_[word_head_ % depth];
  }
  content_ = !function;
  if (words_in_sentence_ == 1) sentence_ = words_[word_head_ % depth];
  if (token.letter_case != CaseClass::lower) capitalised_ = words_[word_head_ % depth];
}

void TextState::push_markup(std::uint64_t identity, bool word, std::string_view spelling) {
  if (expect_tag_ && word) tag_ = hash_mix(identity, expect_tag_);
  expect_tag_ = 0;
  ++bracket_distance_;
  if (word) return;
  for (const char c : spelling) {
    if (is_open(c)) {
      bracket_depth_ = std::min(bracket_depth_ + 1, 15u);
      brackets_[bracket_depth_] = static_cast<std::uint8_t>(c);
      bracket_at_[bracket_depth_] = bracket_distance_;
      bracket_distance_ = 0;
      expect_tag_ = static_cast<std::uint8_t>(c);
    } else if (bracket_depth_ > 0 && c == closing_of(static_cast<char>(brackets_[bracket_depth_]))) {
      bracket_distance_ += bracket_at_[bracket_depth_];
      --bracket_depth_;
      tag_ = hash_mix(tag_, 3);
    } else if (c == '/' && expect_tag_) {
      expect_tag_ = 200;
    } else if (c == '&') {
      expect_tag_ = 201;
    }
  }
}

void TextState::push_line(std::uint64_t identity, Token token, std::string_view spelling) {
  const char c = spelling[0];
  const bool word = vocabulary_->is_word(token.lexeme);
  if (spelling.find('\n') != std::string_view::npos)
    bracket_depth_ = 0;  // an empty line ends what was left open
  ++tokens_;
  if (c == '\n') ++paragraphs_;
  ++tokens_in_line_;
  if (tokens_in_line_ <= 2 && c != '\n') line_start_ = hash_mix(line_start_, identity);
  if (word) {
    line_.words = hash_mix(line_.words, identity);
    if (item_begins_) item_start_ = identity;
    item_begins_ = false;
  }
  if (c == ',' || c == ';') {
    ++items_since_parent_;
    item_begins_ = true;
  }
  if (is_digit(static_cast<std::uint8_t>(c))) {
    number_ = token.separator == Separator::none ? hash_mix(number_, static_cast<std::uint8_t>(c))
                                                 : hash_mix(1, static_cast<std::uint8_t>(c));
  } else if (number_) {
    last_number_ = number_;
    number_ = 0;
  }
  if (c == '.' || c == '!' || c == '?' || c == '\n') words_in_sentence_ = 0, sentence_ = 0;
}

// While a word is spelled the newest lexeme and word are hashes of the letters so far.
void TextState::begin_spelling(Token token) {
  spelling_ = true;
  spelled_ = token;
  letters_ = 0;
  pieces_ = 0;
  ++head_;
  ++word_head_;
  lexemes_[head_ % depth] = words_[word_head_ % depth] = token.lexeme + 1;
  fulls_[head_ % depth] = classes_[head_ % depth] = 0;
}

void TextState::push_letter(Token token) {
  const auto letter = static_cast<std::uint8_t>(vocabulary_->spelling(token.lexeme)[0]);
  letters_ = letters_ << 8 | letter;
  ++pieces_;
  std::uint64_t& prefix = lexemes_[head_ % depth];
  prefix = words_[word_head_ % depth] = hash_mix(prefix, letter);
}

// What was spelled becomes a whole token of its own identity.
void TextState::end_spelling() {
  const std::uint64_t identity = lexemes_[head_ % depth];
  const unsigned letters = pieces_;
  last_spelled_ = identity;
  spelling_ = false;
  --head_;
  --word_head_;
  push_whole(identity, spelled_, "a");
  if (letters >= 6) topic_ = identity;
  in_word_ = false;  // the segmenter spells to the end of a word
}

void TextState::push_whole(std::uint64_t identity, Token token, std::string_view spelling) {
  const bool word = vocabulary_->is_word(token.lexeme);
  ++head_;
  lexemes_[head_ % depth] = identity;
  fulls_[head_ % depth] =
      identity * 16 + static_cast<unsigned>(token.separator) * 4 + static_cast<unsigned>(token.letter_case);
  classes_[head_ % depth] = vocabulary_->distributional_class(token.lexeme);
  if (word) {
    push_word(identity, token, in_word_ && token.separator == Separator::none);
  } else {
    last_other_ = fulls_[head_ % depth];
  }
  in_word_ = word;
  push_markup(identity, word, spelling);
  push_line(identity, token, spelling);
  if (word && spelling.size() >= 6 && token.separator != Separator::none) topic_ = identity;
  shapes_ = shapes_ << 4 | shape_of(token, spelling, word);
}

std::uint64_t TextState::memory() noexcept { return ring_size + RowState::memory(); }

void TextState::push(Token token, bool transparent) {
  std::uint8_t bytes[max_token_bytes];
  push_bytes(bytes, spell(*vocabulary_, token, bytes));
  const bool spelled = token.lexeme == vocabulary_->spelled();
  if (spelling_) {
    spelled ? end_spelling() : push_letter(token);
  } else if (spelled) {
    begin_spelling(token);
  } else if (transparent) {
    in_word_ = false;
    push_line(token.lexeme + 1, token, vocabulary_->spelling(token.lexeme));
  } else {
    push_whole(token.lexeme + 1, token, vocabulary_->spelling(token.lexeme));
  }
}

}  // namespace ssmz::codec
