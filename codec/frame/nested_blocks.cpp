// SPDX-License-Identifier: Apache-2.0
// Headers and data of blocks, one behind the other, as in a frame, but without copies and marks.
#include "codec/frame/nested_blocks.hpp"

#include <algorithm>

#include "codec/block/registry.hpp"
#include "codec/frame/header.hpp"
#include "codec/transform/transform.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

const Status damaged{Code::data_damaged, "blocks within a block are not as it says"};

Status encode_blocks(BlockCoder& coder, const PlannedBlock& block, Bytes raw,
                     std::vector<std::uint8_t>& coded, const Progress& progress) {
  const std::optional<std::vector<std::uint8_t>> plain =
      plain_again(TransformLayout::unpacked(block.type.layout), raw, block.corrections);
  if (!plain) return {Code::bad_argument, "content is not what its transform writes"};
  Bytes rest = *plain;
  for (const PlannedBlock& inner : block.blocks) {
    const Bytes piece = rest.first(inner.size);
    rest = rest.subspan(inner.size);
    Bytes data = piece;
    std::vector<std::uint8_t> modelled;
    if (is_modelled(inner.type.kind)) {
      if (const Status status = encode_block(coder, inner, piece, modelled, progress); !status.ok())
        return status;
      if (modelled.size() < piece.size() || is_nested(inner.type)) data = modelled;
    }
    append_block_header({.type = inner.type,
                         .raw_size = rest.empty() ? 0 : static_cast<std::uint32_t>(inner.size),
                         .coded_size = static_cast<std::uint32_t>(data.size())},
                        coded);
    coded.insert(coded.end(), data.begin(), data.end());
  }
  return {};
}

class NestedDecoder {
 public:
  NestedDecoder(BlockCoder& coder, const BlockHeader& outermost, const Progress& progress)
      : coder_(coder),
        progress_(progress),
        plain_left_(most_nested_plain(outermost.raw_size)),
        most_depth_(TransformLayout::unpacked(outermost.type.layout).transform == Transform::zip
                        ? most_depth_in_archive
                        : most_nested_depth) {}

  Status decode(BlockType type, Bytes data, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                unsigned depth) {
    const TransformLayout layout = TransformLayout::unpacked(type.layout);
    if (depth > most_depth_ || !take(layout, raw_size)) return damaged;
    std::vector<std::uint8_t> plain;
    while (plain.size() < layout.plain_size)
      if (const Status status = next(data, layout.plain_size, plain, depth); !status.ok()) return status;
    if (!data.empty() || !append_written(layout, plain, raw_size, raw)) return damaged;
    return {};
  }

 private:
  /// Plain bytes cost time by their number, whatever the data.
  bool take(const TransformLayout& layout, std::size_t raw_size) {
    if (!can_write(layout, raw_size) || layout.plain_size > plain_left_) return false;
    plain_left_ -= layout.plain_size;
    return true;
  }

  /// A block of what is `size` bytes in all.
  Status next(Bytes& data, std::size_t size, std::vector<std::uint8_t>& plain, unsigned depth) {
    const Result<Parsed<BlockHeader>> parsed = parse_block_header(data);
    if (!parsed.ok()) return damaged;
    data = data.subspan(parsed.value().size);
    BlockHeader block = parsed.value().header;
    const std::size_t rest = size - plain.size();
    if (block.role != BlockRole::content || block.type.kind == BlockKind::copy ||
        !complete_block_header(block, rest) || block.raw_size > rest || block.coded_size > data.size())
      return damaged;
    const Bytes coded = data.first(block.coded_size);
    data = data.subspan(coded.size());
    const std::size_t before = plain.size();
    const Status status = append(block, coded, plain, depth);
    if (status.ok() && plain.size() - before != block.raw_size) return damaged;
    return status;
  }

  Status append(const BlockHeader& block, Bytes coded, std::vector<std::uint8_t>& plain, unsigned depth) {
    if (is_nested(block.type)) return decode(block.type, coded, block.raw_size, plain, depth + 1);
    if (block.type.kind == BlockKind::transformed &&
        !take(TransformLayout::unpacked(block.type.layout), block.raw_size))
      return damaged;
    if (block.coded_size != block.raw_size)
      return coder_.decode(block.type, coded, block.raw_size, plain, without_count(progress_));
    plain.insert(plain.end(), coded.begin(), coded.end());
    if (block.type.kind == BlockKind::stored) return {};
    // As in a frame: the encoder's model has seen it.
    return coder_.show(block.type, coded, without_count(progress_));
  }

  BlockCoder& coder_;
  const Progress& progress_;
  std::uint64_t plain_left_;
  unsigned most_depth_;
};

}  // namespace

Status encode_block(BlockCoder& coder, const PlannedBlock& block, Bytes raw, std::vector<std::uint8_t>& coded,
                    const Progress& progress) {
  if (!is_nested(block.type)) return coder.encode(block.type, raw, coded, progress);
  return encode_blocks(coder, block, raw, coded, without_count(progress));
}

Status decode_block(BlockCoder& coder, const BlockHeader& block, Bytes data, std::vector<std::uint8_t>& raw,
                    const Progress& progress) {
  if (!is_nested(block.type)) return coder.decode(block.type, data, block.raw_size, raw, progress);
  return NestedDecoder(coder, block, progress).decode(block.type, data, block.raw_size, raw, 1);
}

}  // namespace ssmz::codec
