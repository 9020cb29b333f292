// SPDX-License-Identifier: Apache-2.0
// Writes a deflate stream decision by decision: each is predicted, and a guide says what it really is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/deflate/huffman.hpp"
#include "codec/deflate/match_predictor.hpp"

namespace ssmz::codec {

/// How a block is written: of a dynamic one the bits of its code lengths, as they stand in the stream.
struct BlockForm {
  DeflateBlock type = DeflateBlock::stored;
  CodeLengths lengths;
  std::vector<std::uint8_t> header;
  std::size_t header_bits = 0;
};

/// Knows the decisions of one stream; is asked for each in the order of FORMAT.md.
class DeflateGuide {
 public:
  virtual ~DeflateGuide() = default;
  /// Of a block that is stored whatever its tokens would be: its bytes.
  virtual std::optional<std::size_t> stored_block() = 0;
  virtual bool ends(bool predicted) = 0;
  virtual DeflateToken token(DeflateToken predicted) = 0;
  /// Changes the form of a block of `size` bytes from what is predicted to what it is.
  virtual void form(BlockForm& predicted, std::size_t size) = 0;
  virtual bool is_last(bool predicted) = 0;
  /// Whether to go on; false after anything that cannot be.
  [[nodiscard]] virtual bool good() const noexcept = 0;
};

/// FORMAT. Most tokens of one block.
inline constexpr std::size_t most_block_tokens = std::size_t{1} << 16;

/// Appends `plain` deflated; false, with something appended, if the guide said what cannot be or if it is
/// more than `most` bytes. Linear in `plain` but for the level's search; takes 0.8 MB.
[[nodiscard]] bool walk_deflate(DeflateParameters parameters, std::span<const std::uint8_t> plain,
                                DeflateGuide& guide, std::size_t most, std::vector<std::uint8_t>& stream);

}  // namespace ssmz::codec
