// SPDX-License-Identifier: Apache-2.0
// Streams of LZW codes (lzw/lzw.hpp) and what they hold. In front of that stand, as varints: of gif the bytes
// of each sub-block but the last; the period of clears; if it is 0, how many clears are told, and each.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/lzw/lzw.hpp"
#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// `line` of a layout is bits - 1 + 16 * form. FORMAT.
[[nodiscard]] std::uint16_t packed(LzwParameters parameters) noexcept;
[[nodiscard]] bool valid_lzw_layout(const TransformLayout& layout) noexcept;

/// What plain bytes begin with.
struct LzwFront {
  std::size_t size = 0;  ///< Of it.
  std::size_t sub_block = 0;
  LzwClears clears;
};
/// Nothing of what is no front.
[[nodiscard]] std::optional<LzwFront> lzw_front(const TransformLayout& layout,
                                                std::span<const std::uint8_t> plain);

/// plain_of() and append_written() of such a layout.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_lzw(const TransformLayout& layout,
                                                                std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_lzw_block(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                    std::size_t limit, std::vector<std::uint8_t>& raw);

/// Appends the streams of images in GIF files, those behind a code that clears as of TIFF and PDF, and of
/// compress one that all of `content` is; all such that we write from what they hold, which is taken from
/// `plain_left` bytes. Bytes looked at besides those of streams that are found: at most a few times
/// `content`.
void find_lzw(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts,
              std::uint64_t& plain_left);

}  // namespace ssmz::codec
