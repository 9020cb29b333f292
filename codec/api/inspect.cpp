// SPDX-License-Identifier: Apache-2.0
// Looks at frames without decoding them.
#include <algorithm>

#include "codec/api/errors_to_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/parser.hpp"
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
  if (header.model) {
    info.level = header.model->parameters.level;
    info.memory_needed = codec::memory_needed(header.model->parameters);
    info.vocabulary = header.model->vocabulary_hash;
  }
  return info;
}

Result<FrameInfo> inspect_frame(std::span<const std::uint8_t>& rest, std::uint64_t offset) {
  using Event = codec::FrameParser::Event;
  codec::FrameParser parser(codec::FrameParser::BlockData::skip);
  FrameInfo info;
  for (;;) {
    const Result<Event> event = parser.next(rest);
    if (!event.ok()) return Status{event.status().code, event.status().detail, offset + parser.consumed()};
    switch (event.value()) {
      case Event::need_input:
        return Status{Code::truncated, "the input ends inside a frame", offset + parser.consumed()};
      case Event::header: info = info_of(parser.header()); break;
      case Event::block:
        ++info.blocks;
        if (parser.block().type.kind == codec::BlockKind::stored)
          info.stored_bytes += parser.block().raw_size;
        break;
      case Event::end:
        info.offset = offset;
        info.frame_size = parser.consumed();
        info.content_size = parser.content();
        info.checksum = parser.checksum();
        return info;
    }
  }
}

/// Passes over the skippable frame that `rest` begins with.
Status skip_frame(std::span<const std::uint8_t>& rest, std::uint64_t offset) {
  codec::ByteReader reader(rest.subspan(codec::skippable_magic.size()));
  const std::uint64_t size = reader.little_endian(4) + codec::skippable_header_size;
  if (reader.state() != codec::ByteReader::State::good || size > rest.size()) {
    return {Code::truncated, "the input ends inside a skippable frame", offset};
  }
  rest = rest.subspan(static_cast<std::size_t>(size));
  return {};
}

}  // namespace

bool is_frame(std::span<const std::uint8_t> start) noexcept {
  return starts_with(start, codec::frame_magic) || starts_with(start, codec::skippable_magic);
}

Result<FrameInfo> peek(std::span<const std::uint8_t> start) {
  return without_exceptions([&]() -> Result<FrameInfo> {
    const auto parsed = codec::parse_frame_header(start);
    if (!parsed.ok()) return parsed.status();
    return info_of(parsed.value().header);
  });
}

Result<std::vector<FrameInfo>> inspect(std::span<const std::uint8_t> frames) {
  return without_exceptions([&]() -> Result<std::vector<FrameInfo>> {
    std::vector<FrameInfo> infos;
    std::span<const std::uint8_t> rest = frames;
    if (rest.empty()) return Status{Code::truncated, "the input is empty"};
    while (!rest.empty()) {
      const std::uint64_t offset = frames.size() - rest.size();
      if (starts_with(rest, codec::skippable_magic)) {
        if (const Status status = skip_frame(rest, offset); !status.ok()) return status;
        continue;
      }
      const Result<FrameInfo> info = inspect_frame(rest, offset);
      if (!info.ok()) return info.status();
      infos.push_back(info.value());
    }
    return infos;
  });
}

}  // namespace ssmz
