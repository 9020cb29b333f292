// SPDX-License-Identifier: Apache-2.0
// The binary code trees: every lexeme is a leaf, every inner node one binary decision.
#pragma once

#include <array>
#include <cstdint>

#include "codec/vocabulary/table_image.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// In which order lexemes stand at the leaves of a tree, and how far a split may leave the weight's middle
/// for a boundary between groups that belong together.
struct TreeShape {
  enum class Order : std::uint8_t { distributional, lexicographic };
  Order order = Order::distributional;
  /// Sixty-fourths of the node's weight that a split may lie off the middle, 0..31.
  unsigned slack = 12;
};

/// Two trees over the lexemes (word and other; a decision before the path chooses which) and one over the
/// letters of a spelled word. Deterministic from the vocabulary. Coherent: subtrees hold lexemes that belong
/// together (distributional class first, then spelling), split at the weight's middle. Node ids:
/// 0..inner_count()-1 over all trees, parents before children, the letters' first.
class CodeTree {
 public:
  explicit CodeTree(const Vocabulary& vocabulary, TreeShape shape = {});
  /// As write() left it.
  explicit CodeTree(TableImageReader& image) noexcept { each_table(*this, image); }
  void write(TableImageWriter& image) const { each_table(*this, image); }

  static constexpr std::uint32_t leaf_flag = 0x80000000u;
  /// Child reached from `node` by `bit`: an inner node id, or leaf_flag | lexeme id.
  [[nodiscard]] std::uint32_t child(std::uint32_t node, unsigned bit) const noexcept {
    return children_[2 * node + bit];
  }
  /// Loads the children of what child() leads to, and their prior, into the cache.
  void prefetch_children(std::uint32_t node) const noexcept {
    for (unsigned bit = 0; bit < 2; ++bit) {
      const std::uint32_t next = child(node, bit);
      if (next & leaf_flag) continue;
      __builtin_prefetch(&children_[2 * next]);
      __builtin_prefetch(&priors_[next]);
    }
  }
  /// Root of the tree of words (true) or others (false); has leaf_flag if that tree is a single leaf.
  [[nodiscard]] std::uint32_t root(bool word) const noexcept { return roots_[word ? 1 : 0]; }
  /// Root of the tree of letters: every byte from 'a' to 'z' and from 0x80 on, and the word's end.
  [[nodiscard]] std::uint32_t letter_root() const noexcept { return letter_root_; }
  static constexpr std::size_t letter_leaves = 26 + 128 + 1;  ///< Of the tree of letters.
  /// Inner nodes of the tree of letters: ids below this.
  [[nodiscard]] std::uint32_t letter_nodes() const noexcept { return letter_nodes_; }
  [[nodiscard]] std::uint32_t inner_count() const noexcept {
    return static_cast<std::uint32_t>(children_.size() / 2);
  }
  /// Path of a lexeme from its root: `depth` bits, first decision in bit 0.
  struct Path {
    std::uint64_t bits;
    std::uint8_t depth;
  };
  [[nodiscard]] Path path(LexemeId lexeme) const noexcept { return unpacked(paths_[lexeme]); }
  static constexpr unsigned end_letter = 256;
  /// Path of a letter (a byte, or end_letter) from letter_root(); depth 0 for a byte that is no letter.
  [[nodiscard]] Path letter_path(unsigned letter) const noexcept { return unpacked(letter_paths_[letter]); }
  /// Longest path; the construction keeps it at or under 58.
  [[nodiscard]] unsigned max_depth() const noexcept { return max_depth_; }
  /// Probability of bit 1 at `node` by the unigram weights, 16 bit, in 1..65535.
  [[nodiscard]] std::uint16_t prior(std::uint32_t node) const noexcept { return priors_[node]; }

 private:
  struct Builder;
  // A path in one word: its bits, and its depth in the six highest.
  using PackedPath = std::uint64_t;
  static constexpr unsigned path_bits = 58;
  static constexpr PackedPath packed(Path path) noexcept {
    return path.bits | PackedPath{path.depth} << path_bits;
  }
  static constexpr Path unpacked(PackedPath path) noexcept {
    return {path & ((PackedPath{1} << path_bits) - 1), static_cast<std::uint8_t>(path >> path_bits)};
  }
  template <class Tree, class Image>
  static void each_table(Tree& tree, Image& image) {
    image(tree.children_);
    image(tree.priors_);
    image(tree.paths_);
    image(tree.letter_paths_);
    image(tree.roots_);
    image(tree.letter_root_);
    image(tree.letter_nodes_);
    image(tree.max_depth_);
  }

  Table<std::uint32_t> children_;
  Table<std::uint16_t> priors_;
  Table<PackedPath> paths_;
  std::array<PackedPath, end_letter + 1> letter_paths_{};
  std::uint32_t roots_[2] = {0, 0};
  std::uint32_t letter_root_ = 0;
  std::uint32_t letter_nodes_ = 0;
  unsigned max_depth_ = 0;
};

}  // namespace ssmz::codec
