// SPDX-License-Identifier: Apache-2.0
// Archives of ZIP (PKWARE's APPNOTE.TXT, version 6.3.10), which Java's, office documents, books and packages
// of Python are too: what their members hold stands one behind the other, with all headers in front, and what
// follows from it, check values, sizes, places and most of the central directory, is left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

[[nodiscard]] bool valid_zip_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. A part of an archive, whole members and maybe the
/// central directory behind them, becomes a varint, the bytes of the directory; a varint, those of all
/// corrections; the directory (zip_directory.hpp); corrections (deflate/corrections.hpp); and contents, those
/// of members that are deflated as what they hold. `known`: all in front of the contents, or null, to find it
/// out. Linear; nothing, or false, of what is no such part.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_zip(std::span<const std::uint8_t> raw,
                                                                const KnownCorrections& known);
[[nodiscard]] bool append_zip(std::span<const std::uint8_t> plain, std::size_t size,
                              std::vector<std::uint8_t>& raw);

/// Bytes of plain bytes in front of the contents: of the directory with the two varints, and of corrections.
struct ZipFront {
  std::size_t head = 0;  ///< Of the directory's, the two varints.
  std::size_t directory = 0;
  std::size_t corrections = 0;
};
[[nodiscard]] std::optional<ZipFront> zip_front(std::span<const std::uint8_t> plain);

/// Appends the parts of `content` that are archives, or some members of one. What they hold is taken from
/// `plain_left` bytes. Bytes looked at and written beside those of parts: at most a few times `content`.
void find_zips(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts,
               std::uint64_t& plain_left);

}  // namespace ssmz::codec
