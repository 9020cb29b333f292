// SPDX-License-Identifier: Apache-2.0
// Chunks, zlib's frame, the stream and the filters, one within the other.
#include "codec/transform/png.hpp"

#include <algorithm>
#include <array>

#include "codec/base/check_values.hpp"
#include "codec/base/header_reader.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/png_filters.hpp"
#include "codec/transform/png_interlace.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::array<std::uint8_t, 4> chunk_name = {'I', 'D', 'A', 'T'};
constexpr std::size_t chunk_head = 4 + chunk_name.size();

void append_big_endian(std::uint32_t value, std::vector<std::uint8_t>& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::size_t pixel_bytes(const TransformLayout& layout) {
  return (layout.line >> pixel_bytes_at) % most_pixel_bytes + 1u;
}
bool interlaced(const TransformLayout& layout) { return (layout.line & png_interlaced) != 0; }

/// The layout of the stream within.
DeflateParameters stream_parameters(const TransformLayout& layout) {
  TransformLayout stream = layout;
  stream.line %= 1u << pixel_bytes_at;
  return deflate_parameters(stream);
}

/// False once there are more than `limit` bytes.
bool append_chunks(Bytes data, std::uint64_t chunk, std::size_t limit, std::vector<std::uint8_t>& raw) {
  const std::size_t most = raw.size() + limit;
  do {
    const Bytes part = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(chunk, data.size())));
    data = data.subspan(part.size());
    append_big_endian(static_cast<std::uint32_t>(part.size()), raw);
    const std::size_t begin = raw.size();
    raw.insert(raw.end(), chunk_name.begin(), chunk_name.end());
    raw.insert(raw.end(), part.begin(), part.end());
    append_big_endian(crc32(Bytes(raw).subspan(begin)), raw);
  } while (!data.empty() && raw.size() <= most);
  return raw.size() <= most;
}

}  // namespace

bool valid_png_layout(const TransformLayout& layout) noexcept {
  const bool whole = layout.row != 0 && layout.row % pixel_bytes(layout) == 0;
  return !layout.crlf && stream_parameters(layout).valid() && layout.line < 2 * png_interlaced &&
         (layout.row != 0 || pixel_bytes(layout) == 1) && (whole || !interlaced(layout));
}

std::size_t png_types(const TransformLayout& layout, std::size_t content) noexcept {
  if (layout.row == 0) return 0;
  if (!interlaced(layout)) return content / (layout.row + std::size_t{1});
  return content - interlaced_rows(content, layout.row, pixel_bytes(layout)).value_or(0) * layout.row;
}

std::optional<PngChunks> read_png_chunks(Bytes raw) {
  PngChunks chunks;
  while (raw.size() >= png_chunk_frame) {
    const std::uint32_t size = HeaderReader{raw, true}.number(0, 4);
    const bool named = std::equal(chunk_name.begin(), chunk_name.end(), raw.begin() + 4);
    if (!named || size > raw.size() - png_chunk_frame) return std::nullopt;
    if (chunks.chunk == 0) chunks.chunk = size;
    const bool last = raw.size() - size == png_chunk_frame;
    if (size == 0 || size > chunks.chunk || (size != chunks.chunk && !last)) return std::nullopt;
    const Bytes data = raw.subspan(chunk_head, size);
    chunks.data.insert(chunks.data.end(), data.begin(), data.end());
    raw = raw.subspan(size + png_chunk_frame);
  }
  if (!raw.empty() || chunks.data.size() <= zlib_head_size + zlib_tail_size) return std::nullopt;
  return chunks;
}

std::optional<PngFront> png_front(Bytes plain) {
  ByteReader reader(plain);
  PngFront front;
  front.chunk = reader.varint();
  for (std::uint8_t& byte : front.zlib) byte = static_cast<std::uint8_t>(reader.little_endian(1));
  const std::uint64_t size = reader.varint();
  if (reader.state() != ByteReader::State::good || front.chunk == 0 ||
      size > plain.size() - reader.position())
    return std::nullopt;
  front.corrections = reader.bytes(static_cast<std::size_t>(size));
  front.size = reader.position();
  return front;
}

std::optional<std::vector<std::uint8_t>> from_png(const TransformLayout& layout, Bytes raw,
                                                  const KnownCorrections& known) {
  const std::optional<PngChunks> chunks = read_png_chunks(raw);
  if (!chunks) return std::nullopt;
  const Bytes raw_stream = chunks->stream();
  const std::optional<ReadStream> stream =
      read_stream(stream_parameters(layout), raw_stream, raw_stream.size(), known);
  if (!stream) return std::nullopt;
  std::optional<std::vector<std::uint8_t>> pixels;
  if (layout.row != 0) {
    const auto undo = interlaced(layout) ? without_passes : without_filters;
    pixels = undo(stream->plain, layout.row, pixel_bytes(layout));
    if (!pixels) return std::nullopt;
  }
  std::vector<std::uint8_t> plain;
  append_varint(chunks->chunk, plain);
  plain.insert(plain.end(), chunks->data.begin(), chunks->data.begin() + zlib_head_size);
  append_varint(stream->corrections.size(), plain);
  plain.insert(plain.end(), stream->corrections.begin(), stream->corrections.end());
  const Bytes content = pixels ? *pixels : stream->plain;
  plain.insert(plain.end(), content.begin(), content.end());
  return plain;
}

bool append_png(const TransformLayout& layout, Bytes plain, std::size_t limit,
                std::vector<std::uint8_t>& raw) {
  const std::optional<PngFront> front = png_front(plain);
  if (!front) return false;
  Bytes content = plain.subspan(front->size);
  std::optional<std::vector<std::uint8_t>> rows;
  if (layout.row != 0) {
    rows = (interlaced(layout) ? with_passes : with_filters)(content, layout.row, pixel_bytes(layout));
    if (!rows) return false;
    content = *rows;
  }
  std::vector<std::uint8_t> data(front->zlib, front->zlib + zlib_head_size);
  if (!append_deflated(stream_parameters(layout), front->corrections, content, limit, data)) return false;
  append_big_endian(adler32(content), data);
  return append_chunks(data, front->chunk, limit, raw);
}

}  // namespace ssmz::codec
