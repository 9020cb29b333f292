// SPDX-License-Identifier: Apache-2.0
// Decompresses or tests one file.
#include <unistd.h>

#include <algorithm>

#include "src/machine/thread_plan.hpp"
#include "src/options/size_text.hpp"
#include "src/work/coding_job.hpp"

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
  // Read into memory, not mapped: a mapped file that shrinks ends the program (SIGBUS).
  constexpr std::uint64_t most = std::uint64_t{64} << 20;
  const std::optional<std::uint64_t> size = input_.size();
  if (!size || *size > most) return;
  std::vector<std::uint8_t> bytes(*size);
  const auto offset = static_cast<std::uint64_t>(input_.attributes().st_size) - *size;
  const auto got = read_full_at(input_.descriptor(), bytes, offset);
  if (!got || *got != bytes.size()) return;
  const Result<std::vector<FrameInfo>> frames = inspect(bytes);
  if (!frames.ok()) return;
  std::uint64_t total = 0;
  for (const FrameInfo& frame : frames.value()) {
    total += frame.content_size.value_or(0);
    memory_ = std::max(memory_, frame.memory_needed);
  }
  total_ = total;
  frames_ = frames.value().size();
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

bool DecompressionJob::run() {
  if (!fill()) return false;
  if (options_.to_stdout && options_.force && !is_frame(filled())) return pass_through();
  survey();
  const ThreadPlan plan = plan_threads(options_, memory_, frames_);
  DecompressOptions coder;
  coder.threads = plan.threads;
  coder.memory_limit = options_.memory;
  coder.vocabularies = run_.vocabularies;
  if (options_.max_output) coder.output_limit = *options_.max_output;
  messages_.note(2, file_,
                 (frames_ != 0 ? std::to_string(frames_) + " frames, " : std::string()) + "models of " +
                     size_text(memory_) + " each, up to " + std::to_string(plan.threads) + " threads (" +
                     plan.reason + ")");
  ProgressMeter meter(options_, file_, total_, input_.size().value_or(0), run_.progress, messages_);
  if (!code(coder, meter)) return false;
  compressed_ = input_.bytes_read();
  meter.finish({content_, compressed_, content_});
  return true;
}

}  // namespace ssmz::cli
