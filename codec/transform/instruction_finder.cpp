// SPDX-License-Identifier: Apache-2.0
// Which parts of data look like AArch64 code.
#include <algorithm>
#include <array>

#include "codec/transform/instructions.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t piece_size = 4096;  // what is judged as a whole; its borders then by instruction_places

/// Highest bytes of usual instructions: of compiled programs nine in ten, of random words one in three.
constexpr auto usual = [] {
  std::array<bool, 256> table{};
  constexpr std::uint8_t highest[] = {
      0x0a, 0x0b, 0x0e, 0x0f, 0x11, 0x12, 0x13, 0x14, 0x17, 0x1a, 0x1b, 0x1e, 0x1f, 0x2a, 0x2e,
      0x2f, 0x31, 0x32, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3c, 0x3d, 0x4a, 0x4b, 0x4e, 0x4f,
      0x51, 0x52, 0x53, 0x54, 0x5a, 0x5e, 0x6a, 0x6b, 0x6d, 0x6e, 0x6f, 0x71, 0x72, 0x78, 0x79,
      0x7a, 0x7e, 0x8a, 0x8b, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x9a, 0x9b, 0x9e, 0xa8, 0xa9,
      0xaa, 0xb0, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xbd, 0xca, 0xcb, 0xd0, 0xd1,
      0xd2, 0xd3, 0xd5, 0xd6, 0xda, 0xea, 0xeb, 0xf0, 0xf1, 0xf2, 0xf8, 0xf9, 0xfa, 0xfc, 0xfd};
  for (const std::uint8_t byte : highest) table[byte] = true;
  return table;
}();

/// What every program has and other data has not: calls and branches that are near, moves, frames, returns.
enum Mark : std::uint8_t { none, call, open_call, branch, move, marks };

Mark mark_of(std::uint32_t word) {
  const std::uint32_t high = word >> 20;
  const bool near = (high & 0xe) == (high & 0x10 ? 0xe : 0);  // of branches whose sign is bit 25
  switch (word >> 24) {
    case 0x94:
    case 0x97:
      if (word == 0x94000000u) return open_call;  // to itself: the linker will say where to
      return near ? call : none;
    case 0x14:
    case 0x17: return near ? branch : none;
    case 0x54: return (word & 0x10) == 0 && ((high & 0xf) == 0 || (high & 0xf) == 0xf) ? branch : none;
    case 0x2a:
    case 0xaa: return (word & 0x7fe0ffe0u) == 0x2a0003e0u ? move : none;
    case 0xa9: return (word & 0xff007fffu) == 0xa9007bfdu ? move : none;  // STP and LDP of frame and link
    case 0xa8: return (word & 0xffc07fffu) == 0xa8c07bfdu ? move : none;
    case 0xd6: return word == 0xd65f03c0u ? move : none;  // RET
    default: return none;
  }
}

struct Counts {
  std::size_t usual = 0;
  std::array<std::size_t, marks> of{};
};

/// Of what is no word again and again.
Counts count(Bytes words) {
  Counts counts;
  std::uint32_t before = 0;
  for (std::size_t at = 0; at + instruction_size <= words.size(); at += instruction_size) {
    if (!usual[words[at + 3]]) continue;
    const std::uint32_t word = instruction_at(words.subspan(at));
    if (word == before && word != 0x94000000u) continue;
    before = word;
    ++counts.usual;
    ++counts.of[mark_of(word)];
  }
  return counts;
}

/// Of 128 words; of random ones 42 are usual.
bool begins_like_code(Bytes piece) {
  std::size_t words = 0;
  for (std::size_t at = 0; at < instruction_places; at += instruction_size) words += usual[piece[at + 3]];
  return words >= 64;
}

// Pieces of 1,024 words of glibc's, libm's and libstdc++'s code have 800 usual ones but for the few that hold
// tables, and of marks 40 at least; other data of this machine has three of each mark in two of 10^5 pieces.
bool is_code(Bytes piece) {
  // Of other data most goes here.
  if (!begins_like_code(piece) && !begins_like_code(piece.subspan(piece.size() / 2))) return false;
  const Counts counts = count(piece);
  const std::size_t calls = counts.of[call] + counts.of[open_call];
  const std::size_t branches = counts.of[branch], moves = counts.of[move];
  return counts.usual >= 614 && calls + branches + moves >= 40 &&
         (calls < 3) + (branches < 3) + (moves < 3) <= 1;
}

/// Of a part's border, where there is too little for marks.
bool may_be_code(Bytes piece) { return count(piece).usual >= 90; }

}  // namespace

void find_instructions(Bytes content, std::vector<WrittenPart>& parts) {
  const auto code_at = [&](std::size_t at) {
    return at + piece_size <= content.size() && is_code(content.subspan(at, piece_size));
  };
  const auto step = [&](std::size_t at) { return content.subspan(at, instruction_places); };
  for (std::size_t from = 0; from < instruction_size; ++from) {
    std::size_t free = from;  // behind the last part
    for (std::size_t at = from; at + piece_size <= content.size(); at += piece_size) {
      if (at < free || !code_at(at)) continue;
      std::size_t begin = at, end = at + piece_size;
      while (code_at(end)) end += piece_size;
      while (begin < end && !may_be_code(step(begin))) begin += instruction_places;
      while (begin < end && !may_be_code(step(end - instruction_places))) end -= instruction_places;
      while (begin >= free + instruction_places && may_be_code(step(begin - instruction_places)))
        begin -= instruction_places;
      while (end + instruction_places <= content.size() && may_be_code(step(end))) end += instruction_places;
      free = end;
      if (end - begin < least_written_part) continue;
      TransformLayout layout{.transform = Transform::instructions};
      const Counts counts = count(content.subspan(begin, end - begin));
      layout.line =
          static_cast<std::uint16_t>(counts.of[open_call] > counts.of[call] ? InstructionTargets::distances
                                                                            : InstructionTargets::addresses);
      layout.row = static_cast<std::uint32_t>(begin / instruction_places) & longest_pixel_row;
      parts.push_back({begin, end - begin, layout});
    }
  }
}

}  // namespace ssmz::codec
