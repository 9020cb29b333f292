// SPDX-License-Identifier: Apache-2.0
// Reads frame and block headers; trusts nothing.
#include <algorithm>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"

namespace ssmz::codec {

namespace detail = header_detail;

namespace {

Status short_or(ByteReader::State state, Code code, const char* detail) {
  if (state == ByteReader::State::short_input) return {Code::truncated, "the input ends inside a header"};
  return {code, detail};
}

FrameModel read_model(ByteReader& reader) {
  FrameModel model;
  model.parameters.level = static_cast<std::uint8_t>(reader.little_endian(1));
  model.parameters.table_log2 = static_cast<std::uint8_t>(reader.little_endian(1));
  model.memory_mib = reader.varint();
  model.vocabulary_hash = reader.little_endian(8);
  return model;
}

/// Magic and version, as far as they are there.
Status check_start(std::span<const std::uint8_t> in) {
  const std::size_t known = std::min(in.size(), frame_magic.size());
  if (!std::equal(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(known), frame_magic.begin())) {
    return {Code::not_a_frame, "the frame's magic number is missing"};
  }
  if (in.size() < frame_magic.size() + 2) return {Code::truncated, "the input ends inside a header"};
  if (in[frame_magic.size()] != format_version) {
    return {Code::unsupported_version, "the frame has another format version"};
  }
  if ((in[frame_magic.size() + 1] & ~detail::known_flags) != 0) {
    return {Code::header_damaged, "reserved header flags are set"};
  }
  return {};
}

}  // namespace

Result<Parsed<FrameHeader>> parse_frame_header(std::span<const std::uint8_t> in) {
  if (const Status start = check_start(in); !start.ok()) return start;
  ByteReader reader(in);
  reader.little_endian(frame_magic.size() + 1);
  const std::uint64_t flags = reader.little_endian(1);
  Parsed<FrameHeader> parsed;
  parsed.header.has_checksum = (flags & detail::flag_checksum) != 0;
  if ((flags & detail::flag_model) != 0) parsed.header.model = read_model(reader);
  if ((flags & detail::flag_content_size) != 0) parsed.header.content_size = reader.varint();
  const std::size_t checked = reader.position();
  const std::uint64_t check = reader.little_endian(detail::check_size);
  if (reader.state() != ByteReader::State::good) {
    return short_or(reader.state(), Code::header_damaged, "a header number is malformed");
  }
  constexpr std::uint64_t mask = (std::uint64_t{1} << (8 * detail::check_size)) - 1;
  if ((checksum(in.first(checked)) & mask) != check) {
    return Status{Code::header_damaged, "the header's checksum differs"};
  }
  if (parsed.header.model && !valid(parsed.header.model->parameters)) {
    return Status{Code::header_damaged, "the model's parameters are out of range"};
  }
  parsed.size = reader.position();
  return parsed;
}

Result<Parsed<BlockHeader>> parse_block_header(std::span<const std::uint8_t> in) {
  ByteReader reader(in);
  const std::uint64_t first = reader.varint();
  const std::uint64_t number = first & ((1u << detail::kind_bits) - 1);
  const std::uint64_t raw_size = first >> detail::kind_bits;
  if (number == detail::end_kind && raw_size == 0)
    return Parsed<BlockHeader>{{.end = true}, reader.position()};
  const ContentKind* const kind = find_kind(static_cast<BlockKind>(number));
  std::uint64_t layout = 0;
  std::uint64_t coded_size = raw_size;
  if (kind && kind->valid_layout) layout = reader.varint();
  if (kind && kind->number != BlockKind::stored) coded_size = reader.varint();
  if (reader.state() != ByteReader::State::good) {
    return short_or(reader.state(), Code::data_damaged, "a block header's number is malformed");
  }
  if (!kind || !fits(*kind, layout) || raw_size == 0 || raw_size > max_block_size || coded_size > raw_size) {
    return Status{Code::data_damaged, "a block header is out of range"};
  }
  const BlockHeader header{.type = {kind->number, layout},
                           .raw_size = static_cast<std::uint32_t>(raw_size),
                           .coded_size = static_cast<std::uint32_t>(coded_size)};
  return Parsed<BlockHeader>{header, reader.position()};
}

}  // namespace ssmz::codec
