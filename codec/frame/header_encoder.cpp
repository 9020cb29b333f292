// SPDX-License-Identifier: Apache-2.0
// Writes frame and block headers.
#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"

namespace ssmz::codec {

namespace detail = header_detail;

void append_frame_header(const FrameHeader& header, std::vector<std::uint8_t>& out) {
  const std::size_t start = out.size();
  out.insert(out.end(), frame_magic.begin(), frame_magic.end());
  out.push_back(format_version);
  unsigned flags = 0;
  if (header.content_size) flags |= detail::flag_content_size;
  if (header.has_checksum) flags |= detail::flag_checksum;
  if (header.model) flags |= detail::flag_model;
  out.push_back(static_cast<std::uint8_t>(flags));
  if (header.model) {
    out.push_back(header.model->parameters.level);
    out.push_back(header.model->parameters.table_log2);
    append_varint(header.model->memory_mib, out);
    append_little_endian(header.model->vocabulary_hash, 8, out);
  }
  if (header.content_size) append_varint(*header.content_size, out);
  append_little_endian(checksum(std::span(out).subspan(start)), detail::check_size, out);
}

void append_block_header(const BlockHeader& header, std::vector<std::uint8_t>& out) {
  if (header.end) {
    out.push_back(detail::end_kind);
    return;
  }
  append_varint(
      (std::uint64_t{header.raw_size} << detail::kind_bits) | static_cast<std::uint8_t>(header.type.kind),
      out);
  if (header.type.kind == BlockKind::stored) return;
  if (const ContentKind* const kind = find_kind(header.type.kind); kind && kind->valid_layout)
    append_varint(header.type.layout, out);
  append_varint(header.coded_size, out);
}

}  // namespace ssmz::codec
