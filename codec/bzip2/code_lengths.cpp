// SPDX-License-Identifier: Apache-2.0
// A heap of nodes by weight; weights are halved until no code is too long.
#include "codec/bzip2/code_lengths.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ssmz::codec::bzip2 {
namespace {

// A weight is 256 times a frequency, and the height of the node's tree in the low byte.
constexpr unsigned height_bits = 8;
constexpr std::uint32_t height_mask = (1u << height_bits) - 1;

std::uint32_t joined_weight(std::uint32_t a, std::uint32_t b) {
  return ((a & ~height_mask) + (b & ~height_mask)) | (1 + std::max(a & height_mask, b & height_mask));
}

/// Places count from 1; place 0 holds a node lighter than all.
class NodeHeap {
 public:
  explicit NodeHeap(const std::vector<std::uint32_t>& weights) : weights_(weights), nodes_{0} {}

  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size() - 1; }

  void add(std::size_t node) {
    nodes_.push_back(node);
    std::size_t at = size();
    for (; weights_[node] < weights_[nodes_[at / 2]]; at /= 2) nodes_[at] = nodes_[at / 2];
    nodes_[at] = node;
  }

  std::size_t take_lightest() {
    const std::size_t lightest = nodes_[1], node = nodes_.back();
    nodes_[1] = node;
    nodes_.pop_back();
    std::size_t at = 1;
    while (2 * at <= size()) {
      std::size_t child = 2 * at;
      if (child < size() && weights_[nodes_[child + 1]] < weights_[nodes_[child]]) ++child;
      if (weights_[node] < weights_[nodes_[child]]) break;
      nodes_[at] = nodes_[child];
      at = child;
    }
    if (at <= size()) nodes_[at] = node;
    return lightest;
  }

 private:
  const std::vector<std::uint32_t>& weights_;
  std::vector<std::size_t> nodes_;
};

/// The longest code's length. Nodes count from 1, symbols first.
unsigned lengths_of(std::vector<std::uint32_t> weights, Lengths& lengths) {
  const std::size_t symbols = weights.size() - 1;
  std::vector<std::size_t> parents(2 * symbols + 1);
  weights.resize(2 * symbols + 1);
  NodeHeap heap(weights);
  for (std::size_t node = 1; node <= symbols; ++node) heap.add(node);
  std::size_t nodes = symbols;
  while (heap.size() > 1) {
    const std::size_t a = heap.take_lightest(), b = heap.take_lightest();
    parents[a] = parents[b] = ++nodes;
    weights[nodes] = joined_weight(weights[a], weights[b]);
    heap.add(nodes);
  }
  unsigned longest = 0;
  for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
    unsigned length = 0;
    for (std::size_t node = symbol + 1; parents[node] != 0; node = parents[node]) ++length;
    lengths[symbol] = static_cast<std::uint8_t>(length);
    longest = std::max(longest, length);
  }
  return longest;
}

}  // namespace

void find_code_lengths(std::span<const std::uint32_t> frequencies, Lengths& lengths) {
  std::vector<std::uint32_t> weights = {0};
  for (const std::uint32_t frequency : frequencies) weights.push_back(std::max(frequency, 1u) << height_bits);
  while (lengths_of(weights, lengths) > longest_written)
    for (std::size_t i = 1; i < weights.size(); ++i)
      weights[i] = (1 + (weights[i] >> height_bits) / 2) << height_bits;
}

}  // namespace ssmz::codec::bzip2
