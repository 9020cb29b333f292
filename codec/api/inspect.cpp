// SPDX-License-Identifier: Apache-2.0
// Looks at frames without decoding them.
#include <algorithm>

#include "codec/api/errors_to_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/parser.hpp"
#include "codec/frame/stream_order.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz {

using interface_detail::without_exceptions;

namespace {

bool starts_with(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

FrameInfo info_of(const codec::FrameHeader& header) {
  FrameInfo info;
  info.content_size = header.content_size;
  info.has_checksum = header.has_checksum;
  info.number = header.number;
  if (header.model) {
    info.level = header.model->parameters.level;
    info.memory_needed = codec::memory_needed(header.model->parameters);
    info.vocabulary = header.model->vocabulary_hash;
    if (const auto& ssm = header.model->parameters.ssm) {
      info.ssm = ssm->stack;
      info.ssm_width = ssm->width;
    }
    if (const auto& prime = header.model->prime)
      info.prime = PrimeInfo{.hash = prime->hash, .length = prime->length, .name = prime->name};
  }
  return info;
}

Result<FrameInfo> inspect_frame(std::span<const std::uint8_t>& rest, std::uint64_t offset,
                                codec::StreamOrder& order) {
  using Event = codec::FrameParser::Event;
  codec::FrameParser parser(codec::FrameParser::BlockData::skip);
  FrameInfo info;
  bool copies = false;
  for (;;) {
    const Result<Event> event = parser.next(rest);
    if (!event.ok()) return Status{event.status().code, event.status().detail, offset + parser.consumed()};
    switch (event.value()) {
      case Event::need_input:
        return Status{Code::truncated, "the input ends inside a frame", offset + parser.consumed()};
      case Event::header:
        info = info_of(parser.header());
        if (const Status status = order.begin_frame(info.number); !status.ok())
          return Status{status.code, status.detail, offset};
        break;
      case Event::prime:
      case Event::anew: break;
      case Event::block:
        ++info.blocks;
        if (!is_modelled(parser.block().type.kind)) info.stored_bytes += parser.block().raw_size;
        copies = copies || parser.block().type.kind == codec::BlockKind::copy;
        break;
      case Event::end:
        info.offset = offset;
        info.frame_size = parser.consumed();
        info.content_size = parser.content();
        info.checksum = parser.checksum();
        info.frame_follows = parser.block().frame_follows;
        if (info.stored_bytes == parser.content() && !copies) info.memory_needed = 0;
        order.end_frame({parser.consumed(), parser.content()}, info.frame_follows);
        return info;
    }
  }
}

/// Passes over the skippable frame that `rest` begins with.
Status skip_frame(std::span<const std::uint8_t>& rest, std::uint64_t offset, codec::StreamOrder& order) {
  codec::ByteReader reader(rest.subspan(codec::skippable_magic.size()));
  const std::uint64_t size = reader.little_endian(4) + codec::skippable_header_size;
  if (reader.state() != codec::ByteReader::State::good || size > rest.size()) {
    return {Code::truncated, "the input ends inside a skippable frame", offset};
  }
  order.begin_skippable(static_cast<std::uint32_t>(size - codec::skippable_header_size));
  order.skippable(rest.subspan(codec::skippable_header_size, size - codec::skippable_header_size));
  rest = rest.subspan(static_cast<std::size_t>(size));
  const Status status = order.end_skippable();
  return {status.code, status.detail, status.ok() ? 0 : offset};
}

}  // namespace

bool is_frame(std::span<const std::uint8_t> start) noexcept {
  return starts_with(start, codec::frame_magic) || starts_with(start, codec::skippable_magic);
}

bool FrameInfo::is_checksum_of(std::uint64_t hash) const noexcept {
  return checksum && *checksum == codec::written_checksum(hash, content_size.value_or(0));
}

Result<FrameInfo> peek(std::span<const std::uint8_t> start) {
  return without_exceptions([&]() -> Result<FrameInfo> {
    const auto parsed = codec::parse_frame_header(start);
    if (!parsed.ok()) return parsed.status();
    return info_of(parsed.value().header);
  });
}

Result<FrameInfo> measure_frame(std::span<const std::uint8_t> start) {
  return without_exceptions([&]() -> Result<FrameInfo> {
    codec::StreamOrder any;
    any.allow_parts();
    return inspect_frame(start, 0, any);
  });
}

Result<std::vector<FrameInfo>> inspect(std::span<const std::uint8_t> frames) {
  return without_exceptions([&]() -> Result<std::vector<FrameInfo>> {
    std::vector<FrameInfo> infos;
    std::span<const std::uint8_t> rest = frames;
    codec::StreamOrder order;
    if (rest.empty()) return Status{Code::truncated, "the input is empty"};
    while (!rest.empty()) {
      if (rest.front() == 0 && order.padding_allowed()) {
        rest = rest.subspan(1);
        continue;
      }
      const std::uint64_t offset = frames.size() - rest.size();
      if (starts_with(rest, codec::skippable_magic)) {
        if (const Status status = skip_frame(rest, offset, order); !status.ok()) return status;
        continue;
      }
      const Result<FrameInfo> info = inspect_frame(rest, offset, order);
      if (!info.ok()) return info.status();
      infos.push_back(info.value());
    }
    if (const Status status = order.finish(); !status.ok())
      return Status{status.code, status.detail, frames.size()};
    return infos;
  });
}

}  // namespace ssmz
