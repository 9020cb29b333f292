// SPDX-License-Identifier: Apache-2.0
// Reads frame and block headers; trusts nothing.
#include <algorithm>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

namespace detail = header_detail;

namespace {

Status short_or(ByteReader::State state, Code code, const char* detail) {
  if (state == ByteReader::State::short_input) return {Code::truncated, "the input ends inside a header"};
  return {code, detail};
}

std::string read_text(ByteReader& reader) {
  std::string text(reader.little_endian(1), '\0');
  for (char& letter : text) letter = static_cast<char>(reader.little_endian(1));
  return text;
}

SsmChoice read_ssm(ByteReader& reader) {
  SsmChoice ssm;
  ssm.stack = read_text(reader);
  ssm.width = reader.varint();
  ssm.replay = reader.varint();
  return ssm;
}

FrameModel read_model(ByteReader& reader, std::uint64_t flags) {
  FrameModel model;
  const std::uint64_t shape = reader.little_endian(1);
  model.parameters.level = static_cast<std::uint8_t>(shape & ((1u << detail::level_bits) - 1));
  model.parameters.table_log2 = static_cast<std::uint8_t>((shape >> detail::level_bits) + least_table_log2);
  const bool is_named = (flags & detail::flag_vocabulary) != 0;
  model.vocabulary_hash = is_named ? reader.little_endian(8) : Vocabulary::builtin_hash();
  if ((flags & detail::flag_prime) != 0) {
    model.prime.emplace();
    model.prime->hash = reader.little_endian(8);
    model.prime->length = reader.varint();
    model.prime->name = read_text(reader);
  }
  if ((flags & detail::flag_stack) != 0) model.parameters.ssm = read_ssm(reader);
  return model;
}

/// What the checksum does not tell: whether an encoder may write so.
Status check_fields(const FrameHeader& header, std::uint64_t flags) {
  if ((flags & detail::flag_number) != 0 && header.number == 0)
    return {Code::header_damaged, "a frame's number is malformed"};
  if (!header.model) return {};
  if (header.model->prime && header.model->prime->length == 0)
    return {Code::header_damaged, "a prime of no bytes"};
  std::optional<std::uint64_t> size = header.content_size;
  if (size && header.model->prime) *size += std::min(header.model->prime->length, varint_limit - *size);
  if (!valid(header.model->parameters, size))
    return {Code::header_damaged, "the model's parameters are out of range"};
  return {};
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
  const unsigned flags = in[frame_magic.size() + 1];
  constexpr unsigned of_model = detail::flag_prime | detail::flag_stack | detail::flag_vocabulary;
  if ((flags & ~detail::known_flags) != 0 || ((flags & of_model) != 0 && (flags & detail::flag_model) == 0)) {
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
  if ((flags & detail::flag_number) != 0) parsed.header.number = reader.varint();
  if ((flags & detail::flag_model) != 0) parsed.header.model = read_model(reader, flags);
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
  if (const Status status = check_fields(parsed.header, flags); !status.ok()) return status;
  parsed.size = reader.position();
  return parsed;
}

namespace {

/// What is no block: `mark` stands where a block has its size.
Result<BlockHeader> read_mark(std::uint64_t mark, ByteReader& reader) {
  BlockHeader header;
  switch (mark) {
    case static_cast<std::uint64_t>(detail::Mark::end_of_stream):
    case static_cast<std::uint64_t>(detail::Mark::frame_follows):
      header.role = BlockRole::end;
      header.frame_follows = mark == static_cast<std::uint64_t>(detail::Mark::frame_follows);
      return header;
    case static_cast<std::uint64_t>(detail::Mark::anew): header.role = BlockRole::anew; return header;
    case static_cast<std::uint64_t>(detail::Mark::prime_piece):
    case static_cast<std::uint64_t>(detail::Mark::prime_rest): break;
    default: return Status{Code::data_damaged, "an unknown mark stands in place of a block"};
  }
  header.role = BlockRole::prime;
  const bool rest = mark == static_cast<std::uint64_t>(detail::Mark::prime_rest);
  const std::uint64_t size = rest ? 0 : reader.varint();
  const ContentKind* const kind = find_kind(static_cast<BlockKind>(reader.little_endian(1)));
  const std::uint64_t layout = kind && kind->valid_layout ? reader.varint() : 0;
  if (reader.state() != ByteReader::State::good)
    return short_or(reader.state(), Code::data_damaged, "a block header's number is malformed");
  if ((size == 0 && !rest) || size > max_block_size || !kind || kind->number == BlockKind::copy ||
      kind->number == BlockKind::transformed || !fits(*kind, layout))
    return Status{Code::data_damaged, "a block header is out of range"};
  header.raw_size = static_cast<std::uint32_t>(size);
  header.type = {kind->number, layout};
  return header;
}

// What is not smaller coded stands as it is, but for blocks, which are always coded.
bool may_code(BlockType type, std::uint64_t coded_size, std::uint64_t raw_size) {
  return coded_size <= raw_size || is_nested(type);
}

}  // namespace

Result<Parsed<BlockHeader>> parse_block_header(std::span<const std::uint8_t> in) {
  ByteReader reader(in);
  const std::uint64_t first = reader.varint();
  const std::uint64_t number = first & ((1u << detail::kind_bits) - 1);
  const std::uint64_t raw_size = first >> detail::kind_bits;
  if (reader.state() == ByteReader::State::good && number == detail::mark_kind) {
    const Result<BlockHeader> mark = read_mark(raw_size, reader);
    if (!mark.ok()) return mark.status();
    return Parsed<BlockHeader>{mark.value(), reader.position()};
  }
  const ContentKind* const kind = find_kind(static_cast<BlockKind>(number));
  std::uint64_t layout = 0;
  std::uint64_t coded_size = kind && kind->number == BlockKind::copy ? 0 : raw_size;
  if (kind && kind->valid_layout) layout = reader.varint();
  if (kind && is_modelled(kind->number)) coded_size = reader.varint();
  if (reader.state() != ByteReader::State::good) {
    return short_or(reader.state(), Code::data_damaged, "a block header's number is malformed");
  }
  if (!kind || !fits(*kind, layout) || std::max(raw_size, coded_size) > max_block_size ||
      (raw_size != 0 && !may_code({kind->number, layout}, coded_size, raw_size))) {
    return Status{Code::data_damaged, "a block header is out of range"};
  }
  const BlockHeader header{.type = {kind->number, layout},
                           .raw_size = static_cast<std::uint32_t>(raw_size),
                           .coded_size = static_cast<std::uint32_t>(coded_size)};
  return Parsed<BlockHeader>{header, reader.position()};
}

bool complete_block_header(BlockHeader& block, std::uint64_t rest) {
  if (block.raw_size != 0) return true;
  if (rest == 0 || rest > max_block_size) return false;
  block.raw_size = static_cast<std::uint32_t>(rest);
  if (block.type.kind == BlockKind::stored) block.coded_size = block.raw_size;
  return may_code(block.type, block.coded_size, rest);
}

}  // namespace ssmz::codec
