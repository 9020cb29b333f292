// SPDX-License-Identifier: Apache-2.0
// Streams by cursors over the encoder and the decoder, which run on a thread of their own.
#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "codec/api/coding_thread.hpp"
#include "codec/api/errors_to_values.hpp"
#include "codec/api/stream_borders.hpp"
#include "ssmz/cursor.hpp"

namespace ssmz {

using interface_detail::CodingThread;
using interface_detail::StreamBorders;
using interface_detail::without_exceptions;
using Request = CodingThread::Request;

namespace {

/// Makes a stream, or says why not: its thread may be refused.
template <class Stream, class Make>
Result<Stream> created(const Make& make) {
  return without_exceptions([&]() -> Result<Stream> {
    try {
      return make();
    } catch (const std::system_error&) {
      return Status{Code::out_of_memory, "the system refuses a thread"};
    }
  });
}

/// The caller's progress, which a cancelled thread does not ask.
Progress progress_on(const CodingThread& thread, Progress progress) {
  return [&thread, progress = std::move(progress)](std::uint64_t done) {
    return !thread.cancelled() && (!progress || progress(done));
  };
}

void take_output(CodingThread& thread, std::span<std::uint8_t>& room) {
  room = room.subspan(thread.take(room));
}

Request request_for(Operation operation) {
  switch (operation) {
    case Operation::run: return Request::none;
    case Operation::flush: return Request::flush;
    case Operation::end_frame: return Request::end_frame;
    case Operation::finish: return Request::finish;
  }
  return Request::none;
}

}  // namespace

struct CursorCompressor::Parts {
  CompressOptions options;
  std::optional<Operation> asked = {};
  bool done = false;
  CodingThread thread = {};

