// SPDX-License-Identifier: Apache-2.0
// Blocks of deflate streams: what the layout says, and corrections in front of the content.
#include "codec/transform/deflated.hpp"

#include <algorithm>

#include "codec/base/check_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/inflate.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned writer_at = 4, writer_bits = stream_check_at - writer_at;

/// What stands behind a stream of this content.
std::vector<std::uint8_t> check_of(StreamCheck check, Bytes content) {
  std::vector<std::uint8_t> value;
  if (check == StreamCheck::crc32) {
    append_little_endian(crc32(content), 4, value);
    append_little_endian(content.size(), 4, value);
  } else if (check == StreamCheck::adler32) {
    append_little_endian(adler32(content), 4, value);
    std::ranges::reverse(value);
  }
  return value;
}

}  // namespace

std::uint16_t packed(DeflateParameters parameters) noexcept {
  return static_cast<std::uint16_t>(parameters.level | static_cast<unsigned>(parameters.writer) << writer_at);
}

DeflateParameters deflate_parameters(const TransformLayout& layout) noexcept {
  return {static_cast<std::uint8_t>(layout.line % (1u << writer_at)),
          static_cast<DeflateWriter>(layout.line >> writer_at & ((1u << writer_bits) - 1))};
}

StreamCheck stream_check(const TransformLayout& layout) noexcept {
  return static_cast<StreamCheck>(layout.line >> stream_check_at);
}

std::size_t right_check(StreamCheck check, Bytes content, Bytes behind) {
  const std::vector<std::uint8_t> right = check_of(check, content);
  return behind.size() >= right.size() && std::ranges::equal(right, behind.first(right.size())) ? right.size()
                                                                                                : 0;
}

bool valid_deflated_layout(const TransformLayout& layout) noexcept {
  return deflate_parameters(layout).valid() && stream_check(layout) <= StreamCheck::crc32;
}

std::optional<ReadStream> read_stream(DeflateParameters parameters, Bytes stream, std::size_t most,
                                      const KnownCorrections& known) {
  std::size_t work = 0;
  std::optional<Inflated> inflated = inflate(stream, most_stream_plain, work);
  if (!inflated || inflated->size != stream.size()) return std::nullopt;
  std::optional<Corrections> corrections =
      known ? *known : corrections_of(parameters, stream, inflated->plain, most);
  if (!corrections) return std::nullopt;
  return ReadStream{std::move(inflated->plain), std::move(*corrections)};
}

std::optional<std::vector<std::uint8_t>> from_deflated(const TransformLayout& layout, Bytes raw,
                                                       const KnownCorrections& known) {
  const StreamCheck check = stream_check(layout);
  const std::size_t check_size = check_of(check, {}).size();
  if (raw.size() < check_size) return std::nullopt;
  const Bytes bytes = raw.first(raw.size() - check_size);
  std::optional<ReadStream> stream =
      read_stream(deflate_parameters(layout), bytes, layout.crlf ? raw.size() : 0, known);
  if (stream && right_check(check, stream->plain, raw.last(check_size)) != check_size) return std::nullopt;
  if (!stream || stream->corrections.empty() == layout.crlf) return std::nullopt;
  if (!layout.crlf) return std::move(stream->plain);
  std::vector<std::uint8_t> plain;
  append_varint(stream->corrections.size(), plain);
  plain.insert(plain.end(), stream->corrections.begin(), stream->corrections.end());
  plain.insert(plain.end(), stream->plain.begin(), stream->plain.end());
  return plain;
}

bool append_deflated_block(const TransformLayout& layout, Bytes plain, std::size_t limit,
                           std::vector<std::uint8_t>& raw) {
  Bytes corrections;
  if (layout.crlf) {
    ByteReader reader(plain);
    const std::uint64_t size = reader.varint();
    if (reader.state() != ByteReader::State::good || size == 0 || size > plain.size() - reader.position())
      return false;
    corrections = reader.bytes(static_cast<std::size_t>(size));
    plain = plain.subspan(reader.position());
  }
  const std::vector<std::uint8_t> check = check_of(stream_check(layout), plain);
  if (check.size() > limit ||
      !append_deflated(deflate_parameters(layout), corrections, plain, limit - check.size(), raw))
    return false;
  raw.insert(raw.end(), check.begin(), check.end());
  return true;
}

}  // namespace ssmz::codec
