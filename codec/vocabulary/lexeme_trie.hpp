// SPDX-License-Identifier: Apache-2.0
// A double-array trie over the spellings of a vocabulary.
#pragma once

#include <cstdint>

#include "codec/vocabulary/table_image.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// Walks a spelling byte by byte. Children of a node sit at base XOR byte, so a step is one load and one
/// compare. Immutable after construction; 12 bytes a node.
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
    const std::uint32_t next = nodes_[node].base ^ byte;
    return nodes_[next].parent == node ? next : none;
  }
  /// Lexeme spelled on the way from the root to `node`, or none.
  [[nodiscard]] std::uint32_t lexeme(std::uint32_t node) const noexcept { return nodes_[node].lexeme; }

 private:
  struct Node {
    std::uint32_t base = 0;
    std::uint32_t parent = none;
    std::uint32_t lexeme = none;
  };
  struct Builder;
  Table<Node> nodes_;
};

}  // namespace ssmz::codec
