// SPDX-License-Identifier: Apache-2.0
// The tables of selectors of text.
#include "codec/text/text_selectors.hpp"

#include <algorithm>
#include <iterator>

#include "codec/text/text_contexts.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned first_path_place = 5, first_letter_place = 26, places = 32;

unsigned low(std::uint64_t value, unsigned limit) {
  return static_cast<unsigned>(std::min<std::uint64_t>(value, limit));
}
// From the middle of a hash.
unsigned hashed(std::uint64_t hash, unsigned rows) { return static_cast<unsigned>((hash >> 20) % rows); }
// Path places as far as they differ much, then letters.
unsigned near_place(const TextDecision& d) { return d.letter ? 16u : std::min(15u, d.place); }
unsigned bracket_kind(const TextState& s) { return s.bracket() ? 1u + (s.bracket() == '[') : 0u; }
unsigned spelled_form(const TextState& s) {
  return static_cast<unsigned>(s.spelled_token().separator) * 4 +
         static_cast<unsigned>(s.spelled_token().letter_case);
}
unsigned last_letters(const TextState& s) {
  return static_cast<unsigned>((s.letters() & 31u) | (s.letters() >> 3 & 0x3e0u));
}

// Bit i: the context at the i-th place had seen the decision.
template <class Places>
unsigned seen_at(const Places& orders, const ContextBank& contexts) {
  unsigned bits = 0;
  for (unsigned i = 0; i < orders.size(); ++i) bits |= unsigned{contexts.found(orders[i])} << i;
  return bits;
}
// The contexts of so many lexemes that had seen the decision, 6 bits; the same of words, 4 bits.
unsigned lexeme_orders(const TextDecision& d) {
  return seen_at(order_places(d.s.spelling()).lexemes, d.contexts);
}
unsigned word_orders(const TextDecision& d) {
  return seen_at(order_places(d.s.spelling()).words, d.contexts);
}

using D = TextDecision;

constexpr TextSelector sets[] = {
    {"place, kind", 64 * 4, [](const D& d) { return d.place * 4 + d.kind; }},
    {"contexts that had seen the decision, place, expected bit", 16 * 64,
     [](const D& d) { return d.seen * 64 + d.place * 2 + (d.match.expected > 0); }},
    {"node", 4096, [](const D& d) { return d.node % 4096; }},
    {"match length, place, expected bit", 16 * 17 * 3,
     [](const D& d) { return (d.match.bucket * 17 + near_place(d)) * 3 + d.expected; }},
    {"last byte, kind", 256 * 4,
     [](const D& d) { return static_cast<unsigned>(d.s.last_bytes(1)) * 4 + d.kind; }},
    {"attributes, place, inside a word", 12 * 64,
     [](const D& d) { return d.attributes * 64 + d.place * 2 + d.s.in_word(); }},
    {"lexeme orders found, kind", 64 * 4, [](const D& d) { return lexeme_orders(d) * 4 + d.kind; }},
    {"class of the last lexeme, kind", 256 * 4,
     [](const D& d) { return static_cast<unsigned>(d.s.lexeme_class(0, 8)) * 4 + d.kind; }},
    {"shape of the last token, place, match", 16 * 64,
     [](const D& d) {
       return static_cast<unsigned>(d.s.shape(1)) * 64 + d.place * 2 + (d.match.bucket > 0);
     }},
    {"column, place; in rows: field, place", 2 * 64 * 32,
     [](const D& d) {
       const RowState& rows = d.s.rows();
       return (rows.active() ? 64 + rows.field_number() : low(d.s.column(), 63)) * 32 + d.place;
     }},
    {"byte above, attribute, lexeme or letter", 256 * 3,
     [](const D& d) { return d.s.above_byte() * 3 + (d.letter ? 2u : d.kind > 0); }},
    {"shapes of the last three tokens; letter: length, form of the word", 4096 + 256,
     [](const D& d) {
       return d.letter ? 4096 + spelled_form(d.s) * 16 + low(d.s.pieces(), 15)
                       : static_cast<unsigned>(d.s.shape(3));
     }},
    {"bracket, kind, distance", 3 * 4 * 64,
     [](const D& d) { return (bracket_kind(d.s) * 4 + d.kind) * 64 + low(d.s.bracket_distance(), 63); }},
    {"classes of the last two lexemes; in rows: agreement, place", 1024 + RowState::agreements * 32,
     [](const D& d) {
       const RowState& rows = d.s.rows();
       return rows.active() ? 1024 + rows.agreement() * 32 + d.place
                            : static_cast<unsigned>(d.s.lexeme_class(0, 5) * 32 + d.s.lexeme_class(1, 5));
     }},
    {"place in the sentence and word, kind", 256 * 4,
     [](const D& d) { return low(d.s.words_in_sentence() * 8 + low(d.s.pieces(), 7), 255) * 4 + d.kind; }},
    {"word orders found, place", 16 * 32, [](const D& d) { return word_orders(d) * 32 + d.place; }},
    {"last lexeme; letter: last two letters", 8192 + 1024,
     [](const D& d) {
       return d.letter ? 8192 + last_letters(d.s) : static_cast<unsigned>(d.s.lexeme(0) % 8192);
     }},
    {"last word; letter: the word so far", 4096 + 1024,
     [](const D& d) { return d.letter ? 4096 + hashed(d.s.word(0), 1024) : hashed(d.s.word(0), 4096); }},
    {"parent line, kind", 1024 * 4, [](const D& d) { return hashed(d.s.parent(), 1024) * 4 + d.kind; }},
    {"indentation, items since the parent, kind", 1024,
     [](const D& d) { return low(d.s.indent(), 15) * 64 + low(d.s.items_since_parent(), 15) * 4 + d.kind; }},
    // What pays on longer texts, at -9.
    {"logits of the SSM and the prior, place", 16 * 16 * 32,
     [](const D& d) { return (d.ssm * 16 + d.prior) * 32 + d.place; }},
    {"logit of the prior, lexeme orders found, kind", 16 * 64 * 4,
     [](const D& d) { return (d.prior * 64 + lexeme_orders(d)) * 4 + d.kind; }},
    {"last two lexemes", 8192,
     [](const D& d) { return static_cast<unsigned>(hash_mix(d.s.lexeme(0), d.s.lexeme(1)) % 8192); }},
    {"markup, kind", 4096, [](const D& d) { return hashed(hash_mix(d.s.markup().summary(), d.kind), 4096); }},
    {"logit of the SSM, match length, kind", 16 * 16 * 4,
     [](const D& d) { return (d.ssm * 16 + d.match.bucket) * 4 + d.kind; }},
    {"last word that is no function word", 4096, [](const D& d) { return hashed(d.s.content(0), 4096); }},
    {"lexeme before the last", 8192, [](const D& d) { return static_cast<unsigned>(d.s.lexeme(1) % 8192); }},
    {"contexts that had seen the decision, place", 16 * 32, [](const D& d) { return d.seen * 32 + d.place; }},
    {"node, last lexeme", 32768,
     [](const D& d) { return static_cast<unsigned>(hash_mix(d.node, d.s.lexeme(0)) % 32768); }},
    {"nothing", 1, [](const D&) { return 0u; }},
};

