// SPDX-License-Identifier: Apache-2.0
// Headers of BMP, PNM (netpbm), TIFF 6.0 and Truevision TGA 2.0 files.
#include "codec/image/picture_headers.hpp"

#include <algorithm>
#include <cstdlib>

#include "codec/base/header_reader.hpp"
#include "codec/base/tiff_directory.hpp"
#include "codec/block/drawing_layout.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_region.hpp"
#include "codec/image/volume_headers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::optional<FoundRegion> bilevel(Bytes in, std::uint64_t offset, std::uint64_t row, std::uint64_t rows) {
  if (row == 0 || row > max_bilevel_row) return std::nullopt;
  return rows_region(in, offset, row, rows, {BlockKind::bilevel, bilevel_layout(row, false)});
}

std::optional<FoundRegion> picture(Bytes in, std::uint64_t offset, std::uint64_t row, std::uint64_t rows,
                                   unsigned channels, unsigned sample_bytes, bool big_endian) {
  return picture_region(in, offset, row, rows,
                        {.sample_bytes = sample_bytes, .big_endian = big_endian, .channels = channels});
}

std::optional<FoundRegion> drawing(Bytes in, std::uint64_t offset, std::uint64_t row, std::uint64_t rows) {
  if (row == 0 || row > DrawingLayout::max_row) return std::nullopt;
  const DrawingLayout layout{.row_bytes = static_cast<std::uint32_t>(row)};
  return rows_region(in, offset, row, rows, {BlockKind::drawing, layout.packed()});
}

std::optional<FoundRegion> find_bmp(Bytes in) {
  const HeaderReader r{in};
  const std::uint32_t offset = r.number(10, 4), header = r.number(14, 4), bits = r.number(28, 2);
  const std::uint64_t width = r.number(18, 4);
  const auto height = std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(r.number(22, 4))));
  const std::uint32_t compression = r.number(30, 4);
  if (header < 40 || header > 124 || offset < 14 + header || offset > in.size() || r.number(26, 2) != 1)
    return {};
  if (compression != 0 && !(compression == 3 && bits == 32)) return {};
  if (width == 0 || width > PictureLayout::max_row) return {};
  const std::uint64_t row = (width * bits + 31) / 32 * 4;
  const auto rows = static_cast<std::uint64_t>(height);
  if (bits == 1) return bilevel(in, offset, row, rows);
  if (bits == 24 || bits == 32) return picture(in, offset, row, rows, bits / 8, 1, false);
  if (bits == 4) return drawing(in, offset, row, rows);
  if (bits != 8) return {};
  // Only a palette of rising greys makes neighbours alike.
  const std::uint64_t palette = 14 + std::uint64_t{header};
  const std::uint64_t colours = std::min<std::uint64_t>((offset - palette) / 4, 256);
  for (std::uint64_t i = 0; i < colours; ++i) {
    const std::uint32_t colour = r.number(palette + 4 * i, 3), grey = colour & 0xffu;
    if (colour != grey * 0x10101u || (i && grey < r.number(palette + 4 * i - 4, 1)))
      return drawing(in, offset, row, rows);
  }
  return colours ? picture(in, offset, row, rows, 1, 1, false) : std::nullopt;
}

