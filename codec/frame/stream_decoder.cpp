// SPDX-License-Identifier: Apache-2.0
// Finds frames, hands those that are worth it to jobs and decodes the others as they come.
#include "codec/frame/stream_decoder.hpp"

#include <algorithm>

#include "codec/base/gather.hpp"
#include "codec/frame/stream_encoder.hpp"

namespace ssmz::codec {

namespace {

/// Content of a frame that is decoded on the spot although there are threads: less than starting one costs.
constexpr std::uint64_t small_content = 256;
/// The same of frames without a model, which are copied.
constexpr std::uint64_t small_stored_content = std::uint64_t{1} << 18;

}  // namespace

StreamDecoder::StreamDecoder(StreamDecoderOptions options)
    : options_(std::move(options)), jobs_(options_.threads, options_.memory_limit, options_.progress) {
  if (options_.part_of_stream) order_.allow_parts();
}

StreamDecoder::~StreamDecoder() { end_feed(); }

FrameDecoderOptions StreamDecoder::frame_options() const {
  return {.memory_limit = options_.frame_memory_limit,
          .find_vocabulary = options_.find_vocabulary,
          .find_prime = options_.find_prime,
          .ignore_checksum = options_.ignore_checksum,
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
      return failed_ = fail_after_earlier_frames(status, sink);
    }
  }
  return failed_ = delivered(
             jobs_.deliver_ready([&](std::span<const std::uint8_t> content) { return give(content, sink); }));
}

Status StreamDecoder::step(std::span<const std::uint8_t>& in, const Sink& sink) {
  switch (part_) {
    case Part::magic: return magic(in, sink);
    case Part::header: return header(in, sink);
    case Part::frame: return frame(in, sink);
    case Part::feed: return feed(in);
    case Part::skippable: return skippable(in);
  }
  return {Code::bad_state, "unreachable"};
}

Status StreamDecoder::skippable(std::span<const std::uint8_t>& in) {
  const Result<bool> ended = skippable_.take(held_, in, order_);
  if (!ended.ok()) return ended.status();
  if (!ended.value()) return {};
  held_.clear();
  part_ = Part::magic;
  return {};
}

Status StreamDecoder::magic(std::span<const std::uint8_t>& in, const Sink& sink) {
  if (held_.empty() && order_.padding_allowed()) {
    const auto end = std::find_if(in.begin(), in.end(), [](std::uint8_t byte) { return byte != 0; });
    const auto zeros = static_cast<std::size_t>(end - in.begin());
    in = in.subspan(zeros);
    if (zeros != 0) return {};
  }
  if (held_.empty()) frame_start_ = consumed_;
  const bool whole = gather(held_, in, frame_magic.size());
  // A wrong byte is told at once, not only when four are there.
  const auto starts = [this](const auto& magic) {
    return std::equal(held_.begin(), held_.end(), magic.begin());
  };
  if (!starts(frame_magic) && !starts(skippable_magic)) {
    return {Code::not_a_frame,
            any_frame_ ? "something that is no frame follows the last frame"
                       : "the data do not start with a frame",
            frame_start_};
  }
  if (!whole) return {};
  if (starts(frame_magic)) return start_frame(sink);
  part_ = Part::skippable;
  return {};
}

