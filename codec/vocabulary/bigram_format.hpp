// SPDX-License-Identifier: Apache-2.0
// Constants of the vocabulary file's bigram section (data/VOCABULARY.md) that reader and writer share.
// FORMAT.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec::bigram_format {

/// What a node's logit moves by where a context has something to say of it, by the number stored. Steps grow
/// with size: near 0 they are as fine as some hundred occurrences can tell.
inline constexpr std::array<float, 15> shifts = {-5.0f, -3.6f, -2.6f, -1.8f, -1.15f, -0.65f, -0.3f, 0.0f,
                                                 0.3f,  0.65f, 1.15f, 1.8f,  2.6f,   3.6f,   5.0f};

/// A node is one symbol: which shift, and below which of its children the context has more to say.
inline constexpr unsigned symbol_count = static_cast<unsigned>(shifts.size()) * 4;
constexpr unsigned symbol_of(unsigned shift, unsigned children) { return shift * 4 + children; }

/// Nodes stand in preorder: where the child by `bit` of the node at `at` is, which has it. `second`: where
/// its child by 1 is, if it has both.
constexpr std::size_t child_of(std::size_t at, unsigned children, std::size_t second, unsigned bit) {
  return bit == 0 || children == 2 ? at + 1 : second;
}

/// Contexts: classes (prefixes of this many bits), then lexemes. Each has a tree for lexemes that join a word
/// (no separator before them) and for all others, both for words and others.
inline constexpr unsigned class_prefix_bits = 8;
inline constexpr unsigned class_contexts = 1u << class_prefix_bits;
constexpr unsigned class_context(unsigned distributional_class) {
  return distributional_class >> (class_bits - class_prefix_bits);
}
inline constexpr unsigned roots_per_context = 4;
constexpr unsigned root_of(bool joined, bool word) { return (joined ? 2u : 0u) + (word ? 1u : 0u); }

/// Prefix codes: by kind of context and how deep the node lies.
inline constexpr unsigned depth_buckets = 4;
inline constexpr unsigned code_count = 2 * depth_buckets;
inline constexpr unsigned code_of(bool lexeme, unsigned depth) {
  return (lexeme ? depth_buckets : 0u) + std::min(depth / 3, depth_buckets - 1);
}
inline constexpr unsigned longest_code = 12;
inline constexpr std::size_t lengths_bytes = std::size_t{code_count} * symbol_count / 2;  ///< Four bits each.

/// The canonical code of given lengths (0: unused): shorter codes first, then by symbol; a code's first bit
/// is its most significant. Returns false if the lengths overlap.
constexpr bool assign_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes) {
  unsigned next = 0;
  for (unsigned length = 1; length <= longest_code; ++length) {
    next <<= 1;
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
      if (lengths[symbol] == length) codes[symbol] = static_cast<std::uint16_t>(next++);
    if (next > 1u << length) return false;
  }
  return true;
}

}  // namespace ssmz::codec::bigram_format
