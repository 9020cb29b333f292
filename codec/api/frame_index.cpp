// SPDX-License-Identifier: Apache-2.0
// Finds the frames of an archive without reading it, and decodes a range of its content.
#include <algorithm>
#include <array>
#include <limits>

#include "codec/api/errors_to_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/parser.hpp"
#include "codec/frame/seek_table.hpp"
#include "codec/frame/stream_order.hpp"
#include "ssmz/archive.hpp"

namespace ssmz {

using interface_detail::without_exceptions;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t walk_piece = 4096;
constexpr std::size_t decode_piece = std::size_t{1} << 18;

Status read_piece(const ReadAt& read, std::uint64_t offset, std::uint64_t end, std::size_t most, Bytes& out) {
  out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, end - offset)));
  return out.empty() ? Status{} : read(offset, out);
}

/// The end of the archive without the zeros behind it.
Result<std::uint64_t> end_of_frames(std::uint64_t size, const ReadAt& read) {
  Bytes piece;
  for (std::size_t most = codec::seek_footer_size; size != 0; most = walk_piece) {
    const std::uint64_t start = size - std::min<std::uint64_t>(size, most);
    if (const Status status = read_piece(read, start, size, most, piece); !status.ok()) return status;
    const auto last = std::find_if(piece.rbegin(), piece.rend(), [](std::uint8_t byte) { return byte != 0; });
    size -= static_cast<std::uint64_t>(last - piece.rbegin());
    if (last != piece.rend()) break;
  }
  return size;
}

/// Frames by the table at the end; none if it does not speak of all bytes before it.
Result<std::vector<codec::SeekEntry>> read_table(std::uint64_t end, const ReadAt& read) {
  std::vector<codec::SeekEntry> none;
  if (end < codec::seek_footer_size) return none;
  std::array<std::uint8_t, codec::seek_footer_size> footer{};
  if (const Status status = read(end - footer.size(), footer); !status.ok()) return status;
  const std::optional<std::uint64_t> size = codec::seek_table_size(footer);
  if (!size || *size > end) return none;
  Bytes table(static_cast<std::size_t>(*size));
  if (const Status status = read(end - *size, table); !status.ok()) return status;
  std::optional<std::vector<codec::SeekEntry>> entries = codec::read_seek_table(table);
  if (!entries) return none;
  std::uint64_t left = end - *size;
  std::uint64_t content = 0;
  for (const codec::SeekEntry& entry : *entries) {
    if (entry.frame_size > left || entry.content_size > codec::varint_limit - content) return none;
    left -= entry.frame_size;
    content += entry.content_size;
  }
  if (left != 0) return none;
  return std::move(*entries);
}

/// Reads frames' block headers one after the other, jumping over the blocks.
class Walker {
 public:
  Walker(std::uint64_t end, const ReadAt& read) : end_(end), read_(read) {}

  Status walk(std::vector<FrameIndex::Frame>& frames) {
    if (end_ == 0) return {Code::truncated, "the input is empty"};
    while (at_ < end_) {
      std::array<std::uint8_t, codec::skippable_header_size> start{};
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(start.size(), end_ - at_));
      if (const Status status = read_(at_, std::span(start).first(size)); !status.ok()) return status;
      Status status;
      if (start.front() == 0 && order_.padding_allowed()) {
        ++at_;
      } else if (std::equal(codec::skippable_magic.begin(), codec::skippable_magic.end(), start.begin())) {
        status = skippable(start, size);
      } else {
        status = frame(frames);
      }
      if (!status.ok()) return {status.code, status.detail, at_};
    }
    return order_.finish();
  }

 private:
  Status skippable(const std::array<std::uint8_t, codec::skippable_header_size>& start, std::size_t size) {
    const std::uint64_t payload =
        codec::ByteReader(std::span(start).subspan(codec::skippable_magic.size())).little_endian(4);
    if (size < start.size() || payload > end_ - at_ - size)
      return {Code::truncated, "the input ends inside a skippable frame"};
    at_ += size + payload;
    return {};
  }

  Status frame(std::vector<FrameIndex::Frame>& frames) {
    using Event = codec::FrameParser::Event;
    codec::FrameParser parser(codec::FrameParser::BlockData::skip);
    const std::uint64_t start = at_;
    for (;;) {
      if (const Status status = read_piece(read_, at_, end_, walk_piece, piece_); !status.ok()) return status;
      if (piece_.empty()) return {Code::truncated, "the input ends inside a frame"};
      std::span<const std::uint8_t> rest = piece_;
      Event event = Event::need_input;
      do {
        const auto next = parser.next(rest);
        if (!next.ok()) return next.status();
        event = next.value();
        if (event == Event::header) {
          if (const Status status = order_.begin_frame(parser.header().number); !status.ok()) return status;
        }
      } while (event != Event::need_input && event != Event::end);
      at_ = start + parser.consumed();
      if (event == Event::end) break;
      at_ += parser.jump(end_ - at_);
    }
    frames.push_back({start, parser.consumed(), content_, parser.content()});
    content_ += parser.content();
    order_.end_frame({parser.consumed(), parser.content()}, parser.block().frame_follows);
    return {};
  }

  std::uint64_t end_;
  const ReadAt& read_;
  codec::StreamOrder order_;
  std::uint64_t at_ = 0;
  std::uint64_t content_ = 0;
  Bytes piece_;
};

}  // namespace

