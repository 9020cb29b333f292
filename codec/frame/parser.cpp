// SPDX-License-Identifier: Apache-2.0
// Walks headers and blocks.
#include "codec/frame/parser.hpp"

#include <algorithm>

#include "codec/base/gather.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/transform/transform.hpp"

namespace ssmz::codec {

Result<FrameParser::Event> FrameParser::next(std::span<const std::uint8_t>& in) {
  switch (part_) {
    case Part::frame_header: return frame_header(in);
    case Part::block_header: return block_header(in);
    case Part::block_data: return block_bytes(in);
    case Part::checksum: return end(in);
  }
  return Status{Code::bad_state, "the frame has ended"};
}

void FrameParser::take(std::span<const std::uint8_t>& in, std::size_t size) {
  in = in.subspan(size);
  consumed_ += size;
}

bool FrameParser::gather(std::span<const std::uint8_t>& in, std::size_t size) {
  const std::size_t before = in.size();
  const bool whole = codec::gather(held_, in, size);
  consumed_ += before - in.size();
  return whole;
}

Result<FrameParser::Event> FrameParser::frame_header(std::span<const std::uint8_t>& in) {
  // A header's length shows only as it is read; it is short, so bytes go one by one.
  while (gather(in, held_.size() + 1)) {
    Result<Parsed<FrameHeader>> parsed = parse_frame_header(held_);
    if (parsed.ok()) {
      header_ = parsed.value().header;
      held_.clear();
      part_ = Part::block_header;
      return Event::header;
    }
    if (parsed.status().code != Code::truncated) return parsed.status();
  }
  return Event::need_input;
}

Result<FrameParser::Event> FrameParser::block_header(std::span<const std::uint8_t>& in) {
  while (gather(in, held_.size() + 1)) {
    Result<Parsed<BlockHeader>> parsed = parse_block_header(held_);
    if (parsed.ok()) {
      block_ = parsed.value().header;
      held_.clear();
      skipped_ = 0;
      if (block_.role == BlockRole::prime) {
        if (const Status status = check_prime(); !status.ok()) return status;
        return Event::prime;
      }
      if (block_.role == BlockRole::anew) {
        if (anew_) return Status{Code::data_damaged, "a model starts anew twice"};
        anew_ = true;
        return Event::anew;
      }
      part_ = block_.role == BlockRole::end ? Part::checksum : Part::block_data;
      if (const Status status = complete_block(); !status.ok()) return status;
      if (block_.type.kind == BlockKind::copy && block_.type.layout > std::min(content_, copy_reach(header_)))
        return Status{Code::data_damaged, "a copy reaches back too far"};
      content_ += block_.raw_size;
      modelled_ = modelled_ || is_modelled(block_.type.kind);
      if (const Status status = check_block(); !status.ok()) return status;
      return next(in);
    }
    if (parsed.status().code != Code::truncated) return parsed.status();
  }
  return Event::need_input;
}

Status FrameParser::complete_block() {
  if (block_.role == BlockRole::end) return {};
  const std::uint64_t rest = std::max(header_.content_size.value_or(0), content_) - content_;
  if (complete_block_header(block_, rest)) return {};
  return {Code::data_damaged, "a block for the rest of the content has no size or a wrong one"};
}

Status FrameParser::check_block() const {
  if (is_modelled(block_.type.kind) && !header_.model) {
    return {Code::data_damaged, "a coded block in a frame without a model"};
  }
  if (block_.type.kind == BlockKind::transformed &&
      !can_write(TransformLayout::unpacked(block_.type.layout), block_.raw_size)) {
    return {Code::data_damaged, "a block's plain bytes cannot be written as many as it says"};
  }
  const std::uint64_t size = header_.content_size.value_or(content_);
  if (content_ > size || (block_.role == BlockRole::end && content_ < size)) {
    return {Code::data_damaged, "the blocks do not add up to the content size"};
  }
  return {};
}

Status FrameParser::check_prime() const {
  if (!header_.model || !header_.model->prime)
    return {Code::data_damaged, "a prime is shown in a frame that names none"};
  if (modelled_ || anew_) return {Code::data_damaged, "a prime is shown after the first modelled block"};
  return {};
}

Result<FrameParser::Event> FrameParser::block_bytes(std::span<const std::uint8_t>& in) {
  const std::size_t size = block_.coded_size;
  if (data_ == BlockData::skip) {
    const std::size_t more = std::min(in.size(), size - skipped_);
    skipped_ += more;
    take(in, more);
    if (skipped_ < size) return Event::need_input;
  } else if (held_.empty() && in.size() >= size) {
    block_data_ = in.first(size);
    take(in, size);
  } else {
    if (!gather(in, size)) return Event::need_input;
    block_held_.swap(held_);
    held_.clear();
    block_data_ = block_held_;
  }
  part_ = Part::block_header;
  return Event::block;
}

Result<FrameParser::Event> FrameParser::end(std::span<const std::uint8_t>& in) {
  if (header_.has_checksum) {
    const std::size_t size = checksum_size(content_);
    if (!gather(in, size)) return Event::need_input;
    checksum_ = ByteReader(held_).little_endian(size);
  }
  return Event::end;
}

}  // namespace ssmz::codec
