// SPDX-License-Identifier: Apache-2.0
// What the vocabulary knows of which lexeme follows which: shifts of the logits of the code tree's nodes.
#pragma once

#include <cstdint>
#include <span>

#include "codec/vocabulary/bigram_format.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/table_image.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

/// Immutable; reading it takes some 3 ms for 150 kB. FORMAT. A context's part of the code tree is walked
/// beside the tree itself. A node takes a byte, and three more where both its children are there: 0.7 instead
/// of the 2.9 MB that eight bytes a node took, of which a short input reads all over.
class BigramPrior {
 public:
  /// A place in a context's part of the tree; 0: the context says nothing here, nor below.
  using Place = std::uint32_t;

  /// `section`: the vocabulary file's. Errors: vocabulary_damaged; 4 bytes of memory for a bit at most.
  static Result<BigramPrior> read(std::span<const std::uint8_t> section, const Vocabulary& vocabulary,
                                  const CodeTree& tree);
  /// As write() left it.
  BigramPrior(const Vocabulary& vocabulary, TableImageReader& image) noexcept : vocabulary_(&vocabulary) {
    each_table(*this, image);
  }
  void write(TableImageWriter& image) const { each_table(*this, image); }

  /// Roots of what the class of `last`, and `last` itself, say of the next lexeme. `joined`: no separator
  /// stands before it; `word`: which tree it is in.
  [[nodiscard]] Place class_root(LexemeId last, bool joined, bool word) const noexcept;
  [[nodiscard]] Place lexeme_root(LexemeId last, bool joined, bool word) const noexcept;
  [[nodiscard]] Place child(Place place, unsigned bit) const noexcept {
    const unsigned children = nodes_[place] & both_children;
    if (!(children >> bit & 1u)) return 0;
    if (children != both_children) return place + 1;
    return place + (bit == 0 ? second_bytes + 1 : second(place));
  }
  /// Loads what lexeme_root() reads into the cache.
  void prefetch_root(LexemeId last) const noexcept {
    __builtin_prefetch(&roots_[std::size_t{lexeme_contexts_[last]} * bigram_format::roots_per_context]);
  }
  /// Loads what child() may lead to into the cache: the first child stands beside its parent.
  void prefetch_children(Place place) const noexcept {
    if ((nodes_[place] & both_children) == both_children) __builtin_prefetch(&nodes_[place + second(place)]);
  }
  /// To be added to the logit of a 1; 0 at place 0.
  [[nodiscard]] float shift(Place place) const noexcept {
    return bigram_format::shifts[nodes_[place] / (both_children + 1)];
  }

 private:
  class Reader;
  static constexpr unsigned both_children = 3;
  static constexpr unsigned second_bytes = 3;  // a context has no more nodes than the code tree
  BigramPrior() = default;
  // How far behind a node that has both children the second one stands.
  [[nodiscard]] std::uint32_t second(Place place) const noexcept {
    const std::uint8_t* const bytes = nodes_.data() + place + 1;
    return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16;
  }
  template <class Prior, class Image>
  static void each_table(Prior& prior, Image& image) {
    image(prior.nodes_);
    image(prior.roots_);
    image(prior.lexeme_contexts_);
  }

  const Vocabulary* vocabulary_ = nullptr;
  // In preorder: a node's symbol (bigram_format::symbol_of), then second() where it has both children.
  Table<std::uint8_t> nodes_;
  Table<Place> roots_;                    // [context][root]: classes, then lexemes that have any
  Table<std::uint32_t> lexeme_contexts_;  // [lexeme]: index of its context in roots_, 0: none
};

}  // namespace ssmz::codec
