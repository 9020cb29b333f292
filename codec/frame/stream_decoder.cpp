// SPDX-License-Identifier: Apache-2.0
// Walks from frame to frame; a frame is decoded as it comes or fed to another thread.
#include "codec/frame/stream_decoder.hpp"

#include <algorithm>

#include "codec/base/little_endian.hpp"
#include "codec/frame/stream_encoder.hpp"

namespace ssmz::codec {

StreamDecoder::StreamDecoder(StreamDecoderOptions options)
    : options_(std::move(options)), jobs_(options_.threads, options_.memory_limit, options_.progress) {}

StreamDecoder::~StreamDecoder() { end_feed(); }

FrameDecoderOptions StreamDecoder::frame_options() const {
  return {.memory_limit = options_.memory_limit,
          .find_vocabulary = options_.find_vocabulary,
          .factory = options_.factory};
}

Status StreamDecoder::update(std::span<const std::uint8_t> in, const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "update after finish"};
  while (!in.empty()) {
    const std::size_t before = in.size();
    Status status = step(in, sink);
    consumed_ += before - in.size();
    if (!status.ok()) {
      if (status.offset == 0) status.offset = frame_start_;
      return failed_ = status;
    }
  }
  return failed_ =
             jobs_.deliver_ready([&](std::span<const std::uint8_t> content) { return give(content, sink); });
}

Status StreamDecoder::step(std::span<const std::uint8_t>& in, const Sink& sink) {
  switch (part_) {
    case Part::magic: return magic(in, sink);
    case Part::frame: return frame(in, sink);
    case Part::header: return header(in, sink);
    case Part::feed: return feed(in, sink);
    case Part::skip_size:
      if (!gather(in, skippable_header_size)) return {};
      skip_ = ByteReader(std::span(held_).subspan(skippable_magic.size())).little_endian(4);
      part_ = Part::skip;
      [[fallthrough]];
    case Part::skip: {
      const std::uint64_t size = std::min<std::uint64_t>(skip_, in.size());
      in = in.subspan(static_cast<std::size_t>(size));
      skip_ -= size;
      if (skip_ == 0) held_.clear();
      if (skip_ == 0) part_ = Part::magic;
      return {};
    }
  }
  return {Code::bad_state, "unreachable"};
}

bool StreamDecoder::gather(std::span<const std::uint8_t>& in, std::size_t size) {
  const std::size_t more = std::min(in.size(), size - held_.size());
  held_.insert(held_.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(more));
  in = in.subspan(more);
  return held_.size() == size;
}

Status StreamDecoder::magic(std::span<const std::uint8_t>& in, const Sink& sink) {
  if (held_.empty()) frame_start_ = consumed_;
  const bool whole = gather(in, frame_magic.size());
  // A wrong byte is told at once, not only when four are there.
  const auto starts = [this](const auto& magic) {
    return std::equal(held_.begin(), held_.end(), magic.begin());
  };
  if (!starts(frame_magic) && !starts(skippable_magic)) {
    return {Code::not_a_frame,
            frames_ == 0 ? "the data do not start with a frame"
                         : "something that is no frame follows the last frame",
            frame_start_};
  }
  if (!whole) return {};
  if (starts(frame_magic)) return start_frame(sink);
  part_ = Part::skip_size;
  return {};
}

Status StreamDecoder::start_frame(const Sink& sink) {
  ++frames_;
  if (options_.threads == 1) {
    part_ = Part::frame;
    direct_ = std::make_unique<FrameDecoder>(frame_options());
    std::span<const std::uint8_t> start = held_;
    const Status status = frame(start, sink);
    held_.clear();
    return status;
  }
  part_ = Part::header;
  walker_ = std::make_unique<FrameParser>(FrameParser::BlockData::skip);
  header_bytes_.clear();
  std::span<const std::uint8_t> start = held_;
  const Status status = header(start, sink);
  held_.clear();
  return status;
}

Status StreamDecoder::give(std::span<const std::uint8_t> content, const Sink& sink) {
  if (content.size() > options_.output_limit - content_) {
    return {Code::output_limit, "the content is larger than the output limit"};
  }
  content_ += content.size();
  return sink(content);
}

Status StreamDecoder::frame(std::span<const std::uint8_t>& in, const Sink& sink) {
  const std::uint64_t before = content_ - direct_->content();
  const auto progress = [&](std::uint64_t done) {
    return !options_.progress || options_.progress(before + done);
  };
  const Status status = direct_->update(
      in, [&](std::span<const std::uint8_t> content) { return give(content, sink); }, progress);
  needs_ = direct_->needs();
  if (!status.ok()) return {status.code, status.detail, frame_start_ + direct_->consumed()};
  if (direct_->ended()) {
    jobs_.count_content(direct_->content());
    direct_.reset();
    part_ = Part::magic;
  }
  return {};
}

