// SPDX-License-Identifier: Apache-2.0
// Walks over frames by their headers and blocks' sizes, over skippable frames by theirs.
#include "codec/api/stream_borders.hpp"

#include <algorithm>
#include <utility>

#include "codec/base/gather.hpp"
#include "codec/frame/frame.hpp"

namespace ssmz::interface_detail {

namespace {

/// In place of a StreamOrder: what stands where is the decoder's to judge.
struct Unordered {
  static void begin_skippable(std::uint32_t) {}
  static void skippable(std::span<const std::uint8_t>) {}
  static Status end_skippable() { return {}; }
};

}  // namespace

StreamBorders::Found StreamBorders::take(std::span<const std::uint8_t> in) {
  switch (part_) {
    case Part::magic: return magic(in);
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
    if (whole) part_ = Part::skippable;
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
  Unordered order;
  const bool ended = skippable_.take(held_, in, order).value();
  if (held_.size() == codec::skippable_header_size) held_.clear();  // it has been read
  Found found{.taken = before - in.size()};
  if (!ended) return found;
  part_ = Part::magic;
  if (!in_stream_) found.border = Border::skippable_end;
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
