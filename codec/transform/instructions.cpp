// SPDX-License-Identifier: Apache-2.0
// Branches and pages of AArch64 as addresses (Arm ARM, C4.1), and the reverse.
#include "codec/transform/instructions.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned page_words_log2 = 10;

std::uint32_t high_first(Bytes word) {
  return word[3] | std::uint32_t{word[2]} << 8 | std::uint32_t{word[1]} << 16 | std::uint32_t{word[0]} << 24;
}

/// What an instruction leads to becomes greater by where it stands: `place` words, or pages.
std::uint32_t moved(std::uint32_t word, std::uint32_t place, std::uint32_t page) {
  constexpr std::uint32_t distance = 0x3ffffff;
  if ((word & ~distance) == 0x94000000u) return (word & ~distance) | ((word + place) & distance);  // BL
  if ((word & 0x9f000000u) != 0x90000000u) return word;                                            // ADRP
  const std::uint32_t to = ((word >> 5 & 0x7ffffu) << 2 | (word >> 29 & 3u)) + page;
  return (word & 0x9f00001fu) | (to & 3u) << 29 | (to >> 2 & 0x7ffffu) << 5;
}

/// Calls each(a word's place, in bytes; what its targets are moved by, in words and in pages).
template <class Each>
void each_word(const TransformLayout& layout, std::size_t size, Each each) {
  const bool moves = layout.line == static_cast<unsigned>(InstructionTargets::addresses);
  auto place = static_cast<std::uint32_t>(layout.row * (instruction_places / instruction_size));
  for (std::size_t at = 0; at + instruction_size <= size; at += instruction_size, ++place)
    each(at, moves ? place : 0, moves ? place >> page_words_log2 : 0);
}

}  // namespace

bool valid_instructions_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line <= static_cast<unsigned>(InstructionTargets::distances);
}

std::vector<std::uint8_t> from_instructions(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  each_word(layout, raw.size(), [&](std::size_t at, std::uint32_t place, std::uint32_t page) {
    const std::uint32_t word = moved(instruction_at(raw.subspan(at)), place, page);
    for (unsigned k = 0; k < instruction_size; ++k)
      plain[at + k] = static_cast<std::uint8_t>(word >> (24 - 8 * k));
  });
  return plain;
}

void append_instructions(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  each_word(layout, plain.size(), [&](std::size_t at, std::uint32_t place, std::uint32_t page) {
    const std::uint32_t word = moved(high_first(plain.subspan(at)), 0u - place, 0u - page);
    for (unsigned k = 0; k < instruction_size; ++k)
      raw[start + at + k] = static_cast<std::uint8_t>(word >> 8 * k);
  });
}

}  // namespace ssmz::codec
