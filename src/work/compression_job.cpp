// SPDX-License-Identifier: Apache-2.0
// Compresses one file, and decompresses the result to see that it is all there.
#include <algorithm>
#include <cerrno>

#include "src/machine/thread_plan.hpp"
#include "src/options/size_text.hpp"
#include "src/work/coding_job.hpp"

namespace ssmz::cli {

namespace {

/// Frames of more content are coded as they come, so that the size must be told to the encoder beforehand;
/// smaller ones are held whole, and their size is what it turns out to be.
constexpr std::uint64_t largest_held_frame = std::uint64_t{128} << 20;

/// The highest level whose models fit into `limit`; 0 if none does.
int highest_fitting_level(std::optional<std::uint64_t> size, std::uint64_t limit) {
  for (int level = highest_level; level >= lowest_level; --level) {
    const Result<std::uint64_t> needed = memory_needed(level, size);
    if (needed.ok() && needed.value() <= limit) return level;
  }
  return 0;
}

}  // namespace

std::optional<std::uint64_t> CompressionJob::model_memory(std::uint64_t frame) {
  std::optional<std::uint64_t> size = input_.size();
  if (size) size = std::min(*size, frame);
  const Result<std::uint64_t> wanted = memory_needed(options_.level, size);
  const Result<std::uint64_t> given = memory_needed(options_.level, size, options_.memory);
  if (!wanted.ok()) {
    fail(wanted.status());
    return std::nullopt;
  }
  const bool shrinks = options_.memory != 0 && wanted.value() > options_.memory;
  if (given.ok() && (!shrinks || options_.adjust)) {
    if (shrinks) {
      messages_.note(0, file_,
                     "level " + std::to_string(options_.level) + " takes " + size_text(wanted.value()) +
                         "; its tables shrink to keep to --memory=" + size_text(options_.memory));
    }
    return given.value();
  }
  std::string text = "level " + std::to_string(options_.level) + " needs " + size_text(wanted.value()) +
                     " of memory, --memory allows " + size_text(options_.memory);
  const int fitting = highest_fitting_level(size, options_.memory);
  if (fitting != 0) text += "; -" + std::to_string(fitting) + " fits";
  messages_.error(file_, text);
  return std::nullopt;
}

CompressOptions CompressionJob::coder_options(std::uint64_t frame, std::uint64_t memory) const {
  const std::optional<std::uint64_t> size = input_.size();
  const ThreadPlan plan = plan_threads(options_, memory, size ? (*size + frame - 1) / frame : 0);
  CompressOptions coder;
  coder.level = options_.level;
  coder.threads = plan.threads;
  coder.memory_limit = options_.memory;
  coder.frame_size = options_.frame_size;
  coder.checksum = options_.checksum;
  if (size && std::min(*size, frame) > largest_held_frame) coder.content_size = size;
  if (options_.stream_size && file_ == "-") coder.content_size = options_.stream_size;
  if (!run_.vocabularies.empty()) coder.vocabulary = run_.vocabularies.back();
  messages_.note(2, file_,
                 "level " + std::to_string(options_.level) + ", frames of " + size_text(frame) +
                     ", models of " + size_text(memory) + " each, up to " + std::to_string(plan.threads) +
                     " threads (" + plan.reason + ")");
  return coder;
}

Status CompressionJob::code(const CompressOptions& options, ProgressMeter& meter) {
  hash_.reset();
  std::uint64_t done = 0;
  std::uint64_t content_written = 0;
  const Sink sink = [&](std::span<const std::uint8_t> bytes) {
    content_written = done;
    return output_.write(bytes);
  };
  CompressOptions counted = options;
  counted.progress = [&](std::uint64_t content) {
    done = content;
    meter.update({done, output_.written(), content_written});
    return true;
  };
  Result<Encoder> encoder = Encoder::create(counted);
  if (!encoder.ok()) return encoder.status();
  do {
    if (!fill()) return {Code::cancelled, "reading failed"};
    if (options_.verify) hash_.update(filled());
    if (const Status status = encoder.value().update(filled(), sink); !status.ok()) return status;
  } while (!at_end());
  return encoder.value().finish(sink);
}

bool CompressionJob::run() {
  const std::uint64_t frame =
      options_.frame_size != 0 ? options_.frame_size : usual_frame_size(options_.level).value();
  const std::optional<std::uint64_t> memory = model_memory(frame);
  if (!memory) return false;
  CompressOptions coder = coder_options(frame, *memory);
  const std::optional<std::uint64_t> total = coder.content_size ? coder.content_size : input_.size();
  ProgressMeter meter(options_, file_, total, input_.size().value_or(0), run_.progress, messages_);
  Status status = code(coder, meter);
  if (status.code == Code::size_mismatch && !options_.stream_size && output_.rewind() && input_.rewind()) {
    // A large file shrank: what remains of it is coded as a stream without a size.
    coder.content_size.reset();
    status = code(coder, meter);
  }
  if (status.code == Code::cancelled) return false;
  if (!status.ok()) return fail(status);
  content_ = input_.bytes_read();
  compressed_ = output_.written();
  meter.finish({content_, compressed_, content_});
  return true;
}

bool CompressionJob::verify() {
  ContentHash back;
  DecompressOptions options;
  options.threads = options_.threads != 0 ? options_.threads : plan_threads(options_, 0, 0).threads;
  options.vocabularies = run_.vocabularies;
  options.output_limit = content_;
  ProgressMeter meter(options_, file_ + " (verifying)", content_, 0, run_.progress, messages_);
  options.progress = [&](std::uint64_t content) {
    meter.update({content, compressed_, content_});
    return true;
  };
  Result<Decoder> decoder = Decoder::create(options);
  if (!decoder.ok()) return fail(decoder.status());
  const Sink sink = [&](std::span<const std::uint8_t> bytes) {
    back.update(bytes);
    return Status{};
  };
  Status status;
  for (std::uint64_t at = 0; status.ok() && at < compressed_;) {
    const auto got = read_full_at(output_.readable(), buffer_, at);
    if (!got) {
      messages_.error(file_, system_text("cannot read back what was written"));
      return false;
    }
    if (*got == 0) break;
    status = decoder.value().update(std::span<const std::uint8_t>(buffer_).first(*got), sink);
    at += *got;
  }
  if (status.ok()) status = decoder.value().finish(sink);
  if (status.ok() && back.value() == hash_.value()) return true;
  messages_.error(file_, "verifying failed, the source is kept: " +
                             (status.ok() ? std::string("other content came back") : status_text(status)));
  return false;
}

}  // namespace ssmz::cli
