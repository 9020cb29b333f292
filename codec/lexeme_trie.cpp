// SPDX-License-Identifier: Apache-2.0
// Builds the double array: first-fit over a list of free slots, spellings in sorted order.
#include "codec/lexeme_trie.hpp"

#include <string_view>

namespace ssmz::codec {

struct LexemeTrie::Builder {
  const Vocabulary& vocabulary;
  std::vector<Node>& nodes;
  std::vector<std::uint32_t> next_free;  // Ring of free slots through slot 0, which is the root.
  std::vector<std::uint32_t> previous_free;

  Builder(const Vocabulary& v, std::vector<Node>& n) : vocabulary(v), nodes(n) {
    add_block();
    take(root);
    nodes[root].parent = none - 1;  // Taken, and no node's child.
  }

  // Slots are added 256 at a time: base XOR byte never leaves the block of base.
  void add_block() {
    const auto first = static_cast<std::uint32_t>(nodes.size());
    nodes.resize(first + 256);
    next_free.resize(first + 256);
    previous_free.resize(first + 256);
    const std::uint32_t head = 0;
    std::uint32_t last = first == 0 ? head : previous_free[head];
    for (std::uint32_t slot = first == 0 ? 1 : first; slot < first + 256; ++slot) {
      next_free[last] = slot;
      previous_free[slot] = last;
      last = slot;
    }
    next_free[last] = head;
    previous_free[head] = last;
  }

  void take(std::uint32_t slot) {
    if (slot == 0) return;
    next_free[previous_free[slot]] = next_free[slot];
    previous_free[next_free[slot]] = previous_free[slot];
  }

  bool fits(std::uint32_t base, const std::vector<std::uint8_t>& labels) const {
    for (std::uint8_t label : labels) {
      const std::uint32_t slot = base ^ label;
      if (slot == 0 || nodes[slot].parent != none) return false;
    }
    return true;
  }

  // Nodes with many children go to a fresh block when the next few free slots do not serve: keeps the build
  // linear.
  std::uint32_t find_base(const std::vector<std::uint8_t>& labels) {
    int tries = 64;
    for (std::uint32_t slot = next_free[0]; slot != 0 && tries > 0; slot = next_free[slot], --tries) {
      const std::uint32_t base = slot ^ labels[0];
      if (fits(base, labels)) return base;
    }
    const auto first = static_cast<std::uint32_t>(nodes.size());
    add_block();
    return first;
  }

  // Lexemes [low, high) share the `depth` bytes spelled by `node`.
  void fill(std::uint32_t node, LexemeId low, LexemeId high, std::size_t depth) {
    if (low < high && vocabulary.spelling(low).size() == depth) nodes[node].lexeme = low++;
    if (low == high) {
      nodes[node].base =
          node;  // Slot `node ^ byte` never has `node` as parent unless it is a child: there is none.
      return;
    }
    std::vector<std::uint8_t> labels;
    std::vector<LexemeId> starts;
    for (LexemeId id = low; id < high; ++id) {
      const auto label = static_cast<std::uint8_t>(vocabulary.spelling(id)[depth]);
      if (labels.empty() || labels.back() != label) {
        labels.push_back(label);
        starts.push_back(id);
      }
    }
    starts.push_back(high);
    const std::uint32_t base = find_base(labels);
    nodes[node].base = base;
    for (std::uint8_t label : labels) {
      nodes[base ^ label].parent = node;
      take(base ^ label);
    }
    for (std::size_t i = 0; i < labels.size(); ++i)
      fill(base ^ labels[i], starts[i], starts[i + 1], depth + 1);
  }
};

LexemeTrie::LexemeTrie(const Vocabulary& vocabulary) {
  Builder builder(vocabulary, nodes_);
  builder.fill(root, 0, static_cast<LexemeId>(vocabulary.size()), 0);
}

}  // namespace ssmz::codec
