// SPDX-License-Identifier: Apache-2.0
// Calls of processors and pages of AArch64 as addresses, and the reverse (Arm ARM DDI 0487, C4.1, and DDI
// 0406, A5; Power ISA 3.1, 2.4; SPARC V9, A.8).
#include "codec/transform/instructions.hpp"

#include <array>

#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned page_words_log2 = 10;

/// The bits of a call that say how many words it leads on.
struct Distance {
  unsigned lowest, bits;
};
constexpr std::array<Distance, processors> distances = {
    {{0, 26}, {0, 24}, {2, 24}, {}, {2, 24}, {}, {0, 30}}};

/// What an instruction leads to becomes greater by where it stands: `place` words, or pages.
std::uint32_t moved(Processor processor, std::uint32_t word, std::uint32_t place, std::uint32_t page) {
  if (call_pattern(processor).fits(word)) {
    const auto [lowest, bits] = distances[static_cast<std::size_t>(processor)];
    const std::uint32_t distance = ((std::uint32_t{1} << bits) - 1) << lowest;
    return (word & ~distance) | ((word + (place << lowest)) & distance);
  }
  if (processor != Processor::a64 || (word & 0x9f000000u) != 0x90000000u) return word;  // ADRP
  const std::uint32_t to = ((word >> 5 & 0x7ffffu) << 2 | (word >> 29 & 3u)) + page;
  return (word & 0x9f00001fu) | (to & 3u) << 29 | (to >> 2 & 0x7ffffu) << 5;
}

/// Calls each(a word's place, in bytes; what its targets are moved by, in words and in pages).
template <class Each>
void each_word(const TransformLayout& layout, std::size_t size, Each each) {
  const bool moves = layout.line % 2 == static_cast<unsigned>(InstructionTargets::addresses);
  auto place = static_cast<std::uint32_t>(layout.row * (instruction_places / instruction_size));
  for (std::size_t at = 0; at + instruction_size <= size; at += instruction_size, ++place)
    each(at, moves ? place : 0, moves ? place >> page_words_log2 : 0);
}

}  // namespace

bool valid_instructions_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line < 2 * processors;
}

std::vector<std::uint8_t> from_instructions(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  const Processor processor = processor_of(layout);
  each_word(layout, raw.size(), [&](std::size_t at, std::uint32_t place, std::uint32_t page) {
    const std::uint32_t word = instruction_at(raw.subspan(at), low_byte_first(processor));
    ByteOrder{true}.put(moved(processor, word, place, page), instruction_size, plain, at);
  });
  return plain;
}

void append_instructions(const TransformLayout& layout, Bytes plain, std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  const Processor processor = processor_of(layout);
  each_word(layout, plain.size(), [&](std::size_t at, std::uint32_t place, std::uint32_t page) {
    const std::uint32_t word = instruction_at(plain.subspan(at), false);
    ByteOrder{!low_byte_first(processor)}.put(moved(processor, word, 0u - place, 0u - page), instruction_size,
                                              raw, start + at);
  });
}

}  // namespace ssmz::codec
