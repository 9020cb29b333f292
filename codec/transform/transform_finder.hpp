// SPDX-License-Identifier: Apache-2.0
// Finds what is written from plainer bytes. Encoders only; a wrong guess costs size, not correctness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// How pixels lie in what a stream holds; none: no channels.
struct PixelForm {
  std::uint8_t channels = 0;
  std::uint8_t bits = 0;     ///< Of a sample: 1, 8 or 16.
  bool big_endian = false;   ///< Samples of 16 bits.
  bool differences = false;  ///< To the pixel on the left; transform/differences.hpp.
  bool filtered = false;     ///< Behind filter types; transform/png_filters.hpp.
  bool drawn = false;        ///< Places in a palette, or several to a byte: channels 1, bits 8.
  bool goes_on = false;      ///< The rows before are those of the part before.
  std::uint32_t row = 0;     ///< Bytes.
};

/// Bytes of a row that a layout can say.
inline constexpr std::uint32_t longest_pixel_row = (1u << 17) - 1;

/// A part that is written in one way, with whole lines, digits that make whole bytes, and whole units.
struct WrittenPart {
  std::size_t at = 0;
  std::size_t size = 0;
  TransformLayout layout;  ///< Without kind and plain_size.
  PixelForm pixels{};      ///< Of png, of GIF, of strips of TIFF, of pictures in PDF.
  KnownCorrections corrections{};
  bool repeated = false;  ///< Digits, and another part of the content has the same first ones.
};

/// Parts that are PNG files' chunks, deflate, LZW and bzip2 streams, in UTF-16, in base64 and hexadecimal
/// digits, with many escapes and in double-byte charsets, rising, apart from each other, each of at least
/// least_written_part bytes; what streams among them hold is at most `most_plain` bytes. Linear, some hundred
/// MB/s, but for what streams hold.
inline constexpr std::size_t least_written_part = 1024;
/// Of streams, which show what they are. A jar, another and a pack of git at -1: of 1,024 bytes 93,973,
/// 41,473 and 302,829, 512 81,129, 39,266 and 280,972, 192 74,493, 19,264 and 203,694, 96 74,028, 18,289 and
/// 200,198, 32 73,969, 18,289 and 200,177.
inline constexpr std::size_t least_stream = 96;
[[nodiscard]] std::vector<WrittenPart> find_written_parts(std::span<const std::uint8_t> content,
                                                          std::uint64_t most_plain = ~std::uint64_t{0});

/// Bytes that a stream may hold if `plain_left` are left for all.
[[nodiscard]] constexpr std::size_t most_held(std::uint64_t plain_left) noexcept {
  return static_cast<std::size_t>(plain_left < most_stream_plain ? plain_left : most_stream_plain);
}

/// Streams that we cannot write are read in vain: at most so many bytes in content of this size.
[[nodiscard]] constexpr std::size_t most_wasted(std::size_t content_size) noexcept {
  constexpr std::size_t share = 4, least = std::size_t{1} << 20;
  return content_size * share < least ? least : content_size * share;
}

/// Bytes of a whole line with its end, of all digits of a group, or of a unit: where a part may be cut.
[[nodiscard]] std::size_t unit_of(const TransformLayout& layout) noexcept;

/// True of text of some lines whose ends are all CR LF.
[[nodiscard]] bool has_carriage_returns(std::span<const std::uint8_t> text) noexcept;

}  // namespace ssmz::codec
