// SPDX-License-Identifier: Apache-2.0
// Which parts of data look like code of four-byte words.
#include <algorithm>
#include <array>

#include "codec/transform/instructions.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t piece_size = 4096;  // what is judged as a whole; its borders then by instruction_places

/// What every program has and other data has not: calls and branches that are near, moves, frames, returns.
enum Mark : std::uint8_t { none, call, branch, move, marks };

/// Of a distance of so many bits in a word: whether it is one of the nearest sixteenth.
constexpr bool near(std::uint32_t word, unsigned lowest, unsigned bits) {
  const std::uint32_t high = word >> (lowest + bits - 4) & 15u;
  return high == 0 || high == 15u;
}

Mark mark_a64(std::uint32_t word) {
  switch (word >> 24) {
    case 0x94:
    case 0x97: return near(word, 0, 26) ? call : none;
    case 0x14:
    case 0x17: return near(word, 0, 26) ? branch : none;
    case 0x54: return (word & 0x10) == 0 && near(word, 5, 19) ? branch : none;
    case 0x2a:
    case 0xaa: return (word & 0x7fe0ffe0u) == 0x2a0003e0u ? move : none;
    case 0xa9: return (word & 0xff007fffu) == 0xa9007bfdu ? move : none;  // STP and LDP of frame and link
    case 0xa8: return (word & 0xffc07fffu) == 0xa8c07bfdu ? move : none;
    case 0xd6: return word == 0xd65f03c0u ? move : none;  // RET
    default: return none;
  }
}

Mark mark_arm(std::uint32_t word) {
  if (word >> 24 == 0xeb) return near(word, 0, 24) ? call : none;
  if ((word & 0x0f000000u) == 0x0a000000u) return word >> 28 < 15 && near(word, 0, 24) ? branch : none;
  const bool frame = (word & 0xffff4000u) == 0xe92d4000u || (word & 0xffff8000u) == 0xe8bd8000u;
  const bool moves = (word & 0xffff0ff0u) == 0xe1a00000u && word != 0xe1a00000u;  // of registers
  return frame || moves || word == 0xe12fff1eu ? move : none;
}

Mark mark_power(std::uint32_t word) {
  switch (word >> 26) {
    case 18: return word & 2u || !near(word, 2, 24) ? none : word & 1u ? call : branch;
    case 16: return word & 3u || !near(word, 2, 14) ? none : branch;
    case 19: return word == 0x4e800020u ? move : none;  // blr
    case 31: {
      const bool moves = (word & 0x7ffu) == 0x378u && (word >> 21 & 31u) == (word >> 11 & 31u);
      const bool links = (word & 0xfc1fffffu) == 0x7c0802a6u || (word & 0xfc1fffffu) == 0x7c0803a6u;
      return moves || links ? move : none;
    }
    case 37: return word >> 16 == 0x9421u ? move : none;  // stwu, stdu: frames
    case 62: return word >> 16 == 0xf821u ? move : none;
    default: return none;
  }
}

Mark mark_mips(std::uint32_t word) {
  if (word == 0x0320f809u || word >> 16 == 0x0411u || word >> 26 == 3) return call;
  if ((word >> 26 == 4 || word >> 26 == 5) && near(word, 0, 16)) return branch;
  const bool frame = word >> 16 == 0x27bdu || word >> 16 == 0xafbfu || word >> 16 == 0x8fbfu;
  const bool moves = (word & 0xfc1f07ffu) == 0x00000025u || (word & 0xfc1f07ffu) == 0x0000002du;
  return frame || moves || word == 0x03e00008u ? move : none;
}

Mark mark_sparc(std::uint32_t word) {
  if (word >> 30 == 1) return near(word, 0, 30) ? call : none;
  if (word >> 30 == 0) {
    const std::uint32_t form = word >> 22 & 7u;
    if (form == 2) return near(word, 0, 22) ? branch : none;
    return form == 1 && near(word, 0, 19) ? branch : none;
  }
  const bool frame = word >> 12 == 0x9de3bu || word >> 16 == 0x81e8u;
  const bool moves = (word & 0xc1ffffe0u) == 0x80100000u;
  return frame || moves || word == 0x81c7e008u || word == 0x81c3e008u ? move : none;
}

struct Program {
  Processor processor;
  Mark (*mark_of)(std::uint32_t);
  std::uint32_t open_call;  ///< The linker will say where to; 0: there are none.
  std::array<std::uint64_t, 4> usual;
};

