// SPDX-License-Identifier: Apache-2.0
// Decompresses or tests one file.
#include <unistd.h>

#include <algorithm>

#include "src/machine/thread_plan.hpp"
#include "src/options/size_text.hpp"
#include "src/work/coding_job.hpp"
#include "src/work/frame_file.hpp"
#include "ssmz/cursor.hpp"

namespace ssmz::cli {

bool DecompressionJob::pass_through() {
  for (;;) {
    if (const Status status = output_.write(filled()); !status.ok()) return fail(status);
    content_ += filled_;
    if (at_end()) break;
    if (!fill()) return false;
  }
  compressed_ = content_;
  return true;
}

void DecompressionJob::survey() {
  if (const Result<FrameInfo> first = peek(filled()); first.ok()) memory_ = first.value().memory_needed;
  const auto size = static_cast<std::uint64_t>(input_.attributes().st_size);
  if (input_.size() != size) return;  // No regular file, or one that is read from the middle on.
  const ReadAt reader = reader_of(input_.descriptor());
  const Result<FrameIndex> index = FrameIndex::read(size, reader);
  if (!index.ok()) return;
  total_ = index.value().content_size();
  frames_ = index.value().frames().size();
  // One run writes frames alike, so the first ones tell the largest.
  constexpr std::size_t most = 1000;
  std::vector<std::uint8_t> header(peek_size);
  for (std::size_t i = 0; i < std::min<std::size_t>(frames_, most); ++i) {
    const FrameIndex::Frame& frame = index.value().frames()[i];
    const auto start =
        std::span(header).first(static_cast<std::size_t>(std::min<std::uint64_t>(peek_size, frame.size)));
    if (!reader(frame.offset, start).ok()) return;
    if (const Result<FrameInfo> info = peek(start); info.ok())
      memory_ = std::max(memory_, info.value().memory_needed);
  }
}

bool DecompressionJob::code(const DecompressOptions& options, ProgressMeter& meter) {
  DecompressOptions counted = options;
  counted.progress = [&](std::uint64_t content) {
    // How much of the input the content so far took is not known; of the whole it is.
    meter.update({content, total_ ? input_.size().value_or(0) : 0, total_.value_or(0)});
    return true;
  };
  Result<Decoder> decoder = Decoder::create(counted);
  if (!decoder.ok()) return fail(decoder.status());
  const Sink sink = [&](std::span<const std::uint8_t> bytes) {
    content_ += bytes.size();
    return output_.write(bytes);
  };
  for (;;) {
    if (const Status status = decoder.value().update(filled(), sink); !status.ok()) {
      return fail(status, &decoder.value());
    }
    if (at_end()) break;
    if (!fill()) return false;
  }
  if (const Status status = decoder.value().finish(sink); !status.ok()) {
    return fail(status, &decoder.value());
  }
  return true;
}

bool DecompressionJob::code_single_stream(const DecompressOptions& options) {
  Result<CursorDecompressor> stream = CursorDecompressor::create(options);
  if (!stream.ok()) return fail(stream.status());
  std::vector<std::uint8_t> room(buffer_.size());
  for (bool end = at_end();; end = at_end()) {
    std::span<const std::uint8_t> in = filled();
    const Operation operation = end ? Operation::finish : Operation::run;
    StreamState state = StreamState::need_output;
    while (state != StreamState::done && state != StreamState::need_input) {
      std::span<std::uint8_t> left = room;
      const Result<StreamState> result = stream.value().advance(in, left, operation);
      const auto bytes = std::span(room).first(room.size() - left.size());
      content_ += bytes.size();
      if (const Status status = output_.write(bytes); !status.ok()) return fail(status);
      if (!result.ok()) return fail(result.status());
      state = result.value();
    }
    if (state == StreamState::done) return true;
    if (!fill()) return false;
  }
}

bool DecompressionJob::run() {
  if (!fill()) return false;
  if (options_.to_stdout && options_.force && !is_frame(filled())) return pass_through();
  survey();
  const ThreadPlan plan = plan_threads(options_, memory_, frames_);
  const DecompressOptions coder = decoder_options(plan.threads);
  messages_.note(2, file_,
                 (frames_ != 0 ? std::to_string(frames_) + " frames, " : std::string()) + "models of " +
                     size_text(memory_) + " each, up to " + std::to_string(plan.threads) + " threads (" +
                     plan.reason + ")");
  ProgressMeter meter(options_, file_, total_, input_.size().value_or(0), run_.progress, messages_);
  if (!(options_.single_stream ? code_single_stream(coder) : code(coder, meter))) return false;
  compressed_ = input_.bytes_read();
  meter.finish({content_, compressed_, content_});
  return true;
}

}  // namespace ssmz::cli
