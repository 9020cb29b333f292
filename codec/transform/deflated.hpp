// SPDX-License-Identifier: Apache-2.0
// Deflate streams (RFC 1951) and what they hold. In front of it, if the layout's crlf is set, stand the
// corrections: a varint, their size, and they.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/base/byte_pairs.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/token_predictor.hpp"
#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// What stands behind a stream. Values are FORMAT.
enum class StreamCheck : std::uint8_t {
  none = 0,
  adler32 = 1,  ///< Of zlib (RFC 1950): four bytes, high one first.
  crc32 = 2,    ///< Of gzip (RFC 1952): CRC-32 and size, four bytes each, low one first.
};

/// `line` of a layout is level + 16 * writer + 128 * check. FORMAT.
inline constexpr unsigned stream_check_at = 7;
[[nodiscard]] StreamCheck stream_check(const TransformLayout& layout) noexcept;
[[nodiscard]] std::uint16_t packed(DeflateParameters parameters) noexcept;
[[nodiscard]] DeflateParameters deflate_parameters(const TransformLayout& layout) noexcept;
[[nodiscard]] bool valid_deflated_layout(const TransformLayout& layout) noexcept;

/// Bytes of the check value that `behind` begins with, if it is the right one of a stream's content; else 0.
[[nodiscard]] std::size_t right_check(StreamCheck check, std::span<const std::uint8_t> content,
                                      std::span<const std::uint8_t> behind);

/// A deflate stream as what it holds and what corrects its prediction.
struct ReadStream {
  std::vector<std::uint8_t> plain;
  Corrections corrections;
};
/// Nothing if `stream` is more or less than one, or if its corrections, where they are not known, are more
/// than `most` bytes.
[[nodiscard]] std::optional<ReadStream> read_stream(DeflateParameters parameters,
                                                    std::span<const std::uint8_t> stream, std::size_t most,
                                                    const KnownCorrections& known);

/// Plain bytes of the stream that `raw` is all of; nothing if it is none that the layout writes.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_deflated(const TransformLayout& layout,
                                                                     std::span<const std::uint8_t> raw,
                                                                     const KnownCorrections& known);
/// append_written() of such a layout.
[[nodiscard]] bool append_deflated_block(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                         std::size_t limit, std::vector<std::uint8_t>& raw);

/// A stream of more content for its size is small whatever codes it.
inline constexpr std::size_t most_deflate_ratio = 60;

/// Bytes in front of the deflate stream if a header of gzip, zlib or zip begins `text`, which is not empty; 0
/// if none does.
[[nodiscard]] std::size_t stream_header_size(std::span<const std::uint8_t> text);
/// What such a header begins with.
[[nodiscard]] constexpr BytePairs stream_beginnings() {
  BytePairs pairs;
  pairs.add("PK");
  pairs.add(0x1F, 0x8B);
  for (unsigned method = 0x08; method <= 0x78; method += 0x10)
    for (unsigned flags = 0; flags < 256; ++flags)
      if ((flags & 0x20) == 0 && (method << 8 | flags) % 31 == 0) pairs.add(method, flags);
  return pairs;
}

/// Appends the streams behind headers of gzip, zlib and zip, with the check values behind them if these are
/// right, but of those parts that are there, that are
/// worth their while to write from what they hold. Bytes looked at and written besides those of streams that
/// are found: at most a few times `content`. What they hold is taken from `plain_left` bytes.
void find_deflated(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts,
                   std::uint64_t& plain_left);

}  // namespace ssmz::codec
