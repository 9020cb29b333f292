// SPDX-License-Identifier: Apache-2.0
// What contexts of text are made of: a name and a value each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "codec/predict/follower_bank.hpp"
#include "codec/text/text_state.hpp"

namespace ssmz::codec {

/// What keys are read from. `latest` and `earlier` are followers of the coming token's contexts, set before.
struct TextView {
  const TextState& s;
  const FollowerBank& followers;

  /// The last n letters of the word that is being spelled.
  [[nodiscard]] std::uint64_t letters(unsigned n) const noexcept {
    return s.letters() & ((std::uint64_t{1} << (8 * n)) - 1);
  }
  /// Separator and case of that word.
  [[nodiscard]] std::uint64_t form() const noexcept {
    return static_cast<std::uint64_t>(s.spelled_token().separator) * 4 +
           static_cast<std::uint64_t>(s.spelled_token().letter_case);
  }
  /// What last followed context i of the followers; 0 if the level has no such context.
  [[nodiscard]] std::uint64_t latest(unsigned i) const noexcept {
    return i < followers.count() ? followers.latest(i) : 0;
  }
  [[nodiscard]] std::uint64_t earlier(unsigned i) const noexcept {
    return i < followers.count() ? followers.earlier(i) : 0;
  }
};

struct TextKey {
  std::string_view name;
  std::uint64_t (*value)(const TextView&);
};

/// Followers' contexts that keys read: places in the list of text_contexts.cpp, which asserts them.
inline constexpr unsigned follower_of_lexeme = 0, follower_of_lexemes = 1, follower_of_tokens = 2;

/// A new key is a line here; contexts name it. FORMAT.
inline constexpr TextKey text_keys[] = {
    {"nothing", [](const TextView&) -> std::uint64_t { return 0; }},
    // The last lexemes, 1 the newest; while a word is spelled the newest is the letters so far.
    {"lexeme1", [](const TextView& v) -> std::uint64_t { return v.s.lexeme(0); }},
    {"lexeme2", [](const TextView& v) -> std::uint64_t { return v.s.lexeme(1); }},
    {"lexeme3", [](const TextView& v) -> std::uint64_t { return v.s.lexeme(2); }},
    {"lexeme4", [](const TextView& v) -> std::uint64_t { return v.s.lexeme(3); }},
    {"lexeme5", [](const TextView& v) -> std::uint64_t { return v.s.lexeme(4); }},
    {"lexeme6", [](const TextView& v) -> std::uint64_t { return v.s.lexeme(5); }},
    // The same with separator and case.
    {"token1", [](const TextView& v) -> std::uint64_t { return v.s.full(0); }},
    {"token2", [](const TextView& v) -> std::uint64_t { return v.s.full(1); }},
    {"token3", [](const TextView& v) -> std::uint64_t { return v.s.full(2); }},
    // The last words, and whether the newest may go on; those that are no function words; the sentence's
    // first.
    {"word1", [](const TextView& v) -> std::uint64_t { return v.s.word(0); }},
    {"word2", [](const TextView& v) -> std::uint64_t { return v.s.word(1); }},
    {"word3", [](const TextView& v) -> std::uint64_t { return v.s.word(2); }},
    {"word4", [](const TextView& v) -> std::uint64_t { return v.s.word(3); }},
    {"joined", [](const TextView& v) -> std::uint64_t { return v.s.in_word(); }},
    {"content1", [](const TextView& v) -> std::uint64_t { return v.s.content(0); }},
    {"content2", [](const TextView& v) -> std::uint64_t { return v.s.content(1); }},
    {"sentence", [](const TextView& v) -> std::uint64_t { return v.s.sentence(); }},
    // First bits of the classes of the last lexemes.
    {"class1_12", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(0, class_bits); }},
    {"class2_12", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(1, class_bits); }},
    {"class3_12", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(2, class_bits); }},
    {"class1_8", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(0, 8); }},
    {"class2_8", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(1, 8); }},
    {"class1_6", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(0, 6); }},
    {"class2_6", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(1, 6); }},
    {"class3_6", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(2, 6); }},
    {"class4_6", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(3, 6); }},
    {"class5_6", [](const TextView& v) -> std::uint64_t { return v.s.lexeme_class(4, 6); }},
    // Bytes and kinds of tokens.
    {"bytes1", [](const TextView& v) -> std::uint64_t { return v.s.last_bytes(1); }},
    {"bytes2", [](const TextView& v) -> std::uint64_t { return v.s.last_bytes(2); }},
    {"bytes3", [](const TextView& v) -> std::uint64_t { return v.s.last_bytes(3); }},
    {"bytes4", [](const TextView& v) -> std::uint64_t { return v.s.last_bytes(4); }},
    {"bytes5", [](const TextView& v) -> std::uint64_t { return v.s.last_bytes(5); }},
    {"bytes6", [](const TextView& v) -> std::uint64_t { return v.s.last_bytes(6); }},
    {"shapes3", [](const TextView& v) -> std::uint64_t { return v.s.shape(3); }},
    {"shapes4", [](const TextView& v) -> std::uint64_t { return v.s.shape(4); }},
    {"shapes8", [](const TextView& v) -> std::uint64_t { return v.s.shape(8); }},
    // Lines and columns.
    {"column", [](const TextView& v) -> std::uint64_t { return v.s.column(); }},
    {"above", [](const TextView& v) -> std::uint64_t { return v.s.above(); }},
    {"above_byte", [](const TextView& v) -> std::uint64_t { return v.s.above_byte(); }},
    {"line_start", [](const TextView& v) -> std::uint64_t { return v.s.line_start(); }},
    {"last_line_start", [](const TextView& v) -> std::uint64_t { return v.s.last_line_start(); }},
    {"tokens_in_line", [](const TextView& v) -> std::uint64_t { return v.s.tokens_in_line(); }},
    {"first_in_line",
     [](const TextView& v) -> std::uint64_t { return v.s.tokens_in_line() < 3 ? v.s.lexeme(0) : 0; }},
    // Markup and punctuation.
    {"bracket", [](const TextView& v) -> std::uint64_t { return v.s.bracket(); }},
    {"bracket_distance",
     [](const TextView& v) -> std::uint64_t { return std::min(v.s.bracket_distance(), 16u); }},
    {"tag", [](const TextView& v) -> std::uint64_t { return v.s.tag(); }},
    {"last_other", [](const TextView& v) -> std::uint64_t { return v.s.last_other(); }},
    {"markup", [](const TextView& v) -> std::uint64_t { return v.s.markup().summary(); }},
    {"line_kind", [](const TextView& v) -> std::uint64_t { return v.s.markup().line_kind(); }},
    {"key", [](const TextView& v) -> std::uint64_t { return v.s.markup().key(); }},
    {"target", [](const TextView& v) -> std::uint64_t { return v.s.markup().target(); }},
    {"cell", [](const TextView& v) -> std::uint64_t { return v.s.markup().cell(); }},
    {"cell_above", [](const TextView& v) -> std::uint64_t { return v.s.markup().cell_above(); }},
    // Fields and numbers.
    {"parent", [](const TextView& v) -> std::uint64_t { return v.s.parent(); }},
    {"items_since_parent", [](const TextView& v) -> std::uint64_t { return v.s.items_since_parent(); }},
    {"item_start", [](const TextView& v) -> std::uint64_t { return v.s.item_start(); }},
    {"number", [](const TextView& v) -> std::uint64_t { return v.s.number(); }},
    {"last_number", [](const TextView& v) -> std::uint64_t { return v.s.last_number(); }},
    {"capitalised", [](const TextView& v) -> std::uint64_t { return v.s.capitalised(); }},
    {"topic", [](const TextView& v) -> std::uint64_t { return v.s.topic(); }},
    // Where in the text: what comes here comes again soon. The second windows begin in the midst of the
    // first.
    {"window512", [](const TextView& v) -> std::uint64_t { return v.s.tokens() / 512; }},
    {"other_window512", [](const TextView& v) -> std::uint64_t { return (v.s.tokens() + 256) / 512; }},
    {"window4096", [](const TextView& v) -> std::uint64_t { return v.s.tokens() / 4096; }},
    {"paragraph", [](const TextView& v) -> std::uint64_t { return v.s.paragraphs(); }},
    // Rows.
    {"row_field", [](const TextView& v) -> std::uint64_t { return v.s.rows().field(); }},
    {"row_so_far", [](const TextView& v) -> std::uint64_t { return v.s.rows().so_far(); }},
    {"row_last_field", [](const TextView& v) -> std::uint64_t { return v.s.rows().last_field(); }},
    {"row_first_field", [](const TextView& v) -> std::uint64_t { return v.s.rows().first_field(); }},
    {"row_expected", [](const TextView& v) -> std::uint64_t { return v.s.rows().expected(0); }},
    {"row_expected2", [](const TextView& v) -> std::uint64_t { return v.s.rows().expected(1); }},
    {"row_step", [](const TextView& v) -> std::uint64_t { return v.s.rows().step(); }},
    // The word that is being spelled.
    {"last_spelled", [](const TextView& v) -> std::uint64_t { return v.s.last_spelled(); }},
    {"letters1", [](const TextView& v) -> std::uint64_t { return v.letters(1); }},
    {"letters2", [](const TextView& v) -> std::uint64_t { return v.letters(2); }},
    {"letters3", [](const TextView& v) -> std::uint64_t { return v.letters(3); }},
    {"letters4", [](const TextView& v) -> std::uint64_t { return v.letters(4); }},
    {"letters5", [](const TextView& v) -> std::uint64_t { return v.letters(5); }},
    {"letters6", [](const TextView& v) -> std::uint64_t { return v.letters(6); }},
    {"letters7", [](const TextView& v) -> std::uint64_t { return v.letters(7); }},
    {"letters8", [](const TextView& v) -> std::uint64_t { return v.s.letters(); }},
    {"letters3_but_last",
     [](const TextView& v) -> std::uint64_t { return v.letters(3) & ~std::uint64_t{0xff}; }},
    {"letters4_but_two",
     [](const TextView& v) -> std::uint64_t { return v.letters(4) & ~std::uint64_t{0xffff}; }},
    {"length", [](const TextView& v) -> std::uint64_t { return std::min(v.s.pieces(), 15u); }},
    {"form", [](const TextView& v) -> std::uint64_t { return v.form(); }},
    // What followed the last times; the list of followers has these contexts.
    {"after_lexeme", [](const TextView& v) -> std::uint64_t { return v.latest(follower_of_lexeme); }},
    {"earlier_after_lexeme",
     [](const TextView& v) -> std::uint64_t { return v.earlier(follower_of_lexeme); }},
    {"after_lexemes", [](const TextView& v) -> std::uint64_t { return v.latest(follower_of_lexemes); }},
    {"after_tokens", [](const TextView& v) -> std::uint64_t { return v.latest(follower_of_tokens); }},
};

}  // namespace ssmz::codec
