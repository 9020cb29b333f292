// SPDX-License-Identifier: Apache-2.0
// What programs know of their functions to unwind the stack: .eh_frame_hdr and .eh_frame (Linux Standard Base
// 5.0, Core, chapter 10.6; DWARF 5, section 6.4). The first is a sorted list of what the second says, which
// says where each function begins by how far it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: the byte order, and where functions usually begin, at addresses that are
/// `phase` modulo 2 to the power of `alignment`, counted from the part's beginning.
struct UnwindForm {
  bool big_endian = false;
  unsigned alignment = 0;  ///< 0..5
  unsigned phase = 0;      ///< Less than 2 to the power of `alignment`.

  [[nodiscard]] std::uint16_t packed() const noexcept {
    return static_cast<std::uint16_t>((big_endian ? 1u : 0u) + 2u * alignment + 16u * phase);
  }
  [[nodiscard]] static UnwindForm of(std::uint16_t line) noexcept {
    return {(line & 1u) != 0, line / 2u % 8u, line / 16u};
  }
};

[[nodiscard]] bool valid_unwind_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout: without the list, and each function's beginning by how
/// far behind the last one's end it is. Linear but for a sort; nothing, or false, of what is no such tables.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_unwind(const TransformLayout& layout,
                                                                   std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_unwind(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                 std::size_t size, std::vector<std::uint8_t>& raw);

/// Whether `content` begins with such tables and ends within them. `work` grows by the bytes walked over.
[[nodiscard]] bool unwind_goes_on(std::span<const std::uint8_t> content, std::size_t& work);

/// Appends the parts of `content` that are such tables, from the list on to the last that it names. Linear:
/// lists that lead to none are given up after most_wasted().
void find_unwind(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
