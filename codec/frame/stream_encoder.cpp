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
          .ssm = options_.ssm,
          .number = next_number_++,
          .checksum = options_.checksum,
          .vocabulary = options_.vocabulary,
          .prime = options_.prime,
          .factory = options_.factory};
}

std::uint64_t StreamEncoder::job_memory(std::uint64_t size) const {
  const std::uint64_t primed = size + (options_.prime ? options_.prime->id().length : 0);
  const auto parameters = parameters_for(options_.level, primed, options_.memory_limit, options_.ssm);
  return (parameters ? memory_needed(*parameters) : 0) + 2 * size;  // the content and at most as much output
}

Status StreamEncoder::update(std::span<const std::uint8_t> in, const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "update after finish"};
  content_ += in.size();
  if (options_.content_size && content_ > *options_.content_size) {
    return fail({Code::size_mismatch, "more content than was announced"});
  }
  if (options_.frame_size > whole_frame_limit) return fail(update_direct(in, sink));
  const Status status = update_whole(in, sink);
  return fail(status.ok() ? jobs_.deliver_ready(sink) : status);
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
  const auto frame_size = std::make_shared<std::uint64_t>(0);
  submitted_.push_back({frame_size, size});
  const auto work = [content, frame_size, frame_follows, options = next_frame_options(size)](
                        const FrameJobs::Emit& emit, const Progress& progress) -> Status {
    FrameEncoder encoder(options);
    std::uint64_t given = 0;
    const Sink give = [&](std::span<const std::uint8_t> out) -> Status {
      *frame_size += out.size();
      emit({out.begin(), out.end()}, encoder.content() - std::exchange(given, encoder.content()));
      return {};
    };
    if (const Status status = encoder.update(*content, give, progress); !status.ok()) return status;
    return encoder.finish(frame_follows, give, progress);
  };
  // A thread and the memory that the allocator gives it are a part of what 1 kB takes.
  const auto thread = frame_follows ? FrameJobs::Thread::wished : FrameJobs::Thread::if_others;
  return jobs_.submit(job_memory(size), size, work, sink, thread).status();
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
    if (const Status status = direct_->update(part, direct_sink(sink), direct_progress()); !status.ok())
      return status;
  }
  return {};
}

Sink StreamEncoder::direct_sink(const Sink& sink) {
  return [this, &sink](std::span<const std::uint8_t> out) {
    direct_size_ += out.size();
    return sink(out);
  };
}

Status StreamEncoder::finish_direct(bool frame_follows, const Sink& sink) {
  const Status status = direct_->finish(frame_follows, direct_sink(sink), direct_progress());
  if (!status.ok()) return status;
  frames_.push_back({direct_size_, direct_content_});
  direct_start_ += direct_content_;
  direct_.reset();
  return {};
}

std::uint64_t StreamEncoder::content_given() const noexcept {
  return jobs_.content_given() + direct_start_ + (direct_ ? direct_->content() : 0);
}

Status StreamEncoder::end_frame(const Sink& sink) {
  if (!failed_.ok()) return failed_;
  if (finished_) return {Code::bad_state, "end of a frame after finish"};
  if (options_.frame_size > whole_frame_limit) return direct_ ? fail(finish_direct(true, sink)) : Status{};
  return frame_content_.empty() ? Status{} : fail(submit_frame(true, sink));
}

Status StreamEncoder::flush(const Sink& sink) {
  if (const Status status = end_frame(sink); !status.ok()) return status;
  return fail(jobs_.drain(sink));
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
    if (status.ok()) status = jobs_.drain(sink);
    if (status.ok())  // else some may still run and count theirs
      for (const Submitted& frame : submitted_) frames_.push_back({*frame.size, frame.content});
  }
  if (status.ok() && frames_.size() > 1) {
    std::vector<std::uint8_t> table;
    append_seek_table(frames_, table);
    status = sink(table);
  }
  return fail(status);
}

}  // namespace ssmz::codec
