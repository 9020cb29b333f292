// SPDX-License-Identifier: Apache-2.0
// Blocks of deflate streams: what the layout says, and corrections in front of the content.
#include "codec/transform/deflated.hpp"

#include "codec/base/little_endian.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/inflate.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned writer_at = 4;

}  // namespace

std::uint16_t packed(DeflateParameters parameters) noexcept {
  return static_cast<std::uint16_t>(parameters.level | static_cast<unsigned>(parameters.writer) << writer_at);
}

DeflateParameters deflate_parameters(const TransformLayout& layout) noexcept {
  return {static_cast<std::uint8_t>(layout.line % (1u << writer_at)),
          static_cast<DeflateWriter>(layout.line >> writer_at)};
}

bool valid_deflated_layout(const TransformLayout& layout) noexcept {
  return deflate_parameters(layout).valid();
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
  std::optional<ReadStream> stream =
      read_stream(deflate_parameters(layout), raw, layout.crlf ? raw.size() : 0, known);
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
  return append_deflated(deflate_parameters(layout), corrections, plain, limit, raw);
}

}  // namespace ssmz::codec
