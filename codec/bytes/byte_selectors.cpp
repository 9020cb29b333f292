// SPDX-License-Identifier: Apache-2.0
// The tables of the byte model's selectors.
#include "codec/bytes/byte_selectors.hpp"

#include <algorithm>

#include "codec/predict/context_bank.hpp"

namespace ssmz::codec {
namespace {

using S = ByteSituation;

constexpr Selector<S> weight_sets[] = {
    {"byte so far", 256, [](const S& s) { return s.value; }},
    {"last byte", 256 * 8, [](const S& s) { return s.state.back(1) * 8 + s.depth; }},
    {"last byte but one", 256 * 8, [](const S& s) { return s.state.back(2) * 8 + s.depth; }},
    {"match and its bit", 16 * 3 * 8, [](const S& s) { return (s.match * 3 + s.expectation) * 8 + s.depth; }},
    {"contexts seen", 16 * 8, [](const S& s) { return s.seen * 8 + s.depth; }},
    {"column", 256 * 8, [](const S& s) { return std::min(255u, s.column) * 8 + s.depth; }},
    {"byte above", 256 * 8, [](const S& s) { return s.state.back(s.record) * 8 + s.depth; }},
    {"kinds of the last two", 256, [](const S& s) { return s.state.kinds() & 0xffu; }},
    {"column and byte so far", 32 * 64,
     [](const S& s) { return std::min(31u, s.column) * 64 + (s.value & 63u); }},
    {"kinds of the last three", 4096, [](const S& s) { return s.state.kinds() & 0xfffu; }},
    {"fourth last byte", 256 * 8, [](const S& s) { return s.state.back(4) * 8 + s.depth; }},
    {"byte a match expects", 288 * 8, [](const S& s) { return s.expected * 8 + s.depth; }},
    {"third last byte", 256 * 8, [](const S& s) { return s.state.back(3) * 8 + s.depth; }},
    {"place", byte_place_rows, [](const S& s) { return s.place; }},
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

}  // namespace

// The place in a record of type and length or in an
// instruction; without such the part of the byte that is known.
unsigned byte_place(const ByteState& state, unsigned value, unsigned depth) {
  const RecordChain& chain = state.chain();
  const X86Code& code = state.code();
  unsigned place = 0;
  if (chain.active()) {
    place = (chain.type() >> 1) % 32 * 32 + std::min(31u, chain.offset());
  } else if (code.active()) {
    const std::uint32_t operation = code.part() >= X86Code::sib ? code.operation() : code.before(0) >> 16;
    place = static_cast<unsigned>(hash_mix(code.part(), operation) % 1024);
  } else if (state.typeset().active()) {
    place = state.typeset().place();
  } else {
    return value;
  }
  return 256 + place * 8 + depth;
}

std::span<const Selector<ByteSituation>> byte_weight_sets() noexcept { return weight_sets; }
std::span<const Selector<ByteSituation>> byte_finals() noexcept { return finals; }
std::span<const Selector<ByteSituation>> byte_apms() noexcept { return apms; }

}  // namespace ssmz::codec
