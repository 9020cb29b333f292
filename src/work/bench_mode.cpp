// SPDX-License-Identifier: Apache-2.0
// Times one compression and one decompression of each file, which at the speeds of this program say enough.
#include "src/work/bench_mode.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "src/files/descriptor.hpp"
#include "src/files/input_names.hpp"
#include "src/messages/masked_text.hpp"
#include "src/work/compress_options.hpp"

namespace ssmz::cli {

namespace {

/// Seconds `work` takes.
template <class Work>
double timed(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void bench_file(const std::string& file, const Options& options, const std::vector<Vocabulary>& vocabularies,
                Messages& messages) {
  const std::optional<std::vector<std::uint8_t>> content =
      file == "-" ? read_all(STDIN_FILENO) : read_file(file);
  if (!content) {
    messages.error(file, system_text("cannot read"));
    return;
  }
  CompressOptions there = compress_options(options);
  there.threads = options.threads;
  there.frame_size = options.frame_size;
  if (!vocabularies.empty()) there.vocabulary = vocabularies.back();
  DecompressOptions back;
  back.threads = options.threads;
  back.memory_limit = options.memory;
  back.vocabularies = vocabularies;
  Result<std::vector<std::uint8_t>> frames = Status{};
  const double compressing = timed([&] { frames = compress(*content, there); });
  if (!frames.ok()) return messages.error(file, status_text(frames.status()));
  Result<std::vector<std::uint8_t>> again = Status{};
  const double decompressing = timed([&] { again = decompress(frames.value(), back); });
  if (!again.ok()) return messages.error(file, status_text(again.status()));
  if (again.value() != *content) return messages.error(file, "the round trip changed the content");
  const auto size = static_cast<double>(content->size());
  std::printf("-%d  %zu -> %zu bytes, %.4f bits per byte, %.1f kB/s, %.1f kB/s back  %s\n", options.level,
              content->size(), frames.value().size(),
              size > 0 ? 8 * static_cast<double>(frames.value().size()) / size : 0.0,
              size / 1000 / compressing, size / 1000 / decompressing, masked(file).c_str());
}

}  // namespace

void bench_files(const Options& options, const std::vector<Vocabulary>& vocabularies, Messages& messages) {
  for (const std::string& file : input_names(options, messages))
    bench_file(file, options, vocabularies, messages);
}

}  // namespace ssmz::cli
