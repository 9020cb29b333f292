// SPDX-License-Identifier: Apache-2.0
// The n-gram contexts of bytes: orders, gaps, words, records, machine code. The first serve the fast levels.
#include "codec/bytes/byte_contexts.hpp"

#include <algorithm>
#include <cassert>

#include "codec/bytes/halfword_contexts.hpp"
#include "codec/bytes/machine_code_contexts.hpp"
#include "codec/predict/context_lister.hpp"

namespace ssmz::codec {
namespace {

using Lister = ContextLister;
using Structure = ByteState::Structure;

constexpr std::uint64_t salt = 5000;  // apart from the text model's contexts in the common table

std::uint8_t low_byte(unsigned value) { return static_cast<std::uint8_t>(value); }

std::uint64_t place_in(const RecordChain& chain) {
  return std::uint64_t{chain.type()} << 16 | chain.offset();
}

void set_followers(const ByteState& s, Structure structure, FollowerBank& followers) {
  if (followers.count() == 0) return;
  unsigned n = 0;
  const auto add = [&](auto... words) {
    if (n < followers.count()) followers.set(n, hash_words(salt + 900 + n, words...));
    ++n;
  };
  const unsigned r = s.records().length(0);
  add(s.last(2));
  add(s.last(3));
  add(s.last(4));
  add(s.last(6));
  add(s.word(), s.back(1));
  add(r, s.back(r), s.back(1));
  add(r, s.back(r), s.back(r + 1), s.back(r - 1));
  add(s.last(8));
  add(s.last(5));
  // From here on at -5 to -9: obj1, 30,000 bytes each of obj2 and ooffice at -9 7,465, 6,175, 9,107 -> 7,439,
  // 6,159, 9,089, at -5 7,506, 6,276, 9,279 -> 7,470, 6,250, 9,258; geo, kennedy.xls, osdb, mr the same.
  if (followers.count() <= n) return;
  const unsigned column = s.column();
  add(s.last(1));
  add(r, column, s.back(r));
  add(s.last(3) >> 8);
  add(r, column, s.back(1));
  add(s.back(4), s.position() % 4);
  if (structure == Structure::chain) {
    const RecordChain& chain = s.chain();
    const std::uint64_t place = place_in(chain);
    add(place, chain.word(1));
    add(place, s.back(1));
    add(place, chain.earlier_types() & 0xffffu);
  } else if (structure == Structure::typeset) {
    const TypesetState& typeset = s.typeset();
    add(typeset.so_far(), typeset.letters(3));
    add(typeset.so_far(), typeset.letters(5));
    add(typeset.so_far(), typeset.word());
  } else if (structure == Structure::x86) {
    const X86Code& code = s.code();
    const std::uint64_t place = std::uint64_t{code.part()} << 32 | code.operation() << 8 | code.mod_rm();
    add(place, code.so_far());
    add(place, code.so_far(), code.before(0));
    add(place, code.field());
  } else {
    add(s.kinds());
    add(s.last(4) >> 16);
    add(s.last(4) & 0xf0f0f0f0u);
  }
}

// Orders, and of records what pays most often: the byte above. The first seven are -1's, all
// ten -2's. Of fourteen contexts those were left out, one after the other, whose loss cost least in the mean
// of 25,000 bytes each of eight programs, databases and tables: 14, 12, 10, 8, 7, 6, 5 of them 0, -0.17,
// +0.08, +0.33, +0.63, +0.97, +1.77 %. What was left, with order 4, which hexadecimal and UTF-16 want, and
// the byte above with its column, which counters want, in place of the eight that -1 had: 100,000 bytes each
// of eleven files 298,383 -> 296,916.
void list_orders(const ByteState& s, const ExpectedSymbol& match, Lister& list) {
  const unsigned r = s.records().length(0);
  const unsigned above = s.back(r);
  list.add(s.last(1));
  list.add(s.last(2));
  list.add(s.last(4));
  list.add(s.last(3) >> 8);
  list.add(match.id, std::min(match.length, 15u));
  list.add(s.last(4) >> 16);
  list.add(r, above, s.position() % std::max(r, 1u));
  list.add(s.last(3));
  list.add(s.word(), s.back(1));
  list.add(s.kinds());
}

// Longer ones, order 0, and the byte above corrected by the left neighbour's change.
void list_more_orders(const ByteState& s, Lister& list) {
  const unsigned r = s.records().length(0);
  list.add(s.back(4), s.position() % 4);
  list.add(r, s.back(r), s.back(1));
  list.add(r, low_byte(s.back(r) + s.back(1) - s.back(r + 1)), s.back(1));
  list.add(s.last(6));
  list.add(s.last(5));
  list.add(0);
}

void list_records(const ByteState& s, Lister& list) {
  const std::uint64_t r = s.records().length(0);
  const std::uint64_t q = s.records().length(1);
  const std::uint64_t column = s.column();
  const unsigned above = s.back(r);
  list.add(r, column);
  list.add(r, column, s.back(1));
  list.add(r, above, s.back(1), s.back(r + 1));
  list.add(r, s.last(4), column);
  list.add(r, q, above, s.back(q));
}

void list_more_records(const ByteState& s, Lister& list) {
  const std::uint64_t r = s.records().length(0);
  const std::uint64_t q = s.records().length(1);
  const std::uint64_t column = s.column();
  const unsigned above = s.back(r);
  list.add(r, column, above, s.back(1));
  list.add(r, above, s.back(2 * r));
  list.add(r, low_byte(above + s.back(1) - s.back(r + 1)));
  list.add(r, low_byte(2 * above - s.back(2 * r)));
  list.add(r, above, s.back(r - 1), s.back(1));
  list.add(r, above, s.back(r - 1), s.back(r - 2));
  list.add(r, s.last(2), above, s.back(r - 1));
  list.add(q, s.back(q));
  list.add(q, s.back(q), s.back(1));
  list.add(q, s.back(q), s.back(q - 1), s.back(q + 1));
  list.add(q, q ? s.position() % q : 0, s.back(1));
}

// Of typeset text: letters alone, and the numbers between them by letters, by the line's. They stand in for
// those of records.
void list_typeset(const ByteState& s, Lister& list) {
  const TypesetState& t = s.typeset();
  const std::uint64_t now = t.so_far();
  const unsigned drift = t.glyphs().drift();
  list.add(now, t.letters(2));
  list.add(now, t.letters(3));
  list.add(now, t.letters(4));
  list.add(now, t.letters(5));
  list.add(now, t.letters(6));
  list.add(now, t.word());
  list.add(now, t.word(), t.last_word());
  list.add(now, drift, t.letters(1));
  list.add(now, drift, t.letters(2));
  list.add(now, drift, t.expected());
  list.add(now, drift, t.letters(3), t.glyphs().forecast());
  list.add(t.expected(), t.expected() ? t.length() : t.letters(1), drift / 4);
  list.add(now, t.word(), std::min(t.length(), 3u), t.glyphs().forecast());
  list.add(now, drift / 4, t.letters(2), t.kern());
  list.add(now, t.line(), t.in_string() ? t.letters(1) : 0u);
  list.add(now, drift / 4, t.letters(5));
}

// Bytes with gaps.
void list_gaps(const ByteState& s, Lister& list) {
  list.add(s.back(6), s.back(7), s.last(2));
  list.add(s.back(7), s.back(8), s.last(1));
  list.add(s.back(11), s.back(12), s.last(2));
  list.add(s.back(12), s.back(13), s.last(1));
  list.add(s.back(2));
}

void list_more_gaps(const ByteState& s, Lister& list) {
  list.add(s.last(7));
  list.add(s.last(8));
  list.add(s.back(3));
  list.add(s.last(4) >> 8);
}

// More gaps, coarse bytes, numbers, distances: for data without a structure of its own.
void list_loose(const ByteState& s, Lister& list) {
  list.add(s.last(3) & 0xe0e0e0u, s.position() % 4);
  list.add(std::min<std::uint64_t>(s.since(0), 255), s.back(1));
  list.add(s.back(4), s.back(8));
  list.add(s.back(1), s.back(4));
  list.add(low_byte(2 * s.back(4) - s.back(8)), s.position() % 4);
}

void list_more_loose(const ByteState& s, Lister& list) {
  list.add(s.back(1), s.back(3));
  list.add(s.last(4) & 0xf0f0f0f0u);
  list.add(s.kinds() & 0xffffu, s.back(1));
  list.add(s.word(), s.last_word());
  list.add(s.position() % 2, s.back(2), s.back(4));
  list.add(std::min<std::uint64_t>(s.since(1), 255), s.back(1));
  list.add(s.last(6) >> 16, s.kinds() & 0xffu);
  list.add(s.last(8) >> 32, s.kinds() & 0xffffu);
  list.add(low_byte(2 * s.back(2) - s.back(4)), s.position() % 2);
}

// Of records of type and length: the place in the record, and the same place in records like it. They stand
// in for the loose ones: kennedy.xls at -9 8,730 -> 8,023, at -5 8,810 -> 8,074, a log of such records of our
// own 28,654 -> 25,289; beside them instead 8,080.
void list_chain(const ByteState& s, Lister& list) {
  const RecordChain& chain = s.chain();
  const std::uint64_t place = place_in(chain);
  const auto like = [&](unsigned k) { return chain.like(k) ? s.at(chain.like(k)) : 256u; };
  const unsigned above = like(1);
  list.add(place, s.back(1));
  list.add(place, chain.word(1));
  list.add(place, chain.word(1), above);
  list.add(place, above, like(4));
  list.add(place, above, s.back(1));
  list.add(place, chain.word(1), like(2));
  list.add(place, above, like(2));
  list.add(place, like(0), chain.word(0));
  list.add(place, like(3), s.back(1));
  list.add(place, like(2), like(3));
  list.add(place, chain.earlier_types(), above);
  list.add(place, chain.earlier_types() & 0xffffu, chain.word(1));
  list.add(place, above, chain.like(1) ? s.at(chain.like(1) + 1) : 256u);
  list.add(place, chain.earlier_types() & 0xffffffu);
}

// What the last times followed in the contexts that now come.
void list_followed(const ByteState& s, const ExpectedSymbol& match, const FollowerBank& followers,
                   Lister& list) {
  list.add(match.id, s.back(1));
  list.add(followers.latest(0), followers.earlier(0), s.back(1));
  list.add(followers.latest(1), followers.earlier(1), s.back(1));
  list.add(followers.latest(1), followers.latest(2), followers.latest(3));
  list.add(followers.latest(5), followers.latest(6), followers.latest(0));
}

// Words of 16 and 32 bits at even and quadruple places: instructions of machines that have such, tables of
// numbers. At -9 obj1 7,471 -> 7,458; 30,000 bytes each of geo 13,399 -> 13,355, obj2 6,205 -> 6,175, ooffice
// 9,113 -> 9,106.
void list_words(const ByteState& s, Lister& list) {
  const std::uint64_t odd = s.position() & 1;
  const std::uint64_t here = odd ? s.back(1) : 0u;  // of the word that is being coded
  constexpr unsigned operation = 0xf1f8;            // 68000: all but the register of the operand
  list.add(odd, here, s.even_word(1), s.even_word(2));
  list.add(odd, here, s.even_word(2), s.even_word(3) & operation);
  list.add(odd, here, s.even_word(1) & operation, s.even_word(2) & operation, s.even_word(3) & operation);
  list.add(odd, here, s.even_word(1) & operation, s.even_word(3));
  const std::uint64_t quarter = s.position() & 3;
  list.add(quarter, s.last(4) & ((std::uint64_t{1} << 8 * quarter) - 1), s.back(4), s.back(8));
  list.add(quarter, s.last(4) & ((std::uint64_t{1} << 8 * quarter) - 1), s.back(quarter + 4),
           s.back(quarter + 3) & 0xf0u);
}

// Coarse bytes and what kinds of bytes they are: what differs in low bits alone meets again. 100,000 bytes
// each of obj2, ooffice, git, AArch64 code and a sqlite database at -9 24,650, 32,622, 31,174, 6,820, 7,106
// -> 24,553, 32,391, 31,004, 6,730, 7,105. Another eight such: nothing.
void list_coarse(const ByteState& s, Lister& list) {
  list.add(s.last(2) & 0xfff0u);
  list.add(s.last(3) & 0xf0f0ffu);
  list.add(s.last(3) & 0xfff0f0u);
  list.add(s.last(4) & 0xffffe0u);
  list.add(s.last(6) & 0xf0f0f0f0f0f0u);
  list.add(s.kinds() & 0xffffu, s.last(2));
  list.add(s.kinds(), s.back(1));
  list.add(s.last(5) & 0xc0c0c0c0ffu);
}

// Bytes with more gaps (the same files: 24,542, 32,511, 31,087, 6,767, 7,072), and what followed by what
// follows (24,568, 32,518, 31,152, 6,795, 6,892). Coarse ones, these and those together 24,406, 32,249,
// 30,951, 6,675, 6,868.
void list_sparse(const ByteState& s, const FollowerBank& followers, Lister& list) {
  list.add(s.back(2), s.back(3));
  list.add(s.back(3), s.back(4));
  list.add(s.last(2), s.back(4));
  list.add(s.back(1), s.back(3), s.back(4));
  list.add(s.back(2), s.back(4), s.back(6));
  list.add(s.back(1), s.back(5));
  list.add(s.back(1), s.back(6));
  list.add(s.last(8) >> 32);
  list.add(s.back(1), s.back(8));
  list.add(s.last(2), s.back(5), s.back(6));
  list.add(followers.latest(9), followers.earlier(9));
  list.add(followers.latest(9), followers.earlier(9), s.back(1));
  list.add(followers.latest(0), followers.latest(1));
  list.add(followers.latest(0), followers.latest(9), s.back(1));
  list.add(followers.latest(2), followers.latest(3), s.back(1));
  list.add(followers.latest(1), followers.latest(5), s.back(1));
  list.add(followers.latest(12), followers.latest(5));
  list.add(followers.latest(11), followers.latest(10), s.back(1));
}

// Of floats: what is expected, the numbers before, how large errors are. They stand in for bytes with more
// gaps, beside which they gain nothing. 40,000 bytes each of geo's begin and end, without SSM, when IBM's
// were still read as IEEE's: 17,370, 16,964, with the forecast as inputs alone 17,082, 16,700, with weights
// by place 17,036, 16,651, with these too 16,960, 16,573; another five of them: 0.08 %.
void list_floats(const FloatForecast& floats, Lister& list) {
  const std::uint64_t now = std::uint64_t{floats.part()} << 32 | floats.so_far();
  const std::uint32_t expected = floats.expected();
  list.add(now, expected >> 20);
  list.add(now, expected >> 16);
  list.add(now, expected >> 24, floats.errors());
  list.add(now, floats.number(1) >> 20);
  list.add(now, expected >> 20, floats.number(1) >> 24);
  list.add(now, floats.errors());
  list.add(now, expected >> 20, floats.errors() / 2);
  list.add(now, floats.number(1) >> 20, floats.number(2) >> 20);
}

// Lists that are whole: what the data are made of takes the place of records and gaps as well.
void list_whole_code(const ByteState& state, Structure structure, const ExpectedSymbol& match,
                     const FollowerBank& followers, ContextBank& bank) {
  Lister list(bank, salt);
  switch (structure) {
    case Structure::word_code: list_word_code(state, match, list); break;
    case Structure::x86: list_x86_code(state, match, list); break;
    case Structure::m68k: list_m68k_code(state, match, list); break;
    default: list_halfword_code(state, match, list);
  }
  if (list.full()) return;
  assert(list.count() == whole_code_contexts);
  list_followed(state, match, followers, list);
  list_words(state, list);
  list_sparse(state, followers, list);
  assert(list.count() == byte_context_count);
}

}  // namespace

void set_byte_contexts(const ByteState& state, const ExpectedSymbol& match, ContextBank& bank,
                       FollowerBank& followers) {
  const Structure structure = state.structure();
  set_followers(state, structure, followers);
  if (structure == Structure::word_code || structure == Structure::x86 || structure == Structure::m68k ||
      structure == Structure::halfwords) {
    list_whole_code(state, structure, match, followers, bank);
    return;
  }
  Lister list(bank, salt);
  list_orders(state, match, list);
  // -1 and -2 are done here: what comes would take 8 % of -1's instructions.
  if (list.full()) return;
  assert(list.count() == byte_plain_contexts);
  // What the data are made of comes first, so that -3 to -5 take it: obj1 and 60,000 bytes each of obj2's
  // begin and end, with the weight sets of machine code, at -3 -6.2, -1.8, -5.7 %, at -5 -0.6, -2.4, -2.3 %.
  // Of data that are made of nothing the first that stand here are those that were left of 68 where the
  // others were left out by twelves and eights: 20,000 bytes each of osdb, geo, obj2, a sqlite database and
  // arm64, few mixers: 46, 34, 26 of them -1.6, -1.8, -1.7 %.
  const bool chain = structure == Structure::chain, loose = !chain;
  const bool typeset = structure == Structure::typeset, vax = structure == Structure::vax;
  if (chain) list_chain(state, list);
  if (typeset) list_typeset(state, list);
  if (vax) list_vax_code(state.vax(), list);
  if (loose && !typeset) list_records(state, list);
  if (loose) list_gaps(state, list);
  if (loose && !vax) list_loose(state, list);
  list_more_orders(state, list);
  if (list.full()) return;
  if (!typeset) {
    if (!loose) list_records(state, list);
    list_more_records(state, list);
  }
  if (!loose) list_gaps(state, list);
  list_more_gaps(state, list);
  if (loose && !vax) list_more_loose(state, list);
  list_followed(state, match, followers, list);
  list_words(state, list);
  if (chain) {
    // Records of type and length are nearly certain from their own: more say nothing but noise.
    list.leave_out(byte_context_count - list.count());
  } else {
    list_coarse(state, list);
    if (const FloatForecast* const floats = state.floats()) {
      list_floats(*floats, list);
      list.leave_out(byte_context_count - list.count());
    } else {
      list_sparse(state, followers, list);
    }
  }
  assert(list.count() == byte_context_count);
}

}  // namespace ssmz::codec