/// Sets of bytes, 64 a word.
template <std::size_t count>
constexpr std::array<std::uint64_t, 4> set_of(const std::uint8_t (&bytes)[count]) {
  std::array<std::uint64_t, 4> set{};
  for (const std::uint8_t byte : bytes) set[byte / 64] |= std::uint64_t{1} << byte % 64;
  return set;
}

// Highest bytes of usual instructions, one in 500 or more: of compiled programs nine in ten. Not 0, which
// much else has.
constexpr auto usual_a64 =
    set_of({0x0a, 0x0b, 0x0e, 0x0f, 0x11, 0x12, 0x13, 0x14, 0x17, 0x1a, 0x1b, 0x1e, 0x1f, 0x2a, 0x2e,
            0x2f, 0x31, 0x32, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3c, 0x3d, 0x4a, 0x4b, 0x4e, 0x4f,
            0x51, 0x52, 0x53, 0x54, 0x5a, 0x5e, 0x6a, 0x6b, 0x6d, 0x6e, 0x6f, 0x71, 0x72, 0x78, 0x79,
            0x7a, 0x7e, 0x8a, 0x8b, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x9a, 0x9b, 0x9e, 0xa8, 0xa9,
            0xaa, 0xb0, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xbd, 0xca, 0xcb, 0xd0, 0xd1,
            0xd2, 0xd3, 0xd5, 0xd6, 0xda, 0xea, 0xeb, 0xf0, 0xf1, 0xf2, 0xf8, 0xf9, 0xfa, 0xfc, 0xfd});
constexpr auto usual_arm = set_of({0x01, 0x03, 0x05, 0x0a, 0x12, 0x13, 0x15, 0x1a, 0x2a, 0x3a, 0x8a, 0x9a,
                                   0xca, 0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe7, 0xe8, 0xe9, 0xea, 0xeb});
constexpr auto usual_power =
    set_of({0x28, 0x2c, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3f, 0x40, 0x41, 0x42, 0x48, 0x4b,
            0x4c, 0x4e, 0x54, 0x55, 0x57, 0x60, 0x61, 0x71, 0x78, 0x79, 0x7b, 0x7c, 0x7d, 0x7e,
            0x7f, 0x80, 0x81, 0x82, 0x83, 0x89, 0x90, 0x91, 0x92, 0x93, 0x94, 0x99, 0xc8, 0xe8,
            0xe9, 0xea, 0xeb, 0xf0, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xff});
constexpr auto usual_mips =
    set_of({0x01, 0x02, 0x03, 0x04, 0x10, 0x12, 0x14, 0x16, 0x24, 0x26, 0x27, 0x2c, 0x30, 0x34, 0x3c,
            0x44, 0x46, 0x7c, 0x80, 0x82, 0x8c, 0x8e, 0x8f, 0x90, 0xa0, 0xa2, 0xac, 0xae, 0xaf});
constexpr auto usual_sparc =
    set_of({0x01, 0x02, 0x03, 0x05, 0x08, 0x0a, 0x10, 0x11, 0x12, 0x13, 0x18, 0x22, 0x2f, 0x32, 0x40,
            0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x90, 0x91, 0x92, 0x93,
            0x94, 0x95, 0x96, 0x98, 0x9a, 0x9d, 0x9f, 0xa0, 0xa2, 0xa4, 0xa6, 0xa8, 0xae, 0xb0, 0xb1,
            0xb2, 0xb4, 0xb6, 0xb8, 0xba, 0xc0, 0xc1, 0xc2, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xd0, 0xd1,
            0xd2, 0xd4, 0xd5, 0xe0, 0xee, 0xf0, 0xf2, 0xf4, 0xf6, 0xf8, 0xfa});

constexpr std::array<Program, processors> programs = {{
    {Processor::a64, mark_a64, 0x94000000, usual_a64},
    {Processor::arm, mark_arm, 0xebfffffe, usual_arm},
    {Processor::powerpc_low, mark_power, 0x48000001, usual_power},
    {Processor::mips_low, mark_mips, 0, usual_mips},
    {Processor::powerpc, mark_power, 0x48000001, usual_power},
    {Processor::mips, mark_mips, 0, usual_mips},
    {Processor::sparc, mark_sparc, 0x40000000, usual_sparc},
}};

constexpr bool is_usual(const Program& program, std::uint32_t word) {
  return program.usual[word >> 30] >> (word >> 24 & 63u) & 1u;
}

/// By the byte at a word's beginning, or end: of each processor that has it as the highest byte there a 1 in
/// the eight bits that are its own.
constexpr auto lanes_of(bool low_first) {
  std::array<std::uint64_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    for (unsigned p = 0; p < processors; ++p)
      if (low_byte_first(programs[p].processor) == low_first && is_usual(programs[p], byte << 24))
        table[byte] |= std::uint64_t{1} << 8 * p;
  return table;
}
constexpr auto first_lanes = lanes_of(false), last_lanes = lanes_of(true);

