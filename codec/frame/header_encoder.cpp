// SPDX-License-Identifier: Apache-2.0
// Writes frame and block headers.
#include <string_view>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

namespace detail = header_detail;

namespace {

void append_text(std::string_view text, std::vector<std::uint8_t>& out) {
  out.push_back(static_cast<std::uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

bool is_named(const FrameModel& model) { return model.vocabulary_hash != Vocabulary::builtin_hash(); }

void append_model(const FrameModel& model, std::vector<std::uint8_t>& out) {
  const unsigned table = model.parameters.table_log2 - least_table_log2;
  out.push_back(static_cast<std::uint8_t>(model.parameters.level | table << detail::level_bits));
  if (is_named(model)) append_little_endian(model.vocabulary_hash, 8, out);
  if (model.prime) {
    append_little_endian(model.prime->hash, 8, out);
    append_varint(model.prime->length, out);
    append_text(model.prime->name, out);
  }
  if (const auto& ssm = model.parameters.ssm) {
    append_text(ssm->stack, out);
    append_varint(ssm->width, out);
    append_varint(ssm->replay, out);
  }
}

void append_layout(const BlockType& type, std::vector<std::uint8_t>& out) {
  if (const ContentKind* const kind = find_kind(type.kind); kind && kind->valid_layout)
    append_varint(type.layout, out);
}

void append_mark(detail::Mark mark, std::vector<std::uint8_t>& out) {
  append_varint((std::uint64_t{static_cast<std::uint8_t>(mark)} << detail::kind_bits) | detail::mark_kind,
                out);
}

}  // namespace

void append_frame_header(const FrameHeader& header, std::vector<std::uint8_t>& out) {
  const std::size_t start = out.size();
  out.insert(out.end(), frame_magic.begin(), frame_magic.end());
  out.push_back(format_version);
  unsigned flags = 0;
  if (header.content_size) flags |= detail::flag_content_size;
  if (header.has_checksum) flags |= detail::flag_checksum;
  if (header.number != 0) flags |= detail::flag_number;
  if (header.model) flags |= detail::flag_model;
  if (header.model && is_named(*header.model)) flags |= detail::flag_vocabulary;
  if (header.model && header.model->prime) flags |= detail::flag_prime;
  if (header.model && header.model->parameters.ssm) flags |= detail::flag_stack;
  out.push_back(static_cast<std::uint8_t>(flags));
  if (header.number != 0) append_varint(header.number, out);
  if (header.model) append_model(*header.model, out);
  if (header.content_size) append_varint(*header.content_size, out);
  append_little_endian(checksum(std::span(out).subspan(start)), detail::check_size, out);
}

void append_block_header(const BlockHeader& header, std::vector<std::uint8_t>& out) {
  if (header.role == BlockRole::end)
    return append_mark(header.frame_follows ? detail::Mark::frame_follows : detail::Mark::end_of_stream, out);
  if (header.role == BlockRole::anew) return append_mark(detail::Mark::anew, out);
  if (header.role == BlockRole::prime) {
    append_mark(header.raw_size == 0 ? detail::Mark::prime_rest : detail::Mark::prime_piece, out);
    if (header.raw_size != 0) append_varint(header.raw_size, out);
    out.push_back(static_cast<std::uint8_t>(header.type.kind));
    append_layout(header.type, out);
    return;
  }
  append_varint(
      (std::uint64_t{header.raw_size} << detail::kind_bits) | static_cast<std::uint8_t>(header.type.kind),
      out);
  append_layout(header.type, out);
  if (is_modelled(header.type.kind)) append_varint(header.coded_size, out);
}

}  // namespace ssmz::codec
