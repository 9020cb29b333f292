// SPDX-License-Identifier: Apache-2.0
// Finds intact frames in damaged data.
#include <algorithm>

#include "codec/api/errors_to_values.hpp"
#include "codec/frame/header.hpp"
#include "codec/frame/parser.hpp"
#include "ssmz/archive.hpp"

namespace ssmz {

using interface_detail::without_exceptions;

namespace {

/// The frame that `data` begins with, by its sizes alone; nullopt if there is none or it is not whole.
std::optional<IntactFrame> sized_frame(std::span<const std::uint8_t> data, std::uint64_t output_limit) {
  using Event = codec::FrameParser::Event;
  codec::FrameParser parser(codec::FrameParser::BlockData::skip);
  for (;;) {
    const Result<Event> event = parser.next(data);
    if (!event.ok() || event.value() == Event::need_input || parser.content() > output_limit)
      return std::nullopt;
    if (event.value() != Event::end) continue;
    return IntactFrame{.offset = 0,
                       .size = parser.consumed(),
                       .number = parser.header().number,
                       .frame_follows = parser.block().frame_follows,
                       .has_checksum = parser.header().has_checksum};
  }
}

/// True if more than damage stands in the way: the caller can help.
bool curable(Code code) {
  return code == Code::memory_limit || code == Code::vocabulary_missing || code == Code::prime_missing;
}

}  // namespace

Status recover(std::span<const std::uint8_t> data, const IntactFrameSink& sink,
               const DecompressOptions& options) {
  return without_exceptions([&]() -> Status {
    DecompressOptions alone = options;
    alone.part_of_stream = true;
    Status hindrance;
    bool found = false;
    std::vector<std::uint8_t> content;
    for (std::size_t at = 0;;) {
      const auto start = std::search(data.begin() + static_cast<std::ptrdiff_t>(at), data.end(),
                                     codec::frame_magic.begin(), codec::frame_magic.end());
      if (start == data.end()) break;
      at = static_cast<std::size_t>(start - data.begin());
      std::optional<IntactFrame> frame = sized_frame(data.subspan(at), options.output_limit);
      Status status{Code::data_damaged};
      if (frame) {
        content.clear();
        Result<Decoder> decoder = Decoder::create(alone);
        if (!decoder.ok()) return decoder.status();
        status = decoder.value().update(data.subspan(at, static_cast<std::size_t>(frame->size)), content);
        if (status.ok()) status = decoder.value().finish(content);
      }
      if (status.code == Code::out_of_memory || status.code == Code::cancelled) return status;
      if (curable(status.code) && hindrance.ok()) hindrance = status;
      if (!status.ok()) {
        ++at;
        continue;
      }
      found = true;
      frame->offset = at;
      if (const Status given = sink(*frame, content); !given.ok()) return given;
      at += static_cast<std::size_t>(frame->size);
    }
    return found ? Status{} : hindrance;
  });
}

}  // namespace ssmz
