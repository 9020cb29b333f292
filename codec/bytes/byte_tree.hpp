// SPDX-License-Identifier: Apache-2.0
// The binary tree by which the byte model codes a byte: bit by bit, or one whose frequent bytes lie near the
// root.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/coder_probability.hpp"
#include "codec/predict/symbol_path.hpp"

namespace ssmz::codec {

/// Of each byte a class of frequency, below byte_classes, each four times as frequent as the one before.
using ByteFrequencies = std::array<std::uint8_t, 256>;
inline constexpr unsigned byte_classes = 6;

/// A tree over 256 leaves in the order of the bytes: each node asks whether the byte is at least its bound,
/// 1..255. A node is known by the number that the node with this bound has in the tree of bits: the bits that
/// lead there below a 1. So all trees have the same nodes in other places, and what is learned by number is
/// alike. FORMAT.
class ByteTree {
 public:
  static constexpr unsigned leaf = 256;           ///< Plus the byte: a child that is a leaf.
  static constexpr unsigned greatest_depth = 28;  ///< Decisions of a byte, at most.

  /// Of the bytes before a byte, their weights and each weight times its logarithm.
  struct Sum {
    std::uint64_t weight = 0, information = 0;
  };
  using Sums = std::array<Sum, 257>;

  /// Bit by bit, most significant first.
  ByteTree() : ByteTree(ByteFrequencies{}) {}
  /// Halves the weight of a range of bytes, again and again.
  explicit ByteTree(const ByteFrequencies& frequencies);

  [[nodiscard]] unsigned root() const noexcept { return root_; }
  [[nodiscard]] unsigned child(unsigned node, unsigned bit) const noexcept { return children_[node][bit]; }
  [[nodiscard]] const SymbolPath& path(unsigned byte) const noexcept { return paths_[byte]; }

 private:
  unsigned build(const Sums& sums, unsigned first, unsigned end, SymbolPath path);

  std::array<std::array<std::uint16_t, 2>, 256> children_{};  // [number of a node]
  std::array<SymbolPath, 256> paths_{};
  unsigned root_ = 0;
};

/// The number of a byte's bit that a node decides, 0: the most significant one, where it stands in the tree
/// of bits.
[[nodiscard]] inline unsigned byte_level(unsigned node) noexcept {
  return static_cast<unsigned>(std::bit_width(node)) - 1;
}

/// The frequencies for which bytes of `content` take at most `most_tenths` tenths of a decision in the mean;
/// nothing if there are none. Linear time.
[[nodiscard]] std::optional<ByteFrequencies> frequencies_for(std::span<const std::uint8_t> content,
                                                             unsigned most_tenths) noexcept;

/// Codes whether there are frequencies, and which. Returns them; `io` and what it returns as for
/// DecisionModel::decide(). FORMAT.
template <class Io>
std::optional<ByteFrequencies> code_frequencies(Io& io, const std::optional<ByteFrequencies>& known) {
  if (!io.code(known.has_value(), coder_probability(1u << 15), Position{})) return std::nullopt;
  constexpr unsigned limit = 60;  // of the counts: 256 classes are few
  AdaptiveMap more(std::size_t{byte_classes} * byte_classes,
                   limit);  // [class of the byte before][class so far]
  ByteFrequencies coded{};
  unsigned before = 0;
  for (unsigned byte = 0; byte < coded.size(); ++byte) {
    unsigned frequency = 0;
    for (; frequency + 1 < byte_classes; ++frequency) {
      const std::size_t at = before * byte_classes + frequency;
      const std::uint32_t p = coder_probability(more.probability(at));
      const unsigned bit = io.code(known && (*known)[byte] > frequency, p, Position{});
      more.update(at, bit);
      if (!bit) break;
    }
    coded[byte] = static_cast<std::uint8_t>(frequency);
    before = frequency;
  }
  return coded;
}

}  // namespace ssmz::codec
