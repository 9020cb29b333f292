// SPDX-License-Identifier: Apache-2.0
// Collects frames, hands them to the jobs and ends the stream with a seek table if there were several.
#include "codec/frame/stream_encoder.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace ssmz::codec {

StreamEncoder::StreamEncoder(StreamEncoderOptions options)
    : options_(std::move(options)), jobs_(options_.threads, options_.memory_limit, options_.progress) {
  if (options_.frame_size == 0) options_.frame_size = default_frame_size(options_.level);
}

Status StreamEncoder::fail(Status status) noexcept {
  if (!status.ok()) failed_ = status;
  return status;
}

FrameEncoderOptions StreamEncoder::next_frame_options(std::optional<std::uint64_t> size) {
  return {.level = options_.level,
          .memory_limit = options_.memory_limit,
          .content_size = size,
          .number = next_number_++,
          .checksum = options_.checksum,
          .vocabulary = options_.vocabulary,
          .prime = options_.prime,
          .factory = options_.factory};
}

std::uint64_t StreamEncoder::job_memory(std::uint64_t size) const {
  const std::uint64_t primed = size + (options_.prime ? options_.prime->id().length : 0);
  const auto parameters = parameters_for(options_.level, primed, options_.memory_limit);
  return (parameters ? memory_needed(*parameters) : 0) + 2 * size;  // the content and at most as much output
}

Status StreamEncoder::update(std::span<const std::uint8_t> in, const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "update after finish"};
  content_ += in.size();
  if (options_.content_size && content_ > *options_.content_size) {
    return fail({Code::size_mismatch, "more content than was announced"});
  }
  return fail(options_.frame_size <= whole_frame_limit ? update_whole(in, sink) : update_direct(in, sink));
}

Status StreamEncoder::update_whole(std::span<const std::uint8_t> in, const Sink& sink) {
  while (!in.empty()) {
    if (frame_content_.size() == options_.frame_size) {
      if (const Status status = submit_frame(true, sink); !status.ok()) return status;
    }
    const std::size_t room = static_cast<std::size_t>(options_.frame_size) - frame_content_.size();
    const auto part = in.first(std::min(room, in.size()));
    frame_content_.insert(frame_content_.end(), part.begin(), part.end());
    in = in.subspan(part.size());
  }
  return {};
}

Status StreamEncoder::submit_frame(bool frame_follows, const Sink& sink) {
  auto content = std::make_shared<std::vector<std::uint8_t>>(std::exchange(frame_content_, {}));
  const std::uint64_t size = content->size();
  submitted_.push_back(size);
  // All in one piece: its size goes into the seek table.
  const auto work = [content, frame_follows, options = next_frame_options(size)](
                        const FrameJobs::Emit& emit, const Progress& progress) -> Status {
    FrameEncoder encoder(options);
    std::vector<std::uint8_t> out;
    if (const Status status = encoder.update(*content, out, progress); !status.ok()) return status;
    if (const Status status = encoder.finish(frame_follows, out, progress); !status.ok()) return status;
    emit(std::move(out));
    return {};
  };
  return jobs_
      .submit(job_memory(size), size, work,
              [&](std::span<const std::uint8_t> frame) { return deliver(frame, sink); })
      .status();
}

void StreamEncoder::start_direct() {
  std::optional<std::uint64_t> size;
  if (options_.content_size) size = std::min(options_.frame_size, *options_.content_size - direct_start_);
  direct_ = std::make_unique<FrameEncoder>(next_frame_options(size));
  direct_content_ = 0;
  direct_size_ = 0;
}

Progress StreamEncoder::direct_progress() const {
  if (!options_.progress) return {};
  return [this](std::uint64_t done) { return options_.progress(direct_start_ + done); };
}

Status StreamEncoder::update_direct(std::span<const std::uint8_t> in, const Sink& sink) {
  while (!in.empty()) {
    if (direct_ && direct_content_ == options_.frame_size) {
      if (const Status status = finish_direct(true, sink); !status.ok()) return status;
    }
    if (!direct_) start_direct();
    const std::uint64_t room = options_.frame_size - direct_content_;
    const auto part = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(room, in.size())));
    in = in.subspan(part.size());
    direct_content_ += part.size();
    pending_.clear();
    if (const Status status = direct_->update(part, pending_, direct_progress()); !status.ok()) return status;
    direct_size_ += pending_.size();
    if (const Status status = pending_.empty() ? Status{} : sink(pending_); !status.ok()) return status;
  }
  return {};
}

Status StreamEncoder::finish_direct(bool frame_follows, const Sink& sink) {
  pending_.clear();
  if (const Status status = direct_->finish(frame_follows, pending_, direct_progress()); !status.ok())
    return status;
  frames_.push_back({direct_size_ + pending_.size(), direct_content_});
  direct_start_ += direct_content_;
  direct_.reset();
  return sink(pending_);
}

Status StreamEncoder::deliver(std::span<const std::uint8_t> frame, const Sink& sink) {
  frames_.push_back({frame.size(), submitted_.front()});
  submitted_.pop_front();
  return sink(frame);
}

Status StreamEncoder::end_frame(const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "end of a frame after finish"};
  if (options_.frame_size > whole_frame_limit) return direct_ ? fail(finish_direct(true, sink)) : Status{};
  return frame_content_.empty() ? Status{} : fail(submit_frame(true, sink));
}

Status StreamEncoder::finish(const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "finish after finish"};
  finished_ = true;
  if (options_.content_size && content_ != *options_.content_size) {
    return fail({Code::size_mismatch, "less content than was announced"});
  }
  Status status;
  if (options_.frame_size > whole_frame_limit) {
    if (!direct_) start_direct();
    status = finish_direct(false, sink);
  } else {
    status = submit_frame(false, sink);
    if (status.ok())
      status = jobs_.drain([&](std::span<const std::uint8_t> frame) { return deliver(frame, sink); });
  }
  if (status.ok() && frames_.size() > 1) {
    pending_.clear();
    append_seek_table(frames_, pending_);
    status = sink(pending_);
  }
  return fail(status);
}

}  // namespace ssmz::codec
