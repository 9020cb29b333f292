// SPDX-License-Identifier: Apache-2.0
// A double-array trie over the spellings of a vocabulary.
#pragma once

#include <cstdint>

#include "codec/vocabulary/table_image.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// Walks a spelling byte by byte. Children of a node sit at base XOR byte, within the 256 slots around base,
/// and no two nodes have the same base: a child is known by its parent's base's low byte. Immutable after
/// construction; 8 bytes a node (12 with the parent's number; a short input reads all over the table).
class LexemeTrie {
 public:
  explicit LexemeTrie(const Vocabulary& vocabulary);
  /// As write() left it.
  explicit LexemeTrie(TableImageReader& image) noexcept { image(nodes_); }
  void write(TableImageWriter& image) const { image(nodes_); }

  static constexpr std::uint32_t root = 0;
  static constexpr std::uint32_t none = 0xffffffffu;

  /// Node reached from `node` by `byte`, or none.
  [[nodiscard]] std::uint32_t step(std::uint32_t node, std::uint8_t byte) const noexcept {
    const std::uint32_t base = nodes_[node].base, next = base ^ byte;
    return nodes_[next].check == (base & 0xffu) ? next : none;
  }
  /// Lexeme spelled on the way from the root to `node`, or none.
  [[nodiscard]] std::uint32_t lexeme(std::uint32_t node) const noexcept {
    const std::uint32_t lexeme = nodes_[node].lexeme;
    return lexeme == no_lexeme ? none : lexeme;
  }

 private:
  static constexpr std::uint32_t no_lexeme = 0xffffffu;
  struct Node {
    std::uint32_t base = 0;
    std::uint32_t lexeme : 24 = no_lexeme;
    std::uint32_t check : 8 =
        0;  // low byte of the parent's base; of a free slot one that is no such byte here
  };
  struct Builder;
  Table<Node> nodes_;
};

}  // namespace ssmz::codec
