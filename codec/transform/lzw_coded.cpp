// SPDX-License-Identifier: Apache-2.0
// Blocks of LZW streams: what stands in front of the content, and GIF's sub-blocks around the codes.
#include "codec/transform/lzw_coded.hpp"

#include <algorithm>

#include "codec/base/little_endian.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr unsigned form_at = 4;
constexpr std::size_t longest_sub_block = 255;

LzwParameters parameters_of(const TransformLayout& layout) {
  return {static_cast<LzwForm>(layout.line >> form_at),
          static_cast<std::uint8_t>(layout.line % (1u << form_at) + 1)};
}

bool has_sub_blocks(const TransformLayout& layout) { return parameters_of(layout).form == LzwForm::gif; }

struct SubBlocks {
  std::vector<std::uint8_t> data;
  std::size_t size = 0;  // of each but the last
};

/// Sub-blocks up to the empty one, of which all but the last are of one size (GIF89a, section 15).
std::optional<SubBlocks> read_sub_blocks(Bytes raw) {
  SubBlocks blocks;
  while (!raw.empty() && raw[0] != 0) {
    const std::size_t size = raw[0];
    if (blocks.size == 0) blocks.size = size;
    if (blocks.data.size() % blocks.size != 0 || size > blocks.size || size >= raw.size())
      return std::nullopt;
    blocks.data.insert(blocks.data.end(), raw.begin() + 1,
                       raw.begin() + 1 + static_cast<std::ptrdiff_t>(size));
    raw = raw.subspan(1 + size);
  }
  if (raw.size() != 1 || blocks.data.empty()) return std::nullopt;
  return blocks;
}

void append_sub_blocks(Bytes data, std::size_t size, std::vector<std::uint8_t>& raw) {
  while (!data.empty()) {
    const Bytes block = data.first(std::min(size, data.size()));
    raw.push_back(static_cast<std::uint8_t>(block.size()));
    raw.insert(raw.end(), block.begin(), block.end());
    data = data.subspan(block.size());
  }
  raw.push_back(0);
}

}  // namespace

std::uint16_t packed(LzwParameters parameters) noexcept {
  return static_cast<std::uint16_t>((parameters.bits - 1u) | static_cast<unsigned>(parameters.form)
                                                                 << form_at);
}

bool valid_lzw_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && parameters_of(layout).valid();
}

std::optional<LzwFront> lzw_front(const TransformLayout& layout, Bytes plain) {
  ByteReader reader(plain);
  LzwFront front;
  const std::uint64_t sub_block = has_sub_blocks(layout) ? reader.varint() : 1;
  front.clears.period = reader.varint();
  const std::uint64_t told = front.clears.period == 0 ? reader.varint() : 0;
  if (sub_block == 0 || sub_block > longest_sub_block || told > most_told_clears(plain.size()))
    return std::nullopt;
  for (std::uint64_t i = 0; i < told; ++i) front.clears.told.push_back(reader.varint());
  if (reader.state() != ByteReader::State::good) return std::nullopt;
  front.sub_block = static_cast<std::size_t>(sub_block);
  front.size = reader.position();
  return front;
}

std::optional<std::vector<std::uint8_t>> from_lzw(const TransformLayout& layout, Bytes raw) {
  std::optional<SubBlocks> blocks;
  Bytes stream = raw;
  if (has_sub_blocks(layout)) {
    blocks = read_sub_blocks(raw);
    if (!blocks) return std::nullopt;
    stream = blocks->data;
  }
  std::size_t work = 0;
  const std::optional<LzwContent> content = read_lzw(parameters_of(layout), stream, most_stream_plain, work);
  if (!content || content->size != stream.size()) return std::nullopt;
  std::vector<std::uint8_t> plain;
  if (blocks) append_varint(blocks->size, plain);
  append_varint(content->clears.period, plain);
  if (content->clears.period == 0) {
    append_varint(content->clears.told.size(), plain);
    for (const std::uint64_t codes : content->clears.told) append_varint(codes, plain);
  }
  plain.insert(plain.end(), content->plain.begin(), content->plain.end());
  return plain;
}

bool append_lzw_block(const TransformLayout& layout, Bytes plain, std::size_t limit,
                      std::vector<std::uint8_t>& raw) {
  const std::optional<LzwFront> front = lzw_front(layout, plain);
  if (!front) return false;
  const LzwParameters parameters = parameters_of(layout);
  const Bytes content = plain.subspan(front->size);
  if (!has_sub_blocks(layout)) return append_lzw(parameters, front->clears, content, limit, raw);
  std::vector<std::uint8_t> stream;
  if (!append_lzw(parameters, front->clears, content, limit, stream)) return false;
  append_sub_blocks(stream, front->sub_block, raw);
  return true;
}

}  // namespace ssmz::codec
