// SPDX-License-Identifier: Apache-2.0
// Moves bytes from an input through the library to an output.
#include "src/process.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>

#include "src/files.hpp"
#include "src/input.hpp"
#include "src/progress_meter.hpp"
#include "src/size_text.hpp"

namespace ssmz::cli {

namespace {

constexpr std::size_t read_size = std::size_t{1} << 18;

/// Threads when the user leaves it open: the cores, as long as models fill no more than half of the memory.
unsigned usual_threads(const Options& options, std::uint64_t model_memory) {
  if (options.threads != 0) return options.threads;
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1u, most_threads);
  const std::uint64_t budget = options.memory != 0 ? options.memory : physical_memory() / 2;
  if (budget == 0 || model_memory == 0) return cores;
  return static_cast<unsigned>(std::clamp<std::uint64_t>(budget / model_memory, 1, cores));
}

/// One file's way through the coder.
class Job {
 public:
  Job(const std::string& file, const Options& options, const std::vector<Vocabulary>& vocabularies,
      Messages& messages, Input& input, Output& output)
      : file_(file),
        options_(options),
        vocabularies_(vocabularies),
        messages_(messages),
        input_(input),
        output_(output),
        buffer_(read_size) {}

  bool compress();
  bool decompress();

 private:
  bool fill(std::size_t keep = 0);
  bool pass_through();
  bool fail(const Status& status, const Decoder* decoder = nullptr);
  /// Content of all frames of a regular file; nullopt if that cannot be told beforehand.
  [[nodiscard]] std::optional<std::uint64_t> total_content() const;
  void tell_done(const ProgressMeter& meter, std::uint64_t content, std::uint64_t compressed);
  [[nodiscard]] std::span<const std::uint8_t> filled() const { return std::span(buffer_).first(filled_); }