/// How many of 128 words are usual ones of each processor, in eight bits each.
std::uint64_t usual_words(Bytes words) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < instruction_places; at += instruction_size)
    sum += first_lanes[words[at]] + last_lanes[words[at + 3]];
  return sum;
}

struct Counts {
  std::size_t usual = 0, open_calls = 0;
  std::array<std::size_t, marks> of{};
};

/// Of what is no word again and again.
Counts count(const Program& program, Bytes words) {
  const bool low_first = low_byte_first(program.processor);
  Counts counts;
  std::uint32_t before = 0;
  for (std::size_t at = 0; at + instruction_size <= words.size(); at += instruction_size) {
    const std::uint32_t word = instruction_at(words.subspan(at), low_first);
    if (!is_usual(program, word)) continue;
    const bool open = word == program.open_call;
    if (word == before && !open) continue;
    before = word;
    ++counts.usual;
    counts.open_calls += open;
    ++counts.of[open ? call : program.mark_of(word)];
  }
  return counts;
}

// Pieces of 1,024 words of AArch64 code in glibc, libm and libstdc++ have 800 usual ones but for the few that
// hold tables, and of marks 40 at least; other data of this machine has three of each mark in two of 10^5
// pieces. Words of other processors, or read at another place, have marks by chance, but not moves.
bool is_code(const Program& program, Bytes piece, bool begins) {
  const Counts counts = count(program, piece);
  const std::size_t calls = counts.of[call], branches = counts.of[branch], moves = counts.of[move];
  return counts.usual >= 614 && calls + branches + moves >= 40 &&
         (calls < 3) + (branches < 3) + (moves < 3) <= 1 && (moves >= 3 || !begins);
}

/// Of a part's border, where there is too little for marks.
bool may_be_code(const Program& program, Bytes piece) { return count(program, piece).usual >= 77; }

/// nullptr: of none. Most data go after a look at an eighth of the words in each half.
const Program* program_of(Bytes piece) {
  constexpr std::uint64_t half = 64;  // of 128; of random words of AArch64 42 are usual
  const std::uint64_t begin = usual_words(piece), middle = usual_words(piece.subspan(piece.size() / 2));
  for (unsigned p = 0; p < processors; ++p) {
    const std::uint64_t more = std::max(begin >> 8 * p & 255u, middle >> 8 * p & 255u);
    if (more >= half && is_code(programs[p], piece, true)) return &programs[p];
  }
  return nullptr;
}

/// A part of `content` around the piece at `at`, which is the program's, not before `free`.
WrittenPart part_at(const Program& program, Bytes content, std::size_t at, std::size_t free) {
  const auto may_begin = [&](std::size_t border) {
    return may_be_code(program, content.subspan(border, instruction_places));
  };
  std::size_t begin = at, end = at + piece_size;
  while (end + piece_size <= content.size() && is_code(program, content.subspan(end, piece_size), false))
    end += piece_size;
  while (begin < end && !may_begin(begin)) begin += instruction_places;
  while (begin < end && !may_begin(end - instruction_places)) end -= instruction_places;
  while (begin >= free + instruction_places && may_begin(begin - instruction_places))
    begin -= instruction_places;
  while (end + instruction_places <= content.size() && may_begin(end)) end += instruction_places;
  TransformLayout layout{.transform = Transform::instructions};
  const Counts counts = count(program, content.subspan(begin, end - begin));
  const bool open = counts.open_calls > counts.of[call] - counts.open_calls;
  layout.line = instructions_line(program.processor,
                                  open ? InstructionTargets::distances : InstructionTargets::addresses);
  layout.row = static_cast<std::uint32_t>(begin / instruction_places) & longest_pixel_row;
  return {begin, end - begin, layout};
}

}  // namespace

void find_instructions(Bytes content, std::vector<WrittenPart>& parts) {
  for (std::size_t from = 0; from < instruction_size; ++from) {
    std::size_t free = from;  // behind the last part
    for (std::size_t at = from; at + piece_size <= content.size(); at += piece_size) {
      if (at < free) continue;
      const Program* const program = program_of(content.subspan(at, piece_size));
      if (!program) continue;
      const WrittenPart part = part_at(*program, content, at, free);
      free = part.at + part.size;
      if (part.size >= least_written_part) parts.push_back(part);
    }
  }
}

}  // namespace ssmz::codec