constexpr TextSelector finals[] = {
    {"attributes, place, inside a word", 64 * 12,
     [](const D& d) { return d.attributes * 64 + d.place * 2 + d.s.in_word(); }},
    {"node", 4096, [](const D& d) { return d.node % 4096; }},
    {"match length, contexts that had seen the decision", 256,
     [](const D& d) { return d.match.bucket * 16 + d.seen; }},
    // These two: -0.33 % in sum over short starts of enwik8, alice29.txt, world192.txt, progc, trans.
    {"last lexeme, kind; in rows: field, agreement, kind", 4096 * 4 + 64 * RowState::agreements * 4,
     [](const D& d) {
       const RowState& rows = d.s.rows();
       return (rows.active() ? 4096 + rows.field_number() * RowState::agreements + rows.agreement()
                             : static_cast<unsigned>(d.s.lexeme(0) % 4096)) *
                  4 +
              d.kind;
     }},
    {"logits of the SSM and the prior, kind", 16 * 16 * 4,
     [](const D& d) { return (d.ssm * 16 + d.prior) * 4 + d.kind; }},
};

constexpr TextSelector apms[] = {
    {"match length, expected bit, place", 16 * 64,
     [](const D& d) { return d.match.bucket * 64 + d.expected * 16 + std::min(15u, d.place); }},
    {"node", 65536, [](const D& d) { return d.node % 65536; }},
    {"node, last lexeme", 65536,
     [](const D& d) { return static_cast<unsigned>(hash_mix(d.node, d.s.lexeme(0)) % 65536); }},
};

}  // namespace

std::span<const TextSelector> text_sets() noexcept { return sets; }
std::span<const TextSelector> text_finals() noexcept { return finals; }
std::span<const TextSelector> text_apms() noexcept { return apms; }

unsigned place_of(const Position& at) noexcept {
  if (at.stage == Stage::letter) return std::min<unsigned>(first_letter_place + at.taken.depth, places - 1);
  if (at.stage == Stage::path)
    return std::min<unsigned>(first_path_place + at.taken.depth, first_letter_place - 1);
  return static_cast<unsigned>(at.stage);
}

}  // namespace ssmz::codec
