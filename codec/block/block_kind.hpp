// SPDX-License-Identifier: Apache-2.0
// What a block's bytes are, and what kinds of blocks there are.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace ssmz::codec {

/// How a block's bytes are modelled. Values are FORMAT. What each is stands in block/registry.cpp.
enum class BlockKind : std::uint8_t {
  stored = 0,       ///< Bytes as they are; the model does not see them.
  bytes = 1,        ///< Byte tree: eight decisions a byte (data that is not text).
  text = 2,         ///< Factored tokens of the vocabulary.
  copy = 3,         ///< What came before in the frame; the model does not see it. Layout: the distance.
  bilevel = 4,      ///< Rows of pixels of one bit.
  picture = 5,      ///< Rows of pixels of 8 or 16 bits a sample.
  sound = 6,        ///< Samples of sound, of 8 or 16 bits.
  transformed = 8,  ///< What is written from plainer bytes, which one of the first three kinds codes.
  jpeg = 9,         ///< Scans of JPEG, by their coefficients.
  drawing = 10,     ///< Rows of pixels that repeat: places in a palette, icons.
};

/// Whether blocks of a kind are coded by a model.
[[nodiscard]] constexpr bool is_modelled(BlockKind kind) noexcept {
  return kind != BlockKind::stored && kind != BlockKind::copy;
}

/// FORMAT. The furthest that a copy can reach back at any level.
inline constexpr std::uint64_t most_reach = std::uint64_t{1} << 26;

/// A kind, and for kinds that have one (ContentKind::valid_layout) how elements lie in the block: row width,
/// channels and the like, packed as the kind says.
struct BlockType {
  BlockKind kind = BlockKind::stored;
  std::uint64_t layout = 0;
  constexpr BlockType() = default;
  constexpr BlockType(BlockKind of_kind, std::uint64_t of_layout = 0) : kind(of_kind), layout(of_layout) {}
  friend bool operator==(const BlockType&, const BlockType&) = default;
};

/// Called now and then with the bytes of the block done so far; returns false to cancel.
using Progress = std::function<bool(std::uint64_t done)>;

/// The same for work whose bytes are not the block's own. `progress` must outlive it.
[[nodiscard]] inline Progress without_count(const Progress& progress) {
  return progress ? [&progress](std::uint64_t) { return progress(0); } : Progress();
}

/// What a segment would cost as each of the kinds that are chosen so, by their estimates, in the registry's
/// order.
struct KindCost {
  BlockKind kind = BlockKind::bytes;
  std::uint64_t cost = 0;
};
using KindCosts = std::vector<KindCost>;

}  // namespace ssmz::codec
