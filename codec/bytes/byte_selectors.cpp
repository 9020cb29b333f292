// SPDX-License-Identifier: Apache-2.0
// The tables of the byte model's selectors.
#include "codec/bytes/byte_selectors.hpp"

#include <algorithm>

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
    {"byte so far", 256, [](const S& s) { return s.value; }},
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

std::optional<unsigned> byte_place(const ByteState& state) {
  if (state.a64().active()) return state.a64().place();
  const RecordChain& chain = state.chain();
  const X86Code& code = state.code();
  if (chain.active()) return (chain.type() >> 1) % 32 * 32 + std::min(31u, chain.offset());
  if (code.active()) {
    const std::uint32_t operation = code.part() >= X86Code::sib ? code.operation() : code.before(0) >> 16;
    return static_cast<unsigned>(hash_mix(code.part(), operation) % byte_places);
  }
  if (state.typeset().active()) return state.typeset().place();
  if (const VaxCode& vax = state.vax(); vax.active()) {
    const unsigned operation = vax.part() == VaxCode::at_opcode ? vax.before(0) & 0xffu : vax.operation();
    return static_cast<unsigned>(hash_mix(vax.part() * 8u + vax.operand(), operation) % byte_places);
  }
  if (const M68kCode& m68k = state.m68k(); m68k.active()) {
    const bool begins = m68k.field() == M68kCode::Field::operation;
    const std::uint32_t operation = begins ? m68k.operation(0) >> 6 : m68k.operation(0) & 0xf1f8u;
    const unsigned part = static_cast<unsigned>(m68k.field()) * 2 + (m68k.so_far() != 0);
    return static_cast<unsigned>(hash_mix(part, operation) % byte_places);
  }
  if (const FloatForecast* const floats = state.floats()) return floats->place();
  return std::nullopt;
}

ByteSelectors byte_selectors(bool drawing) noexcept {
  if (drawing) return {drawing_sets, drawing_finals, {}};
  return {weight_sets, finals, apms};
}
std::span<const Selector<QuestionSituation>> question_weight_sets() noexcept { return question_sets; }
std::span<const Selector<QuestionSituation>> question_finals() noexcept { return question_final_mixers; }
std::span<const Selector<QuestionSituation>> question_apms() noexcept { return question_maps; }

}  // namespace ssmz::codec
