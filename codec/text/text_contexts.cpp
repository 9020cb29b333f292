// SPDX-License-Identifier: Apache-2.0
// The n-gram contexts of text, the most useful first: levels use a prefix. Ordered by what each was worth on
// parts of enwik8, world192.txt and bible.txt; 19 more that were worth nothing are gone.
#include "codec/text/text_contexts.hpp"

#include <algorithm>

#include "codec/predict/context_lister.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t letter_salt = 2000;  // keeps the contexts of letters apart

/// With short names for what most contexts are made of.
class Lister : public ContextLister {
 public:
  Lister(const TextState& state, ContextBank& bank, std::uint64_t salt)
      : ContextLister(bank, salt), state_(state) {}

  [[nodiscard]] std::uint64_t l(unsigned k) const { return state_.lexeme(k); }
  [[nodiscard]] std::uint64_t w(unsigned k) const { return state_.word(k); }
  [[nodiscard]] std::uint64_t c(unsigned k, unsigned bits) const { return state_.lexeme_class(k, bits); }

 private:
  const TextState& state_;
};

void set_followers(const TextState& s, FollowerBank& followers) {
  unsigned n = 0;
  const auto add = [&](auto... words) {
    if (n < followers.count()) followers.set(n, hash_words(n + 1, words...));
    ++n;
  };
  const auto l = [&](unsigned k) { return s.lexeme(k); };
  const auto w = [&](unsigned k) { return s.word(k); };
  const std::uint64_t joined = s.in_word();
  add(l(0));
  add(l(0), l(1));
  add(s.full(0), s.full(1), s.full(2));
  add(w(0), w(1), joined);
  add(l(0), l(1), l(2), l(3));
  add(w(0), w(1), w(2), joined);
  add(s.parent(), w(0), s.number());
  add(l(0), l(1), l(2));
  add(w(0), joined);
  add(l(1));
  add(l(0), l(1), l(2), l(3), l(4));
  add(l(0), l(2));
  add(w(0), w(1), w(2), w(3), joined);
  add(s.tag(), l(0));
  add(s.tag(), l(0), l(1));
  add(w(0), s.number(), s.last_bytes(1));
  add(l(0), l(1), l(2), l(3), l(4), l(5));
  add(l(1), l(2));
}

// Orders of lexemes, words and bytes.
void list_orders(const TextState& s, Lister& list) {
  const std::uint64_t joined = s.in_word();
  // The first dozen serve the fast levels.
  list.add(list.l(0));
  list.add(list.l(0), list.l(1));
  list.add(list.l(0), list.l(1), list.l(2));
  list.add_shared(0);
  list.add_shared(list.l(0));
  list.add(list.w(0), joined);
  list.add(list.w(0), list.w(1), joined);
  list.add(s.last_bytes(3));
  list.add(s.last_bytes(1));
  list.add(list.c(0, 12), list.c(1, 12));
  list.add(list.l(0), list.l(1), list.l(2), list.l(3));
  list.add(list.l(1));
  list.add(list.w(0), list.w(1), list.w(2), joined);
  list.add_shared(list.l(0), list.l(1));
  list.add(list.l(0), list.l(1), list.l(2), list.l(3), list.l(4));
  list.add(list.l(0), list.l(1), list.l(2), list.l(3), list.l(4), list.l(5));
  list.add(list.w(0), list.w(1), list.w(2), list.w(3), joined);
}

// Markup, fields, classes, and what followed the last times in the contexts that now come.
void list_structure(const TextState& s, const FollowerBank& followers, Lister& list) {
  const std::uint32_t third = followers.count() > 2 ? followers.latest(2) : 0;
  // Field, markup, shape.
  list.add(s.bracket(), list.l(0));
  list.add(s.tag(), list.l(0));
  list.add(s.shape(8));
  list.add(list.c(0, 6), list.c(1, 6), list.c(2, 6), list.c(3, 6), list.c(4, 6));
  list.add(s.last_bytes(5));
  list.add_shared(list.w(0));
  list.add_shared(list.w(0), list.w(1));
  list.add_shared(list.c(0, 12), list.c(1, 12));
  list.add(s.last_other(), list.l(0));
  list.add(s.shape(4));
  list.add(s.line_start(), list.l(0));
  list.add(s.parent(), list.l(0));
  list.add(s.parent(), list.w(0), s.number());
  list.add(s.parent(), list.w(0), list.w(1), s.number());
  list.add(s.parent(), s.item_start(), list.l(0));
  list.add(list.w(0), list.w(1), s.number(), s.last_bytes(1));
  list.add(s.parent(), s.shape(4));
  list.add(s.parent(), list.c(0, 8), list.c(1, 8));
  list.add(list.l(0), followers.latest(0), followers.earlier(0));
  list.add(followers.latest(0), followers.latest(1), third);
}