Status StreamDecoder::start_frame(const Sink& sink) {
  any_frame_ = true;
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

Status StreamDecoder::delivered(Status status) {
  if (status.ok()) return status;
  delivery_failed_ = true;
  const std::lock_guard lock(failed_needs_->mutex);
  if (!failed_needs_->by_start.empty()) needs_ = failed_needs_->by_start.begin()->second;
  return status;
}

Status StreamDecoder::drain(const Sink& sink) {
  return delivered(jobs_.drain([&](std::span<const std::uint8_t> content) { return give(content, sink); }));
}

Status StreamDecoder::fail_after_earlier_frames(Status status, const Sink& sink) {
  end_feed();
  if (delivery_failed_) return status;
  const Status earlier = drain(sink);
  return earlier.ok() ? status : earlier;
}

bool StreamDecoder::worth_a_thread(const FrameHeader& header) {
  if (!header.content_size) return false;
  return *header.content_size > (header.model ? small_content : small_stored_content) &&
         *header.content_size <= whole_frame_limit;
}

Status StreamDecoder::header(std::span<const std::uint8_t>& in, const Sink& sink) {
  const std::span<const std::uint8_t> all = in;
  const Result<FrameParser::Event> event = walker_->next(in);
  header_bytes_.insert(header_bytes_.end(), all.begin(), all.end() - static_cast<std::ptrdiff_t>(in.size()));
  if (!event.ok()) return {event.status().code, event.status().detail, frame_start_ + walker_->consumed()};
  if (event.value() == FrameParser::Event::need_input) return {};
  const FrameHeader& header = walker_->header();
  if (const Status status = order_.begin_frame(header.number); !status.ok()) return status;
  if (options_.threads > 1 && worth_a_thread(header)) {
    if (const Status status = check_header(); !status.ok()) return status;
    const Result<bool> started = start_job(sink);
    if (!started.ok()) return delivered(started.status());
    if (started.value()) return {};
  }
  return decode_directly(sink);
}

Status StreamDecoder::check_header() {
  const std::uint64_t size = *walker_->header().content_size;
  if (size > options_.output_limit - announced_) {
    return {Code::output_limit, "the content is larger than the output limit", frame_start_};
  }
  announced_ += size;
  return {};
}

Status StreamDecoder::decode_directly(const Sink& sink) {
  if (const Status status = drain(sink); !status.ok()) return status;
  part_ = Part::frame;
  FrameDecoderOptions options = frame_options();
  options.most_content = options_.output_limit - content_;
  direct_ = std::make_unique<FrameDecoder>(std::move(options));
  std::span<const std::uint8_t> start = header_bytes_;
  return frame(start, sink);
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
    order_.end_frame({direct_->consumed(), direct_->content()}, direct_->frame_follows());
    announced_ = std::max(announced_, content_);
    jobs_.count_content(direct_->content());
    direct_.reset();
    part_ = Part::magic;
  }
  return {};
}

FrameJobs::Work StreamDecoder::job_work(std::shared_ptr<FrameFeed> feed) const {
  return [feed = std::move(feed), options = frame_options(), start = frame_start_, needs = failed_needs_](
             const FrameJobs::Emit& emit, const Progress& progress) -> Status {
    struct Abandon {
      FrameFeed& feed;
      ~Abandon() { feed.abandon(); }
    };
    const Abandon at_the_end{*feed};
    FrameDecoder decoder(options);
    const Sink emit_copy = [&emit](std::span<const std::uint8_t> content) {
      emit({content.begin(), content.end()}, content.size());
      return Status{};
    };
    while (const auto bytes = feed->take()) {
      std::span<const std::uint8_t> in = *bytes;
      const Status status = decoder.update(in, emit_copy, progress);
      if (status.ok()) continue;
      const std::lock_guard lock(needs->mutex);
      needs->by_start[start] = decoder.needs();
      return {status.code, status.detail, start + decoder.consumed()};
    }
    return {};  // if the frame has not ended, the one who feeds knows why
  };
}

Result<bool> StreamDecoder::start_job(const Sink& sink) {
  const FrameHeader& header = walker_->header();
  const std::uint64_t content = *header.content_size;
  // Compressed bytes that wait are at most about as many as the content.
  const std::uint64_t memory = (header.model ? memory_needed(header.model->parameters) : 0) + 2 * content;
  // Decoded on the spot nothing of it waits.
  if (options_.memory_limit != 0 && memory > options_.memory_limit) return false;
  auto feed = std::make_shared<FrameFeed>();
  feed->add(header_bytes_);
  const Result<bool> started = jobs_.submit(
      memory, content, job_work(feed),
      [&](std::span<const std::uint8_t> decoded) { return give(decoded, sink); }, FrameJobs::Thread::needed);
  if (!started.ok() || !started.value()) return started;
  feed_ = std::move(feed);
  part_ = Part::feed;
  return true;
}

Status StreamDecoder::feed(std::span<const std::uint8_t>& in) {
  const std::span<const std::uint8_t> all = in;
  const Result<FrameParser::Event> event = walker_->next(in);
  feed_->add(all.first(all.size() - in.size()));
  if (!event.ok()) return {event.status().code, event.status().detail, frame_start_ + walker_->consumed()};
  if (event.value() == FrameParser::Event::end) {
    order_.end_frame({walker_->consumed(), walker_->content()}, walker_->block().frame_follows);
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
  if (const Status status = drain(sink); !status.ok()) return failed_ = status;
  const bool inside = part_ != Part::magic || !held_.empty();
  if (inside || consumed_ == 0) {
    return failed_ = {Code::truncated, inside ? "the input ends inside a frame" : "the input is empty",
                      consumed_};
  }
  Status status = order_.finish();
  status.offset = status.ok() ? 0 : consumed_;
  return failed_ = status;
}

}  // namespace ssmz::codec
