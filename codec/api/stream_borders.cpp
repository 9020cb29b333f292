// SPDX-License-Identifier: Apache-2.0
// Walks over frames by their headers and blocks' sizes, over skippable frames by theirs.
#include "codec/api/stream_borders.hpp"

#include <algorithm>
#include <utility>

#include "codec/base/gather.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/frame.hpp"

namespace ssmz::interface_detail {

StreamBorders::Found StreamBorders::take(std::span<const std::uint8_t> in) {
  switch (part_) {
    case Part::magic: return magic(in);
    case Part::skippable_size:
    case Part::skippable: return skippable(in);
    case Part::frame: return frame(in);
    case Part::unreadable: return {.taken = in.size(), .to_decode = in};
  }
  return {};
}

StreamBorders::Found StreamBorders::magic(std::span<const std::uint8_t> in) {
  const std::size_t before = in.size();
  const bool whole = codec::gather(held_, in, codec::frame_magic.size());
  const auto starts = [this](const auto& magic) {
    return std::equal(held_.begin(), held_.end(), magic.begin());
  };
  Found found{.taken = before - in.size()};
  if (starts(codec::skippable_magic)) {
    if (whole) part_ = Part::skippable_size;
    return found;
  }
  if (starts(codec::frame_magic)) {
    if (!whole) return found;
    part_ = Part::frame;
    in_stream_ = true;
    parser_ = codec::FrameParser(codec::FrameParser::BlockData::skip);
    std::span<const std::uint8_t> start = held_;
    static_cast<void>(walk(start));
  } else {
    part_ = Part::unreadable;
  }
  given_ = std::exchange(held_, {});
  found.to_decode = given_;
  return found;
}

StreamBorders::Found StreamBorders::skippable(std::span<const std::uint8_t> in) {
  const std::size_t before = in.size();
  if (part_ == Part::skippable_size) {
    if (!codec::gather(held_, in, codec::skippable_header_size)) return {.taken = before - in.size()};
    skipping_ = codec::ByteReader(std::span(held_).subspan(codec::skippable_magic.size())).little_endian(4);
    held_.clear();
    part_ = Part::skippable;
  }
  const std::uint64_t size = std::min<std::uint64_t>(skipping_, in.size());
  skipping_ -= size;
  Found found{.taken = before - in.size() + static_cast<std::size_t>(size)};
  if (skipping_ == 0) {
    part_ = Part::magic;
    if (!in_stream_) found.border = Border::skippable_end;
  }
  return found;
}

StreamBorders::Border StreamBorders::walk(std::span<const std::uint8_t>& in) {
  while (!in.empty()) {
    const Result<codec::FrameParser::Event> event = parser_.next(in);
    if (!event.ok()) {
      part_ = Part::unreadable;
      in = {};
      return Border::none;
    }
    if (event.value() != codec::FrameParser::Event::end) continue;
    part_ = Part::magic;
    return parser_.block().frame_follows ? Border::frame_end : Border::stream_end;
  }
  return Border::none;
}

StreamBorders::Found StreamBorders::frame(std::span<const std::uint8_t> in) {
  std::span<const std::uint8_t> rest = in;
  const Border border = walk(rest);
  const std::size_t taken = in.size() - rest.size();
  return {.taken = taken, .to_decode = in.first(taken), .border = border};
}

}  // namespace ssmz::interface_detail
