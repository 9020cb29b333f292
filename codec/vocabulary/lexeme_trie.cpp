// SPDX-License-Identifier: Apache-2.0
// Builds the double array: first-fit over a list of free slots, spellings in sorted order.
#include "codec/vocabulary/lexeme_trie.hpp"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/vocabulary/vocabulary_format.hpp"

namespace ssmz::codec {

struct LexemeTrie::Builder {
  const Vocabulary& vocabulary;
  std::vector<Node>& nodes;
  std::vector<std::uint32_t> next_free;  // Ring of free slots through slot 0, which is the root.
  std::vector<std::uint32_t> previous_free;
  std::vector<bool> taken;    // [slot]
  std::vector<bool> is_base;  // [base]: some node's
  std::vector<std::uint32_t> childless;
  struct Branch {
    LexemeId low;  // The first lexeme behind it.
    std::uint8_t label;
  };
  std::vector<Branch> branches;  // Of the nodes on the way from the root, one node's after another's.

  Builder(const Vocabulary& v, std::vector<Node>& n) : vocabulary(v), nodes(n) {
    add_block();
    take(root);
  }

  // Slots are added 256 at a time: base XOR byte never leaves the block of base.
  void add_block() {
    const auto first = static_cast<std::uint32_t>(nodes.size());
    nodes.resize(first + 256);
    next_free.resize(first + 256);
    previous_free.resize(first + 256);
    taken.resize(first + 256);
    is_base.resize(first + 256);
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
    taken[slot] = true;
    if (slot == 0) return;
    next_free[previous_free[slot]] = next_free[slot];
    previous_free[next_free[slot]] = previous_free[slot];
  }

  bool fits(std::uint32_t base, std::span<const Branch> node) const {
    if (is_base[base]) return false;
    for (const Branch& branch : node) {
      const std::uint32_t slot = base ^ branch.label;
      if (taken[slot]) return false;
    }
    return true;
  }

  // Nodes with many children go to a fresh block when the next few free slots do not serve: keeps the build
  // linear.
  std::uint32_t find_base(std::span<const Branch> node) {
    int tries = 64;
    for (std::uint32_t slot = next_free[0]; slot != 0 && tries > 0; slot = next_free[slot], --tries) {
      const std::uint32_t base = slot ^ node[0].label;
      if (fits(base, node)) return base;
    }
    const auto first = static_cast<std::uint32_t>(nodes.size());
    add_block();
    return first;
  }

  // Lexemes [low, high) share the `depth` bytes spelled by `node`.
  void fill(std::uint32_t node, LexemeId low, LexemeId high, std::size_t depth) {
    if (low < high && vocabulary.spelling(low).size() == depth) nodes[node].lexeme = low++ & 0xffffffu;
    if (low == high) {
      childless.push_back(node);
      return;
    }
    const std::size_t first = branches.size();
    for (LexemeId id = low; id < high; ++id) {
      const auto label = static_cast<std::uint8_t>(vocabulary.spelling(id)[depth]);
      if (branches.size() == first || branches.back().label != label) branches.push_back({id, label});
    }
    const std::size_t past = branches.size();
    const std::uint32_t base = find_base(std::span(branches).subspan(first));
    nodes[node].base = base;
    is_base[base] = true;
    for (std::size_t i = first; i < past; ++i) {
      const std::uint32_t child = base ^ branches[i].label;
      nodes[child].check = base & 0xffu;
      take(child);
    }
    for (std::size_t i = first; i < past; ++i) {
      const LexemeId next = i + 1 < past ? branches[i + 1].low : high;
      fill(base ^ branches[i].label, branches[i].low, next, depth + 1);
    }
    branches.resize(first);
  }

  // What is nobody's child must not look like one. A block has fewer bases than slots where any is free: each
  // base has a child of its own. Nodes without children lead to a block of free slots.
  void close() {
    const auto nowhere = static_cast<std::uint32_t>(nodes.size());
    add_block();
    is_base[nowhere] = true;
    for (const std::uint32_t node : childless) nodes[node].base = nowhere;
    taken[root] = false;  // nobody's child
    for (std::uint32_t first = 0; first < nodes.size(); first += 256) {
      std::uint32_t nobodys = first;
      while (nobodys < first + 255 && is_base[nobodys]) ++nobodys;
      for (std::uint32_t slot = first; slot < first + 256; ++slot)
        if (!taken[slot]) nodes[slot].check = nobodys & 0xffu;
    }
  }
};

LexemeTrie::LexemeTrie(const Vocabulary& vocabulary) {
  static_assert(vocabulary_format::max_lexemes < no_lexeme);
  std::vector<Node> nodes;
  Builder builder(vocabulary, nodes);
  builder.fill(root, 0, static_cast<LexemeId>(vocabulary.size()), 0);
  builder.close();
  nodes.shrink_to_fit();
  nodes_ = Table(std::move(nodes));
}

}  // namespace ssmz::codec