  const std::string& file_;
  const Options& options_;
  const std::vector<Vocabulary>& vocabularies_;
  Messages& messages_;
  Input& input_;
  Output& output_;
  std::vector<std::uint8_t> buffer_;
  std::size_t filled_ = 0;
  std::uint64_t read_ = 0;
};

bool Job::fill(std::size_t keep) {
  const auto got = read_full(input_.descriptor.get(), std::span(buffer_).subspan(keep));
  if (!got) {
    messages_.error(file_, system_text("reading failed"));
    return false;
  }
  filled_ = keep + *got;
  read_ += *got;
  return true;
}

bool Job::fail(const Status& status, const Decoder* decoder) {
  std::string text = status_text(status);
  if (status.code == Code::io_error) text = system_text(status.detail);
  if (decoder != nullptr && status.code == Code::memory_limit) {
    const std::uint64_t mib = (decoder->memory_needed() + (1u << 20) - 1) >> 20;
    text = "needs " + std::to_string(mib) +
           " MiB of memory, more than is allowed; use --memory=" + std::to_string(mib) + "MiB";
  }
  if (decoder != nullptr && status.code == Code::vocabulary_missing) {
    std::array<char, 17> hash{};
    std::snprintf(hash.data(), hash.size(), "%016" PRIx64, decoder->vocabulary_needed());
    text = std::string("needs the vocabulary ") + hash.data() + "; give its file with --vocab";
  }
  messages_.error(file_, text);
  return false;
}

void Job::tell_done(const ProgressMeter& meter, std::uint64_t content, std::uint64_t compressed) {
  const double seconds = std::max(meter.seconds(), 1e-6);
  std::array<char, 64> ratio{};
  std::snprintf(ratio.data(), ratio.size(), "%.4f",
                content != 0 ? static_cast<double>(compressed) / static_cast<double>(content) : 0.0);
  const auto speed = static_cast<std::uint64_t>(static_cast<double>(content) / seconds);
  const bool compressing = options_.mode == Mode::compress;
  messages_.note(1, file_,
                 std::to_string(compressing ? content : compressed) + " -> " +
                     std::to_string(compressing ? compressed : content) + " bytes, ratio " + ratio.data() +
                     ", " + size_text(speed) + "/s, " + duration_text(seconds));
}

bool Job::compress() {
  const std::optional<std::uint64_t> size = input_.size();
  const std::uint64_t frame =
      options_.frame_size != 0 ? options_.frame_size : usual_frame_size(options_.level).value();
  std::optional<std::uint64_t> first_frame = size;
  if (first_frame) first_frame = std::min(*first_frame, frame);
  const Result<std::uint64_t> memory = memory_needed(options_.level, first_frame, options_.memory);
  if (!memory.ok()) return fail(memory.status());
  ProgressMeter meter(options_, file_, size);
  CompressOptions coder{.level = options_.level,
                        .threads = usual_threads(options_, memory.value()),
                        .memory_limit = options_.memory,
                        .frame_size = options_.frame_size,
                        .checksum = options_.checksum,
                        .content_size = size,
                        .vocabulary = {},
                        .progress = [&](std::uint64_t done) {
                          meter.update(done, output_.written());
                          return true;
                        }};
  if (!vocabularies_.empty()) coder.vocabulary = vocabularies_.back();
  messages_.note(2, file_,
                 "level " + std::to_string(options_.level) + ", frames of " + size_text(frame) + ", up to " +
                     std::to_string(coder.threads) + " at a time with " + size_text(memory.value()) +
                     " each");
  Result<Encoder> encoder = Encoder::create(coder);
  if (!encoder.ok()) return fail(encoder.status());
  const Sink sink = [&](std::span<const std::uint8_t> bytes) { return output_.write(bytes); };
  do {
    if (!fill()) return false;
    if (const Status status = encoder.value().update(filled(), sink); !status.ok()) return fail(status);
  } while (filled_ == buffer_.size());
  if (const Status status = encoder.value().finish(sink); !status.ok()) return fail(status);
  tell_done(meter, read_, output_.written());
  return true;
}

bool Job::pass_through() {
  do {
    if (!write_full(STDOUT_FILENO, filled())) return fail({Code::io_error, "writing failed"});
    if (!fill()) return false;
  } while (filled_ != 0);
  return true;
}

std::optional<std::uint64_t> Job::total_content() const {
  if (!input_.regular || input_.attributes.st_size <= 0) return std::nullopt;
  const Mapping mapping(input_.descriptor.get(), static_cast<std::size_t>(input_.attributes.st_size));
  if (!mapping.ok()) return std::nullopt;
  const Result<std::vector<FrameInfo>> frames = inspect(mapping.bytes());
  if (!frames.ok()) return std::nullopt;
  std::uint64_t total = 0;
  for (const FrameInfo& frame : frames.value()) total += frame.content_size.value_or(0);
  return total;
}

bool Job::decompress() {
  if (!fill()) return false;
  if (options_.to_stdout && options_.force && !is_frame(filled())) return pass_through();
  const Result<FrameInfo> first = peek(filled());
  const std::uint64_t memory = first.ok() ? first.value().memory_needed : 0;
  ProgressMeter meter(options_, file_, total_content());
  std::uint64_t content = 0;
  DecompressOptions coder;
  coder.threads = usual_threads(options_, memory);
  coder.memory_limit = options_.memory;
  coder.vocabularies = vocabularies_;
  coder.progress = [&](std::uint64_t done) {
    meter.update(done, read_);
    return true;
  };
  messages_.note(
      2, file_,
      "up to " + std::to_string(coder.threads) + " frames at a time with " + size_text(memory) + " each");
  Result<Decoder> decoder = Decoder::create(coder);
  if (!decoder.ok()) return fail(decoder.status());
  const Sink sink = [&](std::span<const std::uint8_t> bytes) {
    content += bytes.size();
    return output_.write(bytes);
  };
  for (;;) {
    if (const Status status = decoder.value().update(filled(), sink); !status.ok())
      return fail(status, &decoder.value());
    if (filled_ < buffer_.size()) break;
    if (!fill()) return false;
  }
  if (const Status status = decoder.value().finish(sink); !status.ok()) return fail(status, &decoder.value());
  tell_done(meter, content, read_);
  return true;
}

std::optional<Output> open_output(const std::string& name, const Options& options, const std::string& file,
                                  Messages& messages) {
  if (options.mode == Mode::test) return Output::none();
  if (name.empty()) {
    if (options.mode == Mode::compress && isatty(STDOUT_FILENO) != 0 && !options.force) {
      messages.error(file, "compressed data are not written to a terminal (-f overrides; -h helps)");
      return std::nullopt;
    }
    return Output::standard();
  }
  std::optional<Output> output = Output::file(name);
  if (!output) messages.error(name, system_text("cannot create"));
  return output;
}

}  // namespace

void process_file(const std::string& file, const Options& options,
                  const std::vector<Vocabulary>& vocabularies, Messages& messages) {
  std::optional<Input> input = open_input(file, options, messages);
  if (!input) return;
  std::optional<std::string> name = std::string();
  if (options.mode != Mode::test) name = output_name(file, options, messages);
  if (!name) return;
  std::optional<Output> output = open_output(*name, options, file, messages);
  if (!output) return;
  Job job(file, options, vocabularies, messages, *input, *output);
  if (!(options.mode == Mode::compress ? job.compress() : job.decompress())) return;
  if (!output->commit(file != "-" && input->regular ? &input->attributes : nullptr)) {
    messages.error(*name, system_text("cannot complete"));
    return;
  }
  if (options.source == SourceFile::remove && file != "-" && !name->empty() && unlink(file.c_str()) != 0) {
    messages.warning(file, system_text("cannot remove"));
  }
}

}  // namespace ssmz::cli