bool StreamDecoder::fits_in_memory(const FrameHeader& header) {
  return header.content_size && *header.content_size <= whole_frame_limit;
}

Status StreamDecoder::drain(const Sink& sink) {
  return jobs_.drain([&](std::span<const std::uint8_t> content) { return give(content, sink); });
}

Status StreamDecoder::fail_after_earlier_frames(Status status, const Sink& sink) {
  const FrameNeeds needs = needs_;
  const Status earlier = drain(sink);
  needs_ = needs;
  return earlier.ok() ? status : earlier;
}

Status StreamDecoder::header(std::span<const std::uint8_t>& in, const Sink& sink) {
  const std::span<const std::uint8_t> all = in;
  const Result<FrameParser::Event> event = walker_->next(in);
  header_bytes_.insert(header_bytes_.end(), all.begin(), all.end() - static_cast<std::ptrdiff_t>(in.size()));
  Status status = event.status();
  if (!status.ok()) status.offset = frame_start_ + walker_->consumed();
  if (status.ok() && event.value() == FrameParser::Event::need_input) return {};
  if (status.ok() && !fits_in_memory(walker_->header())) return decode_directly(sink);
  if (status.ok()) status = check_header();
  if (!status.ok()) return fail_after_earlier_frames(status, sink);
  return start_job(sink);
}

Status StreamDecoder::check_header() {
  const FrameHeader& header = walker_->header();
  std::shared_ptr<const Vocabulary> vocabulary;
  const Status status = check_frame_needs(header, frame_options(), needs_, vocabulary);
  if (!status.ok()) return {status.code, status.detail, frame_start_};
  if (*header.content_size > options_.output_limit - announced_) {
    return {Code::output_limit, "the content is larger than the output limit", frame_start_};
  }
  announced_ += *header.content_size;
  return {};
}

Status StreamDecoder::decode_directly(const Sink& sink) {
  if (const Status status = drain(sink); !status.ok()) return status;
  part_ = Part::frame;
  direct_ = std::make_unique<FrameDecoder>(frame_options());
  std::span<const std::uint8_t> start = header_bytes_;
  return frame(start, sink);
}

Status StreamDecoder::start_job(const Sink& sink) {
  auto feed = std::make_shared<FrameFeed>();
  const auto work = [feed, options = frame_options(), start = frame_start_](
                        const FrameJobs::Emit& emit, const Progress& progress) -> Status {
    FrameDecoder decoder(options);
    const Sink emit_copy = [&emit](std::span<const std::uint8_t> content) {
      emit({content.begin(), content.end()});
      return Status{};
    };
    while (const auto bytes = feed->take()) {
      std::span<const std::uint8_t> in = *bytes;
      const Status status = decoder.update(in, emit_copy, progress);
      if (!status.ok()) {
        feed->abandon();
        return {status.code, status.detail, start + decoder.consumed()};
      }
    }
    return {};  // if the frame has not ended, the one who feeds knows why
  };
  feed->add(header_bytes_);
  const std::uint64_t content = *walker_->header().content_size;
  // Compressed bytes that wait are at most about as many as the content.
  const Status status =
      jobs_.submit(needs_.memory + 2 * content, content, work,
                   [&](std::span<const std::uint8_t> decoded) { return give(decoded, sink); });
  if (!status.ok()) return status;
  feed_ = std::move(feed);
  part_ = Part::feed;
  return {};
}

Status StreamDecoder::feed(std::span<const std::uint8_t>& in, const Sink& sink) {
  const std::span<const std::uint8_t> all = in;
  const Result<FrameParser::Event> event = walker_->next(in);
  feed_->add(all.first(all.size() - in.size()));
  if (!event.ok()) {
    end_feed();
    const Status status = event.status();
    return fail_after_earlier_frames({status.code, status.detail, frame_start_ + walker_->consumed()}, sink);
  }
  if (event.value() == FrameParser::Event::end) {
    end_feed();
    part_ = Part::magic;
  }
  return {};
}

void StreamDecoder::end_feed() {
  if (feed_) feed_->close();
  feed_.reset();
}

Status StreamDecoder::finish(const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "finish after finish"};
  finished_ = true;
  end_feed();
  const Status status =
      jobs_.drain([&](std::span<const std::uint8_t> content) { return give(content, sink); });
  if (!status.ok()) return failed_ = status;
  const bool inside = part_ != Part::magic || !held_.empty();
  if (inside || consumed_ == 0) {
    return failed_ = {Code::truncated, inside ? "the input ends inside a frame" : "the input is empty",
                      consumed_};
  }
  return {};
}

}  // namespace ssmz::codec
