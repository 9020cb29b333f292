// SPDX-License-Identifier: Apache-2.0
// Compresses one file, and decompresses the result to see that it is all there.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "src/machine/thread_plan.hpp"
#include "src/options/size_text.hpp"
#include "src/work/coding_job.hpp"
#include "src/work/compress_options.hpp"
#include "src/work/frame_file.hpp"

namespace ssmz::cli {

namespace {

/// Whether a frame has the layers that the options ask for. What is stored has none.
bool same_layers(const FrameInfo& info, const Options& options) {
  if (info.level == 0) return true;
  const bool asked = !options.ssm.empty() || options.ssm_width != 0;
  if (!asked || info.ssm.empty()) return !asked && info.ssm.empty();
  const auto dense = [](std::string text) {
    std::erase(text, ' ');
    return text;
  };
  if (!options.ssm.empty() && dense(info.ssm) != dense(options.ssm)) return false;
  constexpr unsigned usual_width = 64;  // CompressOptions::ssm_width
  return info.ssm_width == (options.ssm_width != 0 ? options.ssm_width : usual_width);
}

/// Frames of more content are coded as they come, so that the size must be told to the encoder beforehand;
/// smaller ones are held whole, and their size is what it turns out to be.
constexpr std::uint64_t largest_held_frame = std::uint64_t{128} << 20;

/// While input is awaited, output of other threads is asked for so often.
constexpr std::chrono::milliseconds delivery_interval(200);

/// The highest level whose models fit into `limit`; 0 if none does.
int highest_fitting_level(CompressOptions model, std::optional<std::uint64_t> size, std::uint64_t limit) {
  for (model.level = highest_level; model.level >= lowest_level; --model.level) {
    const Result<std::uint64_t> needed = memory_needed(model, size);
    if (needed.ok() && needed.value() <= limit) return model.level;
  }
  return 0;
}

}  // namespace

std::optional<std::uint64_t> CompressionJob::model_memory(std::uint64_t frame) {
  std::optional<std::uint64_t> size = input_.size();
  if (size) size = std::min(*size, frame);
  if (size && !run_.primes.empty()) *size += run_.primes.back().info().length;
  CompressOptions model = compress_options(options_);
  model.memory_limit = no_limit;
  const Result<std::uint64_t> wanted = memory_needed(model, size);
  model.memory_limit = options_.memory;
  const Result<std::uint64_t> given = memory_needed(model, size);
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
  const std::uint64_t allowed = options_.memory != 0 ? options_.memory : usual_memory_limit();
  std::string text = "level " + std::to_string(options_.level) + " needs " + size_text(wanted.value()) +
                     " of memory, --memory allows " + size_text(allowed);
  model.memory_limit = no_limit;
  const int fitting = highest_fitting_level(model, size, allowed);
  if (fitting != 0) text += "; -" + std::to_string(fitting) + " fits";
  messages_.error(file_, text);
  return std::nullopt;
}

CompressOptions CompressionJob::coder_options(std::uint64_t frame, std::uint64_t memory) const {
  const std::optional<std::uint64_t> size = input_.size();
  const ThreadPlan plan = plan_threads(options_, memory, size ? (*size + frame - 1) / frame : 0);
  CompressOptions coder = compress_options(options_);
  coder.threads = plan.threads;
  coder.frame_size = frame;
  if (size && std::min(*size, frame) > largest_held_frame) coder.content_size = size;
  if (options_.stream_size && file_ == "-") coder.content_size = options_.stream_size;
  if (!run_.primes.empty()) coder.prime = run_.primes.back();
  if (!run_.vocabularies.empty()) coder.vocabulary = run_.vocabularies.back();
  messages_.note(2, file_,
                 "level " + std::to_string(options_.level) + ", frames of " + size_text(frame) +
                     ", models of " + size_text(memory) + " each, up to " + std::to_string(plan.threads) +
                     " threads (" + plan.reason + ")");
  return coder;
}

Status CompressionJob::code(const CompressOptions& options, ProgressMeter& meter) {
  const Sink write = [&](std::span<const std::uint8_t> bytes) { return output_.write(bytes); };
  const Sink sink = [&](std::span<const std::uint8_t> bytes) {
    return joiner_ ? joiner_->update(bytes, write) : write(bytes);
  };
  if (joiner_ && resumed_ != 0 && input_.size() == 0) return joiner_->finish(write);
  const Encoder* coding = nullptr;
  CompressOptions counted = options;
  counted.progress = [&](std::uint64_t content) {
    meter.update({resumed_ + content, output_.written(), resumed_ + coding->content_given()});
    return true;
  };
  Result<Encoder> encoder = Encoder::create(counted);
  if (!encoder.ok()) return encoder.status();
  coding = &encoder.value();
  input_.wait_at_most(delivery_interval);
  Clock::time_point last_input = Clock::now();
  do {
    if (!fill()) return {Code::cancelled, "reading failed"};
    if (options_.verify) hash_.update(filled());
    if (const Status status = encoder.value().update(filled(), sink); !status.ok()) return status;
    if (!filled().empty()) last_input = Clock::now();
    const std::chrono::seconds patience(options_.flush_seconds);
    if (!input_.idle() || patience.count() == 0 || Clock::now() - last_input < patience) continue;
    if (const Status status = encoder.value().flush(sink); !status.ok()) return status;
    last_input = Clock::now();
  } while (!at_end());
  Status status = encoder.value().finish(sink);
  if (status.ok() && joiner_) status = joiner_->finish(write);
  return status;
}

bool CompressionJob::select_frames(std::uint64_t frame) {
  if (!options_.frames) return true;
  const auto whole = static_cast<std::uint64_t>(input_.attributes().st_size);
  const std::uint64_t count = std::max<std::uint64_t>((whole + frame - 1) / frame, 1);
  if (!input_.regular() || options_.frames->first >= count) {
    messages_.error(file_, input_.regular()
                               ? "--frames: there would be " + std::to_string(count) + " frames, from 0 on"
                               : std::string("--frames: needs a regular file"));
    return false;
  }
  const std::uint64_t last = std::min(options_.frames->last, count - 1);
  if (input_.restrict_to(options_.frames->first * frame, (last - options_.frames->first + 1) * frame))
    return true;
  messages_.error(file_, system_text("reading failed"));
  return false;
}

std::vector<FrameInfo> CompressionJob::good_frames(std::uint64_t frame) {
  struct stat left {};
  if (fstat(output_.readable(), &left) != 0) return {};
  std::vector<FrameInfo> frames = whole_frames(output_.readable(), static_cast<std::uint64_t>(left.st_size));
  std::size_t good = 0;
  std::uint64_t at = 0;
  for (const FrameInfo& info : frames) {
    const std::uint64_t size = std::min(frame, *input_.size() - at);
    const bool same_options = (info.level == options_.level || info.level == 0) && info.number == good &&
                              info.has_checksum && options_.checksum && same_layers(info, options_);
    if (size == 0 || info.content_size != size || !same_options) break;
    ContentHash hash;
    const Status read = read_pieces(input_.descriptor(), at, size, [&](auto bytes) {
      hash.update(bytes);
      return Status{};
    });
    if (!read.ok() || !info.is_checksum_of(hash.value())) break;
    at += size;
    ++good;
  }
  frames.resize(good);
  return frames;
}

bool CompressionJob::resume(std::uint64_t frame) {
  if (!options_.resume) return true;
  if (!input_.regular() || !input_.size()) {
    messages_.error(file_, "--resume: needs a regular file");
    return false;
  }
  const std::vector<FrameInfo> frames = good_frames(frame);
  Result<Joiner> joiner = Joiner::create();
  if (!joiner.ok()) return fail(joiner.status());
  joiner_ = std::move(joiner).value();
  for (const FrameInfo& info : frames) resumed_ += *info.content_size;
  std::uint64_t given = 0;
  if (!frames.empty()) {
    const std::uint64_t end = frames.back().offset + frames.back().frame_size;
    const Sink count = [&](std::span<const std::uint8_t> bytes) {
      given += bytes.size();
      return Status{};
    };
    Status status =
        read_pieces(output_.readable(), 0, end, [&](auto bytes) { return joiner_->update(bytes, count); });
    if (status.ok()) status = joiner_->cut_stream();
    if (status.ok() && options_.verify) {
      status = read_pieces(input_.descriptor(), 0, resumed_, [&](auto bytes) {
        hash_.update(bytes);
        return Status{};
      });
    }
    if (!status.ok()) return fail(status);
    messages_.note(0, file_,
                   "goes on behind " + std::to_string(frames.size()) + " frames that are there, " +
                       std::to_string(resumed_) + " bytes");
  }
  // The joiner holds the end of the last frame back: the file is cut to what it has given.
  if (output_.resume_at(given) && input_.restrict_to(resumed_, no_limit)) return true;
  messages_.error(file_, system_text("cannot go on"));
  return false;
}

bool CompressionJob::run() {
  const std::uint64_t usual = usual_frame_size(options_.level).value();
  std::uint64_t frame = options_.frame_size != 0 ? options_.frame_size : usual;
  if (!options_.patch_from.empty() && options_.frame_size == 0) {
    frame = std::max(usual, input_.size().value_or(no_limit / 2));
  }
  if (!select_frames(frame) || !resume(frame)) return false;
  const std::optional<std::uint64_t> memory = model_memory(frame);
  if (!memory) return false;
  CompressOptions coder = coder_options(frame, *memory);
  const std::optional<std::uint64_t> rest = coder.content_size ? coder.content_size : input_.size();
  const std::optional<std::uint64_t> total = rest ? std::optional(resumed_ + *rest) : std::nullopt;
  ProgressMeter meter(options_, file_, total, input_.size().value_or(0), run_.progress, messages_);
  Status status = code(coder, meter);
  const bool shrank = status.code == Code::size_mismatch && !options_.stream_size && !joiner_;
  if (shrank && output_.rewind() && input_.rewind()) {
    // A large file shrank: what remains of it is coded as a stream without a size.
    coder.content_size.reset();
    hash_.reset();
    status = code(coder, meter);
  }
  if (status.code == Code::cancelled) return false;
  if (!status.ok()) return fail(status);
  content_ = resumed_ + input_.bytes_read();
  compressed_ = output_.written();
  meter.finish({content_, compressed_, content_});
  return true;
}

bool CompressionJob::verify() {
  ContentHash back;
  DecompressOptions options;
  options.threads = options_.threads != 0 ? options_.threads : plan_threads(options_, 0, 0).threads;
  options.vocabularies = run_.vocabularies;
  options.primes = run_.primes;
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
    status = decoder.value().update(buffer_.first(*got), sink);
    at += *got;
  }
  if (status.ok()) status = decoder.value().finish(sink);
  if (status.ok() && back.value() == hash_.value()) return true;
  messages_.error(file_, "verifying failed, the source is kept: " +
                             (status.ok() ? std::string("other content came back") : status_text(status)));
  return false;
}

}  // namespace ssmz::cli
