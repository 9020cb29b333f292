// SPDX-License-Identifier: Apache-2.0
// Content that is written from plainer bytes: text in UTF-16 or with line ends of two bytes, binary data in
// base64 or hexadecimal digits, characters as escapes in ASCII or in a double-byte charset. The plain bytes
// are what the models know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// What plain bytes are written as. Values are FORMAT.
enum class Transform : std::uint8_t {
  lines = 0,         ///< As they are, but for their line ends.
  utf16_little = 1,  ///< UTF-8 as UTF-16 or UTF-32, low byte first.
  utf16_big = 2,     ///< UTF-8 as UTF-16 or UTF-32, high byte first.
  base64 = 3,        ///< RFC 4648, section 4, padded.
  hexadecimal = 4,   ///< Two digits a byte, high one first.
  escapes = 5,  ///< UTF-8 in ASCII: what is beyond is written as the Escape that TransformLayout::line tells.
  deflated = 6,       ///< As a deflate stream (RFC 1951); transform/deflated.hpp.
  charset = 7,        ///< UTF-8 in the Charset that TransformLayout::line tells.
  png = 8,            ///< Pixels as the chunks IDAT of a PNG file; transform/png.hpp.
  lzw = 9,            ///< As a stream of LZW codes; transform/lzw_coded.hpp.
  bzip2 = 10,         ///< As a stream of bzip2 at the level that TransformLayout::line tells.
  differences = 11,   ///< Rows of pixels as differences to the pixel on the left; transform/differences.hpp.
  eexec = 12,         ///< As the encrypted part of a Type 1 font; transform/eexec.hpp.
  base85 = 13,        ///< ASCII85 of PostScript and PDF; transform/base85.hpp.
  filtered = 14,      ///< Rows of pixels by PNG's filters, each behind its type; transform/png_filters.hpp.
  instructions = 15,  ///< Machine code, low byte first; transform/instructions.hpp.
  symbols = 16,       ///< Dynamic symbols behind their hash tables; transform/dynamic_symbols.hpp.
  unwind = 17,        ///< What unwinds the stack, with a list of it; transform/unwind.hpp.
  image = 18,         ///< A program of Windows; transform/windows_image.hpp.
  steps = 19,         ///< Records with a number that rises, as its steps; transform/record_steps.hpp.
  catalogue = 20,     ///< Messages behind tables of them; transform/catalogue.hpp.
  pages = 21,         ///< Of a database of SQLite; transform/sqlite_pages.hpp.
  font = 22,          ///< A TrueType font; transform/font.hpp.
  zip = 23,           ///< Members of a ZIP archive; transform/zip.hpp.
  objects = 24,       ///< Relocatable objects, and archives of them; transform/objects.hpp.
  ranks = 25,         ///< Samples of few values, by their ranks; transform/ranks.hpp.
};

/// Binary data in digits on lines.
[[nodiscard]] constexpr bool has_lines(Transform transform) noexcept {
  return transform == Transform::base64 || transform == Transform::hexadecimal ||
         transform == Transform::base85;
}

[[nodiscard]] constexpr bool holds_stream(Transform transform) noexcept {
  return transform == Transform::deflated || transform == Transform::png || transform == Transform::lzw ||
         transform == Transform::bzip2 || transform == Transform::zip;
}

/// Pixels, or records, whose rows TransformLayout::row tells.
[[nodiscard]] constexpr bool has_rows(Transform transform) noexcept {
  return transform == Transform::png || transform == Transform::differences ||
         transform == Transform::filtered || transform == Transform::steps || transform == Transform::pages;
}

/// How characters beyond ASCII are written in ASCII. Values are FORMAT.
enum class Escape : std::uint16_t {
  json = 0,         ///< \uXXXX for each unit of UTF-16 (RFC 8259, section 7).
  percent = 1,      ///< %XX for each byte of UTF-8 (RFC 3986, section 2.1).
  byte = 2,         ///< \xXX, likewise.
  decimal = 3,      ///< &#N; for each character, as in HTML.
  hexadecimal = 4,  ///< &#xX; likewise.
  octal = 5,        ///< \OOO for each byte of UTF-8.
  quoted = 6,       ///< =XX likewise, and soft line breaks (RFC 2045, section 6.7: quoted-printable).
  quoted_byte = 7,  ///< =XX for each character from 80 to FF, of any charset of bytes; and so.
};
inline constexpr unsigned escape_count = 8;

/// Double-byte character sets. Values are FORMAT.
enum class Charset : std::uint16_t {
  gbk = 0,        ///< CP936: GB 2312 and the other ideographs of Unicode 1.1.
  shift_jis = 1,  ///< JIS X 0208 with row 13 of CP932, half-width katakana.
  euc_jp = 2,     ///< The same characters.
  big5 = 3,       ///< CP950.
  euc_kr = 4,     ///< CP949: KS X 1001 and the other syllables.
};
inline constexpr unsigned charset_count = 5;