// What the best levels have more.
void list_rest(const TextState& s, Lister& list) {
  const std::uint64_t joined = s.in_word();
  list.add(s.column(), s.above());
  list.add(0);
  list.add(list.l(2));
  list.add(list.w(1), joined);
  list.add(list.w(1), list.w(2), joined);
  list.add(list.c(0, 12));
  list.add(list.c(0, 8), list.l(1));
  list.add(s.above_byte(), s.last_bytes(1));
  list.add(s.last_bytes(2));
  list.add(s.capitalised(), list.l(0));
  list.add(s.full(0));
  list.add(list.l(3));
  list.add(s.tag(), list.l(0), list.l(1));
  list.add(s.last_number(), list.l(0));
  list.add(s.parent(), s.items_since_parent());
  list.add(s.item_start(), list.l(0), s.number());
  list.add(list.w(0), s.number(), s.last_bytes(1));
  list.add(list.w(0), s.last_number(), s.number());
  list.add(s.last_number(), s.number(), s.last_other());
  list.add(list.l(0), list.l(2), list.l(3));
  list.add(list.w(0), list.c(1, 6), list.c(2, 6));
  list.add(s.topic(), list.l(0));
  list.add(s.line_start(), s.tokens_in_line());
  list.add(s.last_bytes(4));
  list.add(s.bracket(), std::min(s.bracket_distance(), 16u), s.tag());
  list.add(s.last_other(), list.w(0));
  list.add(s.above());
  list.add(s.parent(), list.l(0), list.l(1));
  list.add(s.parent(), s.last_other(), list.l(0));
  list.add(s.last_line_start(), s.tokens_in_line() < 3 ? list.l(0) : 0);
}

void set_letter_followers(const TextState& s, FollowerBank& followers) {
  unsigned n = 0;
  const auto add = [&](auto... words) {
    if (n < followers.count()) followers.set(n, hash_words(n + 1 + letter_salt, words...));
    ++n;
  };
  const std::uint64_t prefix = s.lexeme(0);
  add(prefix);
  add(prefix, s.lexeme(1));
  add(prefix, s.lexeme(1), s.lexeme(2));
  add(s.letters() & 0xffffffffu);
  add(s.letters() & 0xffffffu);
  add(s.letters());
  add(prefix, s.parent());
  add(prefix, s.word(1));
  add(prefix, s.word(1), s.word(2));
  add(prefix, s.tag());
  add(s.last_bytes(3));
  add(s.last_bytes(5));
  add(prefix, s.line_start());
  while (n < followers.count()) add(0);
}

// Letters of a spelled word. Orders 1 to 6 and four contexts of the
// word so far stand where the mixer's selectors look for orders.
void list_letter_orders(const TextState& s, Lister& list) {
  const std::uint64_t prefix = s.lexeme(0);
  const std::uint64_t letters = s.letters();
  const auto last = [&](unsigned n) { return letters & ((std::uint64_t{1} << (8 * n)) - 1); };
  const std::uint64_t length = std::min(s.pieces(), 15u);
  const auto form = static_cast<std::uint64_t>(s.spelled_token().separator) * 4 +
                    static_cast<std::uint64_t>(s.spelled_token().letter_case);
  list.add(last(1), length);
  list.add(last(2));
  list.add(last(3));
  list.add(prefix, list.c(1, 12));
  list.add(last(1), form);
  list.add(prefix);
  list.add(prefix, list.l(1));
  list.add(last(2), form, length);
  list.add(s.last_bytes(5));
  list.add(form, length);
  list.add(last(4));
  list.add(last(3), length);
  list.add(prefix, list.l(1), list.l(2));
  list.add(s.last_bytes(4));
  list.add(last(5));
  list.add(last(6));
  list.add(prefix, s.parent());
  list.add(last(3), form);
  list.add(last(3) & ~std::uint64_t{0xff}, length);
  list.add(last(2), list.c(1, 6));
  list.add(last(7));
  list.add(prefix, form);
  list.add(last(2), s.tag());
  list.add(last(2), list.l(1));
  list.add(last(3), list.l(1));
  list.add(last(4), list.c(1, 6));
  list.add(s.last_bytes(6));
  list.add(last(4) & ~std::uint64_t{0xffff});
}

void list_letter_surroundings(const TextState& s, Lister& list) {
  const std::uint64_t prefix = s.lexeme(0);
  const std::uint64_t last2 = s.letters() & 0xffffu;
  list.add(prefix, list.w(1));
  list.add(prefix, list.w(1), list.w(2));
  list.add(prefix, list.l(2));
  list.add(prefix, s.tag());
  list.add(prefix, s.last_other());
  list.add(prefix, s.line_start());
  list.add(prefix, s.topic());
  list.add(prefix, s.capitalised());
  list.add(prefix, s.item_start());
  list.add(prefix, s.above());
  list.add(prefix, s.bracket(), list.c(1, 6));
  list.add(prefix, s.shape(3));
  list.add(prefix, s.last_number());
  list.add(prefix, s.last_line_start());
  list.add(prefix, s.items_since_parent());
  list.add(last2, s.parent());
  list.add(last2, s.shape(3));
  list.add(last2, s.above_byte());
  list.add(0);
}

}  // namespace

void set_text_contexts(const TextState& state, ContextBank& bank, FollowerBank& followers) {
  if (state.spelling()) {
    set_letter_followers(state, followers);
    Lister list(state, bank, letter_salt);
    list_letter_orders(state, list);
    list_letter_surroundings(state, list);
    while (list.count() < bank.count()) list.add(0);
    return;
  }
  set_followers(state, followers);
  Lister list(state, bank, 0);
  list_orders(state, list);
  list_structure(state, followers, list);
  list_rest(state, list);
}

}  // namespace ssmz::codec
