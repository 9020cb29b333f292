// SPDX-License-Identifier: Apache-2.0
// The contexts of RISC-V and Thumb-2 code, which are FORMAT.
#include "codec/bytes/halfword_contexts.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

// From -6 on.
void list_more_halfword_code(const ByteState& s, ContextLister& list) {
  const HalfwordCode& code = s.halfwords();
  const std::uint64_t now = code.so_far();
  const unsigned r = s.records().length(0);
  list.add(now >> 8, code.known(), code.target(0));
  list.add(now, code.target(0), code.target(1), code.target(2), code.group(0), code.group(1));
  list.add(now, code.target(1), code.group(1));
  list.add(now, code.group(1), code.group(2));
  list.add(now, code.word(0) & 0xf07fu);
  list.add(now, code.operation(0), code.operation(1), code.target(0), code.target(1));
  list.add(now, code.word(1), code.word(2));
  list.add(now, code.group(0));
  list.add(now, code.word(0), code.word(1));
  list.add(now, code.word(0), code.word(1), code.word(2));
  list.add(now, code.like(), code.group(0));
  list.add(now, code.group(0), code.group(1), code.group(2));
  list.add(now, code.target(0), code.group(0), code.group(1), code.group(2));
  list.add(s.last(4));
  list.add(now, code.word(0), code.word(2));
  list.add(s.last(2));
  list.add(s.last(3));
  list.add(s.word(), s.back(1));
  list.add(s.kinds());
  list.add(s.last(6));
  list.add(s.last(5));
  list.add(0);
  list.add(s.last(3) & 0xf0f0ffu);
  list.add(s.last(4) & 0xffffe0u);
  list.add(s.kinds() & 0xffffu, s.last(2));
  list.add(s.kinds(), s.back(1));
  list.add(s.last(5) & 0xc0c0c0c0ffu);
  list.add(s.back(6), s.back(7), s.last(2));
  list.add(s.back(7), s.back(8), s.last(1));
  list.add(r, s.back(r), s.back(1));
  list.add(r, (s.back(r) + s.back(1) - s.back(r + 1)) & 0xffu, s.back(1));
}

}  // namespace

// The instruction so far, those before it, what they do, their registers. Chosen from 100, AArch64's among
// them: forward and by swaps at -1, by what leaving one out costs at -3 and -5; 25,000 bytes each of libc and
// libstdc++ of both. Against the same number of AArch64's at -1, -3, -5, -9 -1.3, -2.1, -2.6, -0.9 %.
void list_halfword_code(const ByteState& s, const ExpectedSymbol& match, ContextLister& list) {
  const HalfwordCode& code = s.halfwords();
  const std::uint64_t now = code.so_far();
  // -1.
  list.add(now >> 8, code.known(), code.group(0), code.group(1));
  list.add(s.last(2) & 0xfff0u);
  list.add(s.last(4) >> 16);
  list.add(s.last(3) >> 8);
  list.add(now);
  list.add(now, code.group(0), code.group(1), code.group(2), code.group(3), code.group(4));
  list.add(now >> 8, code.known());
  // -2.
  list.add(now, s.position() & 15u);
  list.add(s.back(3));
  list.add(now, code.operation(0));
  // -3.
  list.add(s.back(2));
  list.add(s.last(6) & 0xf0f0f0f0f0f0u);
  list.add(now, code.target(0), code.group(0));
  list.add(now, code.word(0));
  list.add(now, code.operation(0), code.operation(1), code.operation(2));
  list.add(match.id, std::min(match.length, 15u));
  // -4, -5.
  list.add(s.last(1));
  list.add(now, code.like());
  list.add(now, code.call());
  list.add(now, std::min(code.since_frame(), 31u));
  list.add(now, code.word(1));
  list.add(now, code.target(0), code.target(1));
  list.add(s.back(12), s.back(13), s.last(1));
  list.add(s.last(4) >> 8);
  list.add(now, code.group(0), code.group(1), code.group(2), code.group(3));
  list.add(now, code.operation(0), code.operation(1));
  list.add(now >> 8, code.operation(0));
  list.add(s.last(3) & 0xfff0f0u);
  list.add(s.back(4), s.position() % 4);
  list.add(now, code.group(0), code.group(1), code.group(2), code.group(3), code.group(4), code.group(5));
  list.add(now, code.operation(2));
  list.add(now, code.operation(1));
  if (!list.full()) list_more_halfword_code(s, list);
}

}  // namespace ssmz::codec