/// FORMAT. Plain bytes of a block; a stream may hold four times as many as a block has, as archives of texts
/// and pictures of twenty million pixels do.
inline constexpr std::uint32_t most_plain_size = 1u << 24, most_stream_plain = 1u << 26;
[[nodiscard]] constexpr std::uint32_t most_plain(Transform transform) noexcept {
  return holds_stream(transform) ? most_stream_plain : most_plain_size;
}

/// How a block is written, and from how much. FORMAT.
struct TransformLayout {
  Transform transform = Transform::lines;
  /// The number of the kind that codes the plain bytes: 0 stored, 1 bytes, 2 text, or 3: they are blocks.
  std::uint8_t kind = 0;
  static constexpr std::uint8_t blocks = 3;
  /// Each LF of what would be written is written as CR LF; of digits: their lines end so.
  bool crlf = false;
  bool upper_case = false;  ///< Digits beyond 9, of hexadecimal and of escapes.
  bool ends_line = false;   ///< Where there are lines: a line's end is last.
  /// Where there are lines: characters of a line but the last; 0: all are on one. UTF-16: 1 says that it
  /// is UTF-32. escapes: see escape_of(); charset: which Charset. bzip2: its
  /// level. Deflated, png, lzw, differences and eexec: see their headers.
  /// filtered: bytes of a pixel less 1. instructions and what follows: see their headers.
  std::uint16_t line = 0;
  std::uint32_t plain_size = 0;
  std::uint32_t row = 0;  ///< Bytes of a row of pixels: of png, 0: filters stay; of differences and filtered,
                          ///< not 0. Of instructions: their place.

  static constexpr std::uint16_t longest_line = 2047;

  [[nodiscard]] std::uint64_t packed() const noexcept;
  /// Any number gives a layout; valid_transform_layout() says whether it is one.
  [[nodiscard]] static TransformLayout unpacked(std::uint64_t layout) noexcept;
  friend bool operator==(const TransformLayout&, const TransformLayout&) = default;
};

/// FORMAT. Which Escape a layout of escapes says.
[[nodiscard]] constexpr Escape escape_of(const TransformLayout& layout) noexcept {
  return static_cast<Escape>(layout.line % escape_count);
}
[[nodiscard]] constexpr bool is_quoted(Escape escape) noexcept { return escape >= Escape::quoted; }
/// FORMAT. Of quoted-printable the bytes of a line that is softly broken, its sign among them, from
/// least_soft_line on; 0: no breaks are expected.
[[nodiscard]] constexpr unsigned soft_line(const TransformLayout& layout) noexcept {
  return layout.line / escape_count;
}
inline constexpr unsigned least_soft_line = 8;

/// Bytes of a unit of UTF-16 or UTF-32.
[[nodiscard]] constexpr unsigned unit_bytes(const TransformLayout& layout) noexcept {
  return layout.line == 0 ? 2 : 4;
}

/// True if `layout` is one that packed() gives of a layout in range: each block has one way to say a thing.
[[nodiscard]] bool valid_transform_layout(std::uint64_t layout) noexcept;

/// False if `layout`, a valid one, cannot write its plain bytes as `raw_size` bytes, whatever they are: a
/// block that says so is refused before its data cost anything.
[[nodiscard]] bool can_write(const TransformLayout& layout, std::uint64_t raw_size) noexcept;

/// Corrections of a deflate stream (deflate/corrections.hpp), which take long to find, once they are known;
/// of an archive (transform/zip.hpp) all in front of its contents.
using KnownCorrections = std::shared_ptr<const std::vector<std::uint8_t>>;

/// The plain bytes that `raw` is written from, as `layout` says but for its plain_size; nothing if writing
/// them would not give `raw` back. Linear. `known`: of its stream, or null.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> plain_of(const TransformLayout& layout,
                                                                std::span<const std::uint8_t> raw,
                                                                const KnownCorrections& known = {});

/// The same of what plain_of() gave them of, but if `known` is not null without writing them again.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> plain_again(const TransformLayout& layout,
                                                                   std::span<const std::uint8_t> raw,
                                                                   const KnownCorrections& known);

/// Appends to `raw` what `plain` is written as. False, with something appended, if that is not exactly `size`
/// bytes, or if `plain` is no UTF-8 where it must be. Linear; appends at most a few bytes beyond `size`, or
/// twice `plain`.
[[nodiscard]] bool append_written(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                  std::size_t size, std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
