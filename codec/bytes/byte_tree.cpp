// SPDX-License-Identifier: Apache-2.0
// Halving the weight of a range of bytes, again and again.
#include "codec/bytes/byte_tree.hpp"

#include "codec/base/log2.hpp"

namespace ssmz::codec {
namespace {

// Hundredths of a decision that a bound costs for each bit by which it is less round than others: nodes then
// stand for the same bits more often. 0, 4, 7, 10, 15 at -1: 60,000 bytes of kennedy.xls 1,953, 1,927, 1,891,
// 1,825, 1,814 in 3.9, 3.9, 3.9, 4.0, 4.1 decisions a byte (bit by bit 1,854), of trans 8,835, 8,817, 8,738,
// 8,723, 8,720, of a sqlite database 7,590, 7,426, 7,427, 7,422, 7,377 (7,247), 40,000 bytes of numbers in
// lines 10,498, 10,468, 10,422, 10,373, 10,385 in 5.8, 4.8, 4.8, 5.2, 5.5 (10,402); all this before a byte at
// the edge of a range was told from others, which gives the last 4.4 instead of 5.2.
constexpr std::uint64_t roundness = 10;

// Ranges as deep as this are halved by number.
constexpr unsigned weighed_depth = 20;

// Of a byte of a class: most of class 0 do not come at all.
unsigned weight_of(unsigned frequency) { return frequency ? 4u << 2 * frequency : 1; }

// Decisions that a range of bytes takes, times their weights: about as many as its entropy has bits, and no
// fewer than there can be. One decision leads to the first byte or to the last, two to any other.
std::uint64_t decisions_below(const ByteTree::Sums& sums, unsigned first, unsigned end) {
  if (first + 1 == end) return 0;
  const std::uint64_t weight = sums[end].weight - sums[first].weight;
  if (first + 2 == end) return weight;
  const std::uint64_t information = sums[end].information - sums[first].information;
  const std::uint64_t at_edge =
      std::max(sums[first + 1].weight - sums[first].weight, sums[end].weight - sums[end - 1].weight);
  return std::max(2 * weight - at_edge, (weight * log2_sixteenths(weight) - information) / 16);
}

unsigned number_of(unsigned bound) { return (256 + bound) >> (std::countr_zero(bound) + 1); }

}  // namespace

ByteTree::ByteTree(const ByteFrequencies& frequencies) {
  Sums sums{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::uint64_t weight = weight_of(frequencies[byte]);
    sums[byte + 1] = {sums[byte].weight + weight, sums[byte].information + weight * log2_sixteenths(weight)};
  }
  root_ = build(sums, 0, 256, {});
}

unsigned ByteTree::build(const Sums& sums, unsigned first, unsigned end, SymbolPath path) {
  if (first + 1 == end) {
    paths_[first] = path;
    return leaf + first;
  }
  unsigned bound = (first + end) / 2;
  std::uint64_t least = ~std::uint64_t{0};
  for (unsigned b = first + 1; b < end && path.depth < weighed_depth; ++b) {
    const auto bits_behind = static_cast<unsigned>(7 - std::countr_zero(b));
    const std::uint64_t cost = (sums[end].weight - sums[first].weight) * roundness * bits_behind +
                               100 * (decisions_below(sums, first, b) + decisions_below(sums, b, end));
    if (cost >= least) continue;
    least = cost;
    bound = b;
  }
  const unsigned node = number_of(bound);
  const std::uint64_t one = std::uint64_t{1} << path.depth++;
  children_[node][0] = static_cast<std::uint16_t>(build(sums, first, bound, path));
  path.bits |= one;
  children_[node][1] = static_cast<std::uint16_t>(build(sums, bound, end, path));
  return node;
}

std::optional<ByteFrequencies> frequencies_for(std::span<const std::uint8_t> content,
                                               unsigned most_tenths) noexcept {
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint8_t byte : content) ++counts[byte];
  ByteFrequencies frequencies{};
  constexpr std::uint64_t rarest = std::uint64_t{1} << 2 * (byte_classes - 1);  // below 1 / this: class 0
  for (unsigned byte = 0; byte < counts.size(); ++byte)
    for (std::uint64_t share = rarest; share > 1 && counts[byte] * share >= content.size(); share /= 4)
      ++frequencies[byte];
  const ByteTree tree(frequencies);
  std::uint64_t decisions = 0;
  for (unsigned byte = 0; byte < counts.size(); ++byte) decisions += counts[byte] * tree.path(byte).depth;
  if (decisions * 10 > content.size() * most_tenths) return std::nullopt;
  return frequencies;
}

}  // namespace ssmz::codec
