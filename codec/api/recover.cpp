// SPDX-License-Identifier: Apache-2.0
// Finds intact frames in damaged data.
#include <algorithm>

#include "codec/api/errors_to_values.hpp"
#include "codec/frame/header.hpp"
#include "codec/frame/parser.hpp"
#include "codec/frame/stream_encoder.hpp"
#include "ssmz/archive.hpp"

namespace ssmz {

using interface_detail::append_to;
using interface_detail::without_exceptions;

namespace {

struct SizedFrame {
  IntactFrame frame;
  std::uint64_t content = 0;  ///< Bytes.
};

/// The frame that `data` begins with, by its sizes alone; nullopt if there is none or it is not whole.
std::optional<SizedFrame> sized_frame(std::span<const std::uint8_t> data, std::uint64_t output_limit) {
  using Event = codec::FrameParser::Event;
  codec::FrameParser parser(codec::FrameParser::BlockData::skip);
  for (;;) {
    const Result<Event> event = parser.next(data);
    if (!event.ok() || event.value() == Event::need_input || parser.content() > output_limit)
      return std::nullopt;
    if (event.value() != Event::end) continue;
    return SizedFrame{.frame = {.offset = 0,
                                .size = parser.consumed(),
                                .number = parser.header().number,
                                .frame_follows = parser.block().frame_follows,
                                .has_checksum = parser.header().has_checksum},
                      .content = parser.content()};
  }
}

Status decode(std::span<const std::uint8_t> frame, const DecompressOptions& options, const Sink& sink) {
  Result<Decoder> decoder = Decoder::create(options);
  if (!decoder.ok()) return decoder.status();
  const Status status = decoder.value().update(frame, sink);
  return status.ok() ? decoder.value().finish(sink) : status;
}

/// Gives a frame that is known to be whole.
Status give(IntactFrame frame, std::span<const std::uint8_t> bytes, const DecompressOptions& options,
            const IntactFrameSink& sink) {
  return decode(bytes, options, [&](std::span<const std::uint8_t> piece) {
    const Status status = sink(frame, piece);
    frame.content_offset += piece.size();
    return status;
  });
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
      std::optional<SizedFrame> candidate = sized_frame(data.subspan(at), options.output_limit);
      Status status{Code::data_damaged};
      std::span<const std::uint8_t> bytes;
      const bool held = candidate && candidate->content <= codec::whole_frame_limit;
      if (candidate) {
        content.clear();
        bytes = data.subspan(at, static_cast<std::size_t>(candidate->frame.size));
        status = decode(bytes, alone, held ? append_to(content) : Sink([](auto) { return Status{}; }));
      }
      if (status.code == Code::out_of_memory || status.code == Code::cancelled) return status;
      if (curable(status.code) && hindrance.ok()) hindrance = status;
      if (!status.ok()) {
        ++at;
        continue;
      }
      found = true;
      candidate->frame.offset = at;
      const Status given =
          held ? sink(candidate->frame, content) : give(candidate->frame, bytes, alone, sink);
      if (!given.ok()) return given;
      at += bytes.size();
    }
    return found ? Status{} : hindrance;
  });
}

}  // namespace ssmz