Result<FrameIndex> FrameIndex::read(std::uint64_t size, const ReadAt& read) {
  return without_exceptions([&]() -> Result<FrameIndex> {
    FrameIndex index;
    const Result<std::uint64_t> end = end_of_frames(size, read);
    if (!end.ok()) return end.status();
    const auto table = read_table(end.value(), read);
    if (!table.ok()) return table.status();
    Frame next;
    for (const codec::SeekEntry& entry : table.value()) {
      next.size = entry.frame_size;
      next.content_size = entry.content_size;
      index.frames_.push_back(next);
      next.offset += entry.frame_size;
      next.content_offset += entry.content_size;
    }
    if (!index.frames_.empty()) return index;
    // What seems to be padding may be the end of a frame: a checksum may end with zeros.
    if (const Status status = Walker(size, read).walk(index.frames_); !status.ok()) return status;
    return index;
  });
}

std::uint64_t FrameIndex::content_size() const noexcept {
  return frames_.empty() ? 0 : frames_.back().content_offset + frames_.back().content_size;
}

std::size_t FrameIndex::frame_at(std::uint64_t offset) const noexcept {
  if (offset >= content_size()) return frames_.size();
  const auto after = std::upper_bound(
      frames_.begin(), frames_.end(), offset,
      [](std::uint64_t at, const Frame& frame) { return at < frame.content_offset + frame.content_size; });
  return static_cast<std::size_t>(after - frames_.begin());
}

Status decompress_range(const FrameIndex& index, const ReadAt& read, std::uint64_t offset,
                        std::uint64_t length, const Sink& sink, const DecompressOptions& options) {
  return without_exceptions([&]() -> Status {
    const std::uint64_t end = offset + std::min(length, std::numeric_limits<std::uint64_t>::max() - offset);
    const std::size_t first = index.frame_at(offset);
    std::size_t last = first;
    while (last < index.frames().size() && index.frames()[last].content_offset < end) ++last;
    if (first == last || length == 0) return {};
    const FrameIndex::Frame& front = index.frames()[first];
    const FrameIndex::Frame& back = index.frames()[last - 1];
    std::uint64_t at = front.content_offset;
    const Sink part = [&](std::span<const std::uint8_t> content) -> Status {
      const std::uint64_t from = std::clamp(offset, at, at + content.size());
      const std::uint64_t to = std::clamp(end, at, at + content.size());
      const auto wanted =
          content.subspan(static_cast<std::size_t>(from - at), static_cast<std::size_t>(to - from));
      at += content.size();
      return wanted.empty() ? Status{} : sink(wanted);
    };
    DecompressOptions some = options;
    some.part_of_stream = true;
    Result<Decoder> decoder = Decoder::create(some);
    if (!decoder.ok()) return decoder.status();
    Bytes piece;
    const std::uint64_t stop = back.offset + back.size;
    for (std::uint64_t from = front.offset; from < stop; from += piece.size()) {
      if (const Status status = read_piece(read, from, stop, decode_piece, piece); !status.ok())
        return status;
      if (const Status status = decoder.value().update(piece, part); !status.ok()) return status;
    }
    if (const Status status = decoder.value().finish(part); !status.ok()) return status;
    if (at == back.content_offset + back.content_size) return {};
    return {Code::data_damaged, "the frames' contents are not as long as the index says"};
  });
}

}  // namespace ssmz