  Status start();
  Result<StreamState> advance(std::span<const std::uint8_t>& in, std::span<std::uint8_t>& room,
                              Operation operation);
};

Status CursorCompressor::Parts::start() {
  CompressOptions own = options;
  own.progress = progress_on(thread, options.progress);
  Result<Encoder> made = Encoder::create(own);
  if (!made.ok()) return made.status();
  asked.reset();
  done = false;
  thread.restart([encoder = std::make_shared<Encoder>(std::move(made).value())](
                     std::span<const std::uint8_t> in, Request request, const Sink& sink) -> Status {
    if (const Status status = in.empty() ? Status{} : encoder->update(in, sink); !status.ok()) return status;
    switch (request) {
      case Request::none: return {};
      case Request::flush: return encoder->flush(sink);
      case Request::end_frame: return encoder->end_frame(sink);
      case Request::finish: return encoder->finish(sink);
    }
    return {};
  });
  return {};
}

Result<StreamState> CursorCompressor::Parts::advance(std::span<const std::uint8_t>& in,
                                                     std::span<std::uint8_t>& room, Operation operation) {
  if (done && (!in.empty() || operation != Operation::finish))
    return Status{Code::bad_state, "the stream has ended"};
  if (done) return StreamState::done;
  if (asked && (*asked != operation || !in.empty()))
    return Status{Code::bad_argument, "another operation, or input, before the last one was answered"};
  while (true) {
    take_output(thread, room);
    in = in.subspan(thread.give(in));
    if (in.empty() && operation != Operation::run && !asked) {
      asked = operation;
      thread.request(request_for(operation));
    }
    const CodingThread::State state = thread.state();
    if (!state.failed.ok()) return state.failed;
    if (state.output_waits) {
      if (room.empty()) return StreamState::need_output;
      continue;
    }
    if (asked && state.answered) {
      asked.reset();
      done = operation == Operation::finish;
      return done ? StreamState::done : StreamState::frame_end;
    }
    if (in.empty() && operation == Operation::run) return StreamState::need_input;
    thread.wait();
  }
}

CursorCompressor::CursorCompressor(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
CursorCompressor::CursorCompressor(CursorCompressor&&) noexcept = default;
CursorCompressor& CursorCompressor::operator=(CursorCompressor&&) noexcept = default;
CursorCompressor::~CursorCompressor() = default;

Result<CursorCompressor> CursorCompressor::create(const CompressOptions& options) {
  return created<CursorCompressor>([&]() -> Result<CursorCompressor> {
    CursorCompressor stream(std::make_unique<Parts>());
    stream.parts_->options = options;
    if (const Status status = stream.parts_->start(); !status.ok()) return status;
    return stream;
  });
}

Result<StreamState> CursorCompressor::advance(std::span<const std::uint8_t>& in,
                                              std::span<std::uint8_t>& room, Operation operation) {
  return without_exceptions([&] { return parts_->advance(in, room, operation); });
}

Status CursorCompressor::reset() {
  return without_exceptions([&] { return parts_->start(); });
}

void CursorCompressor::cancel() noexcept { parts_->thread.cancel(); }

struct CursorDecompressor::Parts {
  DecompressOptions options;
  StreamBorders borders = {};
  StreamBorders::Border border = StreamBorders::Border::none;
  bool finishing = false;  ///< The decoder has been told that there is no more.
  bool done = false;
  CodingThread thread = {};

  Status start();
  void take_input(std::span<const std::uint8_t>& in);
  void finish();
  Result<StreamState> advance(std::span<const std::uint8_t>& in, std::span<std::uint8_t>& room,
                              Operation operation);
};

Status CursorDecompressor::Parts::start() {
  DecompressOptions own = options;
  own.progress = progress_on(thread, options.progress);
  Result<Decoder> made = Decoder::create(own);
  if (!made.ok()) return made.status();
  borders = {};
  border = StreamBorders::Border::none;
  finishing = false;
  done = false;
  thread.restart([decoder = std::make_shared<Decoder>(std::move(made).value())](
                     std::span<const std::uint8_t> in, Request request, const Sink& sink) -> Status {
    if (const Status status = in.empty() ? Status{} : decoder->update(in, sink); !status.ok()) return status;
    return request == Request::finish ? decoder->finish(sink) : Status{};
  });
  return {};
}

void CursorDecompressor::Parts::take_input(std::span<const std::uint8_t>& in) {
  // A magic number that the borders held counts as input again, so that it always finds room.
  constexpr std::size_t held_at_most = 16;
  while (!in.empty() && border == StreamBorders::Border::none) {
    const std::size_t room = thread.room_for_input();
    if (room <= held_at_most) return;
    const StreamBorders::Found found = borders.take(in.first(std::min(in.size(), room - held_at_most)));
    thread.give(found.to_decode);
    in = in.subspan(found.taken);
    border = found.border;
    // With more threads the decoder holds what it has of several frames: only the stream's end is one.
    if (border == StreamBorders::Border::frame_end && options.threads != 1)
      border = StreamBorders::Border::none;
  }
}

void CursorDecompressor::Parts::finish() {
  finishing = true;
  thread.request(Request::finish);
}

Result<StreamState> CursorDecompressor::Parts::advance(std::span<const std::uint8_t>& in,
                                                       std::span<std::uint8_t>& room, Operation operation) {
  using Border = StreamBorders::Border;
  if (operation != Operation::run && operation != Operation::finish)
    return Status{Code::bad_argument, "decompressing has no such operation"};
  while (!done) {
    take_output(thread, room);
    take_input(in);
    if (border == Border::stream_end && !finishing) finish();
    if (border == Border::none && operation == Operation::finish && in.empty() && !finishing) {
      thread.give(borders.held());
      finish();
    }
    const CodingThread::State state = thread.state();
    if (!state.failed.ok()) return state.failed;
    if (state.output_waits) {
      if (room.empty()) return StreamState::need_output;
      continue;
    }
    if (border == Border::skippable_end || (finishing && state.answered)) {
      done = true;
    } else if (border == Border::frame_end && state.idle) {
      border = Border::none;
      return StreamState::frame_end;
    } else if (border == Border::none && !finishing && in.empty()) {
      return StreamState::need_input;
    } else {
      thread.wait();
    }
  }
  return StreamState::done;
}

CursorDecompressor::CursorDecompressor(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
CursorDecompressor::CursorDecompressor(CursorDecompressor&&) noexcept = default;
CursorDecompressor& CursorDecompressor::operator=(CursorDecompressor&&) noexcept = default;
CursorDecompressor::~CursorDecompressor() = default;

Result<CursorDecompressor> CursorDecompressor::create(const DecompressOptions& options) {
  return created<CursorDecompressor>([&]() -> Result<CursorDecompressor> {
    CursorDecompressor stream(std::make_unique<Parts>());
    stream.parts_->options = options;
    if (const Status status = stream.parts_->start(); !status.ok()) return status;
    return stream;
  });
}

Result<StreamState> CursorDecompressor::advance(std::span<const std::uint8_t>& in,
                                                std::span<std::uint8_t>& room, Operation operation) {
  return without_exceptions([&] { return parts_->advance(in, room, operation); });
}

Status CursorDecompressor::reset() {
  return without_exceptions([&] { return parts_->start(); });
}

void CursorDecompressor::cancel() noexcept { parts_->thread.cancel(); }

}  // namespace ssmz
