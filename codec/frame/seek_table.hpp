// SPDX-License-Identifier: Apache-2.0
// The table of frames at the end of a stream of several, in a skippable frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

struct SeekEntry {
  std::uint64_t frame_size = 0;    ///< Bytes of the frame.
  std::uint64_t content_size = 0;  ///< Bytes it decodes to.
  friend bool operator==(const SeekEntry&, const SeekEntry&) = default;
};

/// FORMAT. Last bytes of a stream that ends with a table: the payload's size and this.
inline constexpr std::array<std::uint8_t, 4> seek_footer_magic = {0xD3, 'S', 'M', 'I'};
inline constexpr std::size_t seek_footer_size = 8;

/// Appends the skippable frame. `entries` are all frames before it, in order.
void append_seek_table(std::span<const SeekEntry> entries, std::vector<std::uint8_t>& out);

/// Bytes of the skippable frame that a stream with the given last seek_footer_size bytes ends with; nullopt
/// if it ends with no table.
[[nodiscard]] std::optional<std::uint64_t> seek_table_size(
    std::span<const std::uint8_t, seek_footer_size> footer);

/// Reads the table from the end of `stream` (or of its last seek_table_size() bytes). nullopt if there is
/// none or it is damaged; a decoder then walks the frames.
[[nodiscard]] std::optional<std::vector<SeekEntry>> read_seek_table(std::span<const std::uint8_t> stream);

}  // namespace ssmz::codec