bool white(std::uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// The next decimal number behind white space and comments; 0: none.
std::uint64_t pnm_number(Bytes in, std::size_t& at) {
  while (at < in.size() && (white(in[at]) || in[at] == '#')) {
    if (in[at] == '#')
      while (at < in.size() && in[at] != '\n') ++at;
    if (at < in.size()) ++at;
  }
  std::uint64_t value = 0;
  for (; at < in.size() && in[at] >= '0' && in[at] <= '9' && value < most_rows; ++at)
    value = value * 10 + (in[at] - '0');
  return value;
}

std::optional<FoundRegion> find_pnm(Bytes in) {
  if (in.size() < 8 || !white(in[2])) return {};
  const Bytes head = in.first(std::min<std::size_t>(in.size(), 1024));
  std::size_t at = 2;
  const std::uint64_t width = pnm_number(head, at), height = pnm_number(head, at);
  const std::uint64_t most = in[1] == '4' ? 1 : pnm_number(head, at);
  if (at >= head.size() || !white(head[at]) || width == 0 || most == 0 || most > 65535) return {};
  ++at;
  if (in[1] == '4') return bilevel(in, at, (width + 7) / 8, height);
  const unsigned channels = in[1] == '6' ? 3 : 1, size = most > 255 ? 2 : 1;
  return picture(in, at, width * channels * size, height, channels, size, true);
}

// The file's first picture, if its strips follow each other.
std::optional<FoundRegion> find_tiff(Bytes in) {
  const std::optional<HeaderReader> r = tiff_reader(in);
  if (!r) return {};
  const TiffDirectory is = read_tiff_directory(*r, r->number(tiff_directory_at, 4));
  if (is.compression != 1 || is.planar != 1 || is.photometric > tiff_palette || is.tile_width != 0 ||
      is.width == 0 || is.pieces == 0 || is.pieces > most_rows)
    return {};
  const std::uint64_t first = is.piece_at(*r, 0);
  std::uint64_t end = first;
  for (std::uint64_t i = 0; i < is.pieces; ++i) {
    if (is.piece_at(*r, i) != end) return {};
    end += is.piece_size(*r, i);
  }
  if (first < 8 || first > in.size() || is.channels < 1 || is.channels > 4 ||
      is.width > PictureLayout::max_row)
    return {};
  if (is.bits == 1 && is.channels == 1) return bilevel(in, first, (is.width + 7) / 8, is.height);
  if (is.photometric == tiff_palette)
    return (is.bits == 4 || is.bits == 8) && is.channels == 1
               ? drawing(in, first, (is.width * is.bits + 7) / 8, is.height)
               : std::nullopt;
  if (is.bits != 8 && is.bits != 16) return {};
  return picture(in, first, is.width * is.channels * (is.bits / 8), is.height, is.channels, is.bits / 8,
                 r->big_endian);
}

std::optional<FoundRegion> find_tga(Bytes in) {
  const HeaderReader r{in};
  const std::uint32_t kind = r.number(2, 1), bits = r.number(16, 1);
  const bool palette = kind == 1 && r.number(1, 1) == 1;
  if (!palette &&
      (r.number(1, 1) != 0 || (kind != 2 && kind != 3) || r.number(3, 4) != 0 || r.number(7, 1) != 0))
    return {};
  if (!(kind == 2 && (bits == 24 || bits == 32)) && !((kind == 3 || palette) && bits == 8)) return {};
  const std::uint64_t row = std::uint64_t{r.number(12, 2)} * bits / 8, rows = r.number(14, 2);
  const std::uint64_t colours = palette ? std::uint64_t{r.number(5, 2)} * ((r.number(7, 1) + 7) / 8) : 0;
  const std::uint64_t offset = 18 + std::uint64_t{r.number(0, 1)} + colours;
  if (row * rows + offset > in.size() || row * rows < in.size() / 2) return {};
  if (palette) return drawing(in, offset, row, rows);
  return picture(in, offset, row, rows, bits / 8, 1, false);
}

}  // namespace

std::optional<FoundRegion> find_picture(Bytes in, bool whole) {
  if (in.size() < 32) return {};
  std::optional<FoundRegion> found;
  if (in[0] == 'B' && in[1] == 'M') found = find_bmp(in);
  if (in[0] == 'P' && in[1] >= '4' && in[1] <= '6') found = find_pnm(in);
  if ((in[0] == 'I' && in[1] == 'I') || (in[0] == 'M' && in[1] == 'M')) found = find_tiff(in);
  if (!found) found = find_volume(in);
  if (!found && whole) found = find_tga(in);
  return found;
}

}  // namespace ssmz::codec
