// SPDX-License-Identifier: Apache-2.0
// Pages of the b-trees of SQLite databases (https://www.sqlite.org/fileformat2.html, section 1.6): a list of
// where cells stand, by their keys, from which and the cells it is made again; row numbers become steps.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `row` of a layout is the size of a page, a power of two from 512 to 65536, `line` the bytes at its
/// end that hold something else, at most 255, of which at least 480 are left over.
[[nodiscard]] bool valid_pages_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. Any bytes are pages: what is not of a b-tree, and what
/// is left over behind the last whole page, stays as it is. Linear but for a sort within each page.
[[nodiscard]] std::vector<std::uint8_t> from_pages(const TransformLayout& layout,
                                                   std::span<const std::uint8_t> raw);
void append_pages(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                  std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` that are such pages, with few others between them: of a database that
/// begins in it, or, by what they look like, of one that began before.
void find_pages(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
