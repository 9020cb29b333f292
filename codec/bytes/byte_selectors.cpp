// SPDX-License-Identifier: Apache-2.0
// The tables of the byte model's selectors.
#include "codec/bytes/byte_selectors.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include "codec/predict/context_bank.hpp"

namespace ssmz::codec {
namespace {

using S = ByteSituation;

// Two sets at -1, 60,000 bytes each of eleven files: 0 and 1 of what was the order
// (byte so far, last byte) 191,431, 1 and 3 (the match) 191,920, 1 and 4 (contexts seen) 191,616, 1 and 8
// (column and byte so far) 193,163, 1 and 7 (kinds of the last two) 190,516, the first four 188,872. Eight as
// they stand here at -5, 25,000 bytes each of six, 49,235, the first ten of the old order 49,291.
constexpr Selector<S> weight_sets[] = {
    {"last byte", 256 * 8, [](const S& s) { return s.state.back(1) * 8 + s.depth; }},
    {"kinds of the last two", 256, [](const S& s) { return s.state.kinds() & 0xffu; }},
    {"byte so far", 256 * code_parts, [](const S& s) { return s.value; }},  // of machine code all rows
    {"match and its bit", 16 * 3 * 8, [](const S& s) { return (s.match * 3 + s.expectation) * 8 + s.depth; }},
    {"last byte but one", 256 * 8, [](const S& s) { return s.state.back(2) * 8 + s.depth; }},
    {"kinds of the last three", 4096, [](const S& s) { return s.state.kinds() & 0xfffu; }},
    {"place", byte_place_rows, [](const S& s) { return s.place; }},
    {"column", 256 * 8, [](const S& s) { return std::min(255u, s.column) * 8 + s.depth; }},
    {"contexts seen", 16 * 8, [](const S& s) { return s.seen * 8 + s.depth; }},
    {"byte above", 256 * 8, [](const S& s) { return s.state.back(s.record) * 8 + s.depth; }},
    {"column and byte so far", 32 * 64,
     [](const S& s) { return std::min(31u, s.column) * 64 + (s.value & 63u); }},
    {"fourth last byte", 256 * 8, [](const S& s) { return s.state.back(4) * 8 + s.depth; }},
    {"byte a match expects", 288 * 8, [](const S& s) { return s.expected * 8 + s.depth; }},
    {"third last byte", 256 * 8, [](const S& s) { return s.state.back(3) * 8 + s.depth; }},
    // From here on at -9: 100,000 bytes each of obj2, ooffice, git and a sqlite database, 150,000 of osdb
    // 24,416, 32,229, 30,965, 6,817, 38,109 -> 24,337, 32,182, 30,943, 6,800, 38,012.
    {"follower of the last two", 257 * 8,
     [](const S& s) { return std::min(256u, s.follower2) * 8 + s.depth; }},
    {"follower of the last three", 257 * 8,
     [](const S& s) { return std::min(256u, s.follower3) * 8 + s.depth; }},
    {"high halves of the last two", 256 * 8,
     [](const S& s) { return ((s.state.back(1) & 0xf0u) | s.state.back(2) >> 4) * 8 + s.depth; }},
    {"fifth last byte", 256 * 8, [](const S& s) { return s.state.back(5) * 8 + s.depth; }},
    {"sixth last byte", 256 * 8, [](const S& s) { return s.state.back(6) * 8 + s.depth; }},
};

constexpr Selector<S> finals[] = {
    {"byte so far", 256, [](const S& s) { return s.value; }},
    {"last byte", 256 * 8, [](const S& s) { return s.state.back(1) * 8 + s.depth; }},
    {"match and contexts seen", 256, [](const S& s) { return s.match * 16 + s.seen; }},
    {"place", byte_place_rows, [](const S& s) { return s.place; }},
};

constexpr Selector<S> apms[] = {
    {"last byte, byte so far", 65536, [](const S& s) { return s.state.back(1) * 256 + s.value; }},
    {"hash of the last two bytes, byte so far", 65536,
     [](const S& s) { return static_cast<unsigned>(hash_mix(s.value, s.state.last(2)) % 65536); }},
    {"match and its bit", 16 * 3 * 8, [](const S& s) { return (s.match * 3 + s.expectation) * 8 + s.depth; }},
};

// A selector of machine code in place of another one.
struct Instead {
  std::size_t of;  // its place
  Selector<S> selector;
};

template <std::size_t count, std::size_t changed>
constexpr std::array<Selector<S>, count> with(const Selector<S> (&selectors)[count],
                                              const Instead (&changes)[changed]) {
  std::array<Selector<S>, count> made{};
  std::copy(std::begin(selectors), std::end(selectors), made.begin());
  for (const Instead& change : changes) {
    if (change.selector.rows > made[change.of].rows) throw std::length_error("more rows than there are");
    made[change.of] = change.selector;
  }
  return made;
}

constexpr Selector<S> part = {"part", code_parts * 8, [](const S& s) { return s.code.part * 8 + s.depth; }};
constexpr Selector<S> part_and_byte = {"part and byte so far", code_parts * 256,
                                       [](const S& s) { return s.code.part * 256 + s.value; }};
constexpr Selector<S> part_and_operand = {"part and operand", code_parts * 16,
                                          [](const S& s) { return s.code.part * 16 + s.code.operand; }};
constexpr Selector<S> decision_and_operand = {
    "part and operand, decision", code_parts * 16 * 8,
    [](const S& s) { return (s.code.part * 16 + s.code.operand) * 8 + s.depth; }};
constexpr Selector<S> decision_and_distance = {
    "part and distance of a procedure, decision", code_parts * 16 * 8,
    [](const S& s) { return (s.code.part * 16 + s.code.since) * 8 + s.depth; }};

// Which part of an instruction comes says more of it than its neighbours do. x86 (60,000 bytes each of six
// programs), each change beside those above it, at -9; -5: part and byte so far instead of byte so far -0.55;
// -0.60 %, the distance of a procedure instead of the column and the operand instead of the byte above -0.36;
// -0.48, the final ones -0.16, -0.10; -0.17, -0.12, the APM -0.10; -0.08 (another by part and operation
// -0.02), part and operand instead of kinds of the last two -0.29; -0.22. At -1, which has two sets, the last
// -1.1, with orders of its own -1.8 %, at -2 -2.2, at -3 all of them -2.4. The operation before, mod_rm or
// the field instead of a part 0.0 to -0.3. Of AArch64 the operand is the low half of the highest byte:
// instead of the last word's register -0.9, -0.8, -0.6 % at -1, -3, -5.
constexpr auto code_sets =
    with(weight_sets,
         {{1, part_and_operand}, {2, part_and_byte}, {7, decision_and_distance}, {9, decision_and_operand}});
constexpr auto code_finals = with(finals, {{0, part}, {1, decision_and_operand}});
constexpr auto code_apms =
    with(apms, {{1, {"hash of the instruction, byte so far", 65536, [](const S& s) {
                       return static_cast<unsigned>(hash_words(s.value, s.code.part, s.code.so_far) % 65536);
                     }}}});

unsigned sample(const S& s, DrawnPixels::Neighbour of) { return s.state.drawn()->sample(of); }

// Two at -1, the twelve pictures of drawing_contexts.cpp: the byte so far with the contexts that have seen it
// 80,551, with the match 80,726, with the neighbours alike 82,162, these with the byte to the north 84,590.
constexpr Selector<S> drawing_sets[] = {
    {"byte so far and channel", 256 * 4, [](const S& s) { return s.value * 4 + s.state.drawn()->channel(); }},
    {"contexts seen", 16 * 8, [](const S& s) { return s.seen * 8 + s.depth; }},
    {"neighbours alike", DrawnPixels::alike_count * 8,
     [](const S& s) { return s.state.drawn()->alike() * 8 + s.depth; }},
    {"byte to the north", 256 * 8, [](const S& s) { return sample(s, DrawnPixels::n) * 8 + s.depth; }},
    {"byte to the west", 256 * 8, [](const S& s) { return sample(s, DrawnPixels::w) * 8 + s.depth; }},
    {"match and its bit", 16 * 3 * 8, [](const S& s) { return (s.match * 3 + s.expectation) * 8 + s.depth; }},
    {"byte to the north-west", 256 * 8, [](const S& s) { return sample(s, DrawnPixels::nw) * 8 + s.depth; }},
    {"byte to the north-east", 256 * 8, [](const S& s) { return sample(s, DrawnPixels::ne) * 8 + s.depth; }},
    {"column", 256 * 8, [](const S& s) { return std::min(255u, s.column / 4) * 8 + s.depth; }},
};

constexpr Selector<S> drawing_finals[] = {
    {"byte so far", 256, [](const S& s) { return s.value; }},
    {"neighbours alike", DrawnPixels::alike_count * 8,
     [](const S& s) { return s.state.drawn()->alike() * 8 + s.depth; }},
    {"match and contexts seen", 256, [](const S& s) { return s.match * 16 + s.seen; }},
};

using Q = QuestionSituation;

constexpr Selector<Q> question_sets[] = {
    {"votes", ByteGuess::votes_count, [](const Q& q) { return q.votes; }},
    {"last byte", 256 * 8, [](const Q& q) { return q.state.back(1) * 8 + q.sure; }},
    {"guess", 256 * 8, [](const Q& q) { return q.guess * 8 + q.sure; }},
    {"match and contexts seen", 256, [](const Q& q) { return q.match * 16 + q.seen; }},
    {"last byte but one", 256 * 8, [](const Q& q) { return q.state.back(2) * 8 + q.sure; }},
    {"match", 16 * 8, [](const Q& q) { return q.match * 8 + q.sure; }},
};

constexpr Selector<Q> question_final_mixers[] = {
    {"votes", ByteGuess::votes_count, [](const Q& q) { return q.votes; }},
    {"last byte", 256 * 8, [](const Q& q) { return q.state.back(1) * 8 + q.sure; }},
};

constexpr Selector<Q> question_maps[] = {
    {"guess and last byte", 65536, [](const Q& q) { return q.guess * 256 + q.state.back(1); }},
    {"hash of the last two bytes and the guess", 65536,
     [](const Q& q) { return static_cast<unsigned>(hash_mix(q.guess, q.state.last(2)) % 65536); }},
};

}  // namespace

namespace {

unsigned place_in(const RecordChain& chain) {
  return (chain.type() >> 1) % 32 * 32 + std::min(31u, chain.offset());
}
unsigned place_in(const X86Code& code) {
  const std::uint32_t operation = code.part() >= X86Code::sib ? code.operation() : code.before(0) >> 16;
  return static_cast<unsigned>(hash_mix(code.part(), operation) % byte_places);
}
unsigned place_in(const VaxCode& code) {
  const unsigned operation = code.part() == VaxCode::at_opcode ? code.before(0) & 0xffu : code.operation();
  return static_cast<unsigned>(hash_mix(code.part() * 8u + code.operand(), operation) % byte_places);
}
unsigned place_in(const M68kCode& code) {
  const bool begins = code.field() == M68kCode::Field::operation;
  const std::uint32_t operation = begins ? code.operation(0) >> 6 : code.general(0);
  const unsigned half = static_cast<unsigned>(code.field()) * 2 + (code.so_far() != 0);
  return static_cast<unsigned>(hash_mix(half, operation) % byte_places);
}

constexpr unsigned farthest = 15;  // CodePlace::since

CodePlace place_of(const WordCode& code) {
  // The word's highest byte, or the last one's where it begins.
  const unsigned quarter = code.quarter();
  const unsigned top = code.place() & 0xffu;
  return {quarter * 4 + (quarter ? top >> 3 & 3u : 0u), std::min(farthest, code.since_frame()), top & 15u,
          code.so_far()};
}
CodePlace place_of(const X86Code& code) {
  // Of immediates of eight bytes the last ones are alike.
  return {std::min<unsigned>(code.part(), code_parts - 1), std::min(farthest, code.since_end()),
          code.mod_rm() >> 3 & 7u, code.so_far()};
}
CodePlace place_of(const VaxCode& code) {
  const unsigned from = code.part();
  const unsigned to = from >= VaxCode::branch ? from - 4u : std::min<unsigned>(from, VaxCode::immediate + 3);
  return {to % code_parts, std::min(farthest, code.since_entry()), code.operand() * 2, code.so_far()};
}
CodePlace place_of(const M68kCode& code) {
  return {static_cast<unsigned>(code.field()), std::min<unsigned>(farthest, code.since_frame()), code.base(),
          hash_words(code.operation(0), code.so_far())};
}
CodePlace place_of(const HalfwordCode& code) {
  return {code.part(), std::min(farthest, code.since_frame()), code.operand(), code.so_far()};
}

}  // namespace

std::optional<unsigned> byte_place(const ByteState& state) {
  using enum ByteState::Structure;
  switch (state.structure()) {
    case word_code: return state.word_code().place();
    case chain: return place_in(state.chain());
    case x86: return place_in(state.code());
    case typeset: return state.typeset().place();
    case vax: return place_in(state.vax());
    case m68k: return place_in(state.m68k());
    case halfwords: return state.halfwords().place();
    case none: break;
  }
  if (const FloatForecast* const floats = state.floats()) return floats->place();
  return std::nullopt;
}

std::optional<CodePlace> code_place(const ByteState& state) {
  using enum ByteState::Structure;
  switch (state.structure()) {
    case word_code: return place_of(state.word_code());
    case x86: return place_of(state.code());
    case vax: return place_of(state.vax());
    case m68k: return place_of(state.m68k());
    case halfwords: return place_of(state.halfwords());
    case chain:
    case typeset:
    case none: break;
  }
  return std::nullopt;
}

ByteSelectors code_selectors() noexcept { return {code_sets, code_finals, code_apms}; }

ByteSelectors byte_selectors(bool drawing) noexcept {
  if (drawing) return {drawing_sets, drawing_finals, {}};
  return {weight_sets, finals, apms};
}
std::span<const Selector<QuestionSituation>> question_weight_sets() noexcept { return question_sets; }
std::span<const Selector<QuestionSituation>> question_finals() noexcept { return question_final_mixers; }
std::span<const Selector<QuestionSituation>> question_apms() noexcept { return question_maps; }

}  // namespace ssmz::codec
