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

/// FORMAT. First bytes of the payload of a skippable frame that is a table; also its last ones.
inline constexpr std::array<std::uint8_t, 4> seek_magic = {0xD3, 'S', 'M', 'I'};
/// FORMAT. Bytes behind the entries: check, payload's size, magic. The latter two are the footer that a
/// reader looks for.
inline constexpr std::size_t seek_tail_size = 12;
inline constexpr std::size_t seek_footer_size = 8;

/// Appends the skippable frame. `entries` are all frames of the stream, in order. Appends nothing if the
/// table is too large for a skippable frame (4 GiB).
void append_seek_table(std::span<const SeekEntry> entries, std::vector<std::uint8_t>& out);

/// Appends an entry as it stands in a table.
void append_seek_entry(const SeekEntry& entry, std::vector<std::uint8_t>& out);

/// Appends what stands behind entries of `entries_size` bytes whose XXH3-64 is `digest`.
void append_seek_tail(std::uint64_t digest, std::uint64_t entries_size, std::vector<std::uint8_t>& out);

/// Bytes of the skippable frame that a stream with the given last seek_footer_size bytes ends with; nullopt
/// if it ends with no table.
[[nodiscard]] std::optional<std::uint64_t> seek_table_size(
    std::span<const std::uint8_t, seek_footer_size> footer);

/// Reads the table from the end of `stream` (or of its last seek_table_size() bytes). nullopt if there is
/// none or it is damaged; a reader then walks the frames.
[[nodiscard]] std::optional<std::vector<SeekEntry>> read_seek_table(std::span<const std::uint8_t> stream);

}  // namespace ssmz::codec
