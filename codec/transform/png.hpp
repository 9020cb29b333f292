// SPDX-License-Identifier: Apache-2.0
// The chunks IDAT of a PNG file (ISO/IEC 15948) and the pixels in them. Plain bytes: a varint, the bytes of
// each chunk but the last; the two bytes of zlib's header; a varint, the size of the corrections, and they
// (deflate/corrections.hpp); then what the stream holds: as it is, or, if the layout has a row, the filter
// types of all rows and then all rows without their filters; those of an interlaced picture in their order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// `line` of a layout is as of deflated, and 128 * (bytes of a pixel - 1), with which the filters are undone,
/// and png_interlaced, if the passes are.
inline constexpr unsigned most_pixel_bytes = 8, pixel_bytes_at = 7, png_interlaced = 1u << 10;
[[nodiscard]] bool valid_png_layout(const TransformLayout& layout) noexcept;

/// Bytes of a chunk beside its data, and around a stream of zlib's format.
inline constexpr std::size_t png_chunk_frame = 12, zlib_head_size = 2, zlib_tail_size = 4;

/// What plain bytes begin with.
struct PngFront {
  std::size_t size = 0;  ///< Of it, the filter types not among it.
  std::uint64_t chunk = 0;
  std::uint8_t zlib[zlib_head_size] = {};
  std::span<const std::uint8_t> corrections;
};
/// Nothing of what is no front.
[[nodiscard]] std::optional<PngFront> png_front(std::span<const std::uint8_t> plain);

/// Filter types among `content` bytes behind the front.
[[nodiscard]] std::size_t png_types(const TransformLayout& layout, std::size_t content) noexcept;

/// Data of chunks one behind the other of which all but the last are of one size; nothing of other bytes, or
/// if they go on. Checksums are not looked at.
struct PngChunks {
  std::vector<std::uint8_t> data;
  std::size_t chunk = 0;  ///< Bytes of each but the last.

  /// The deflate stream between the header and the checksum of zlib's format.
  [[nodiscard]] std::span<const std::uint8_t> stream() const {
    return std::span(data).subspan(zlib_head_size, data.size() - zlib_head_size - zlib_tail_size);
  }
};
[[nodiscard]] std::optional<PngChunks> read_png_chunks(std::span<const std::uint8_t> raw);

/// plain_of() and append_written() of such a layout.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_png(const TransformLayout& layout,
                                                                std::span<const std::uint8_t> raw,
                                                                const KnownCorrections& known);
[[nodiscard]] bool append_png(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                              std::size_t limit, std::vector<std::uint8_t>& raw);

/// Whether the bytes begin with the header of a PNG file; and how long the file is up to the end of its last
/// chunk, more than `file` if that is cut off.
[[nodiscard]] bool is_png(std::span<const std::uint8_t> file);
[[nodiscard]] std::size_t png_file_size(std::span<const std::uint8_t> file);

/// Appends the runs of chunks that can be written from what they hold, which is taken from `plain_left`
/// bytes.
void find_pngs(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts,
               std::uint64_t& plain_left);

}  // namespace ssmz::codec
