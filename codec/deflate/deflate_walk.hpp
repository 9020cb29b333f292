// SPDX-License-Identifier: Apache-2.0
// Writes a deflate stream decision by decision: each is predicted, and a guide says what it really is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/deflate/deflate_guide.hpp"
#include "codec/deflate/token_predictor.hpp"

namespace ssmz::codec {

/// FORMAT. Most tokens of one block.
inline constexpr std::size_t most_block_tokens = std::size_t{1} << 18;

/// Appends `plain` deflated; false, with something appended, if the guide said what cannot be or if it is
/// more than `most` bytes. Linear in `plain` but for the level's search; takes up to 3 MB.
[[nodiscard]] bool walk_deflate(DeflateParameters parameters, std::span<const std::uint8_t> plain,
                                DeflateGuide& guide, std::size_t most, std::vector<std::uint8_t>& stream);

}  // namespace ssmz::codec
