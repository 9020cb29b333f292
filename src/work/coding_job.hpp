// SPDX-License-Identifier: Apache-2.0
// One file's way through the coder: bytes from an input through the library to an output.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/files/output_file.hpp"
#include "src/files/source_file.hpp"
#include "src/messages/messages.hpp"
#include "src/messages/progress_meter.hpp"
#include "src/options/options.hpp"
#include "src/work/content_hash.hpp"
#include "ssmz/archive.hpp"

namespace ssmz::cli {

/// What all files of a run share.
struct Run {
  const Options& options;
  const std::vector<Vocabulary>& vocabularies;
  const std::vector<Prime>& primes;
  Messages& messages;
  RunProgress progress = {};
};

/// What both directions have in common.
class CodingJob {
 public:
  CodingJob(const std::string& file, Run& run, SourceFile& input, OutputFile& output);

  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }
  [[nodiscard]] std::uint64_t compressed() const noexcept { return compressed_; }
  [[nodiscard]] double seconds() const;
  /// True if the reader of the output has gone, which is no error to talk about.
  [[nodiscard]] bool reader_is_gone() const noexcept { return reader_is_gone_; }

 protected:
  /// Fills the buffer from the input; false: told to the messages.
  bool fill();
  bool fail(const Status& status, const Decoder* decoder = nullptr);
  /// What the options say of decompressing.
  [[nodiscard]] DecompressOptions decoder_options(unsigned threads) const;
  [[nodiscard]] std::span<const std::uint8_t> filled() const { return buffer_.first(filled_); }
  /// The buffer was not filled: the input has ended.
  [[nodiscard]] bool at_end() const noexcept { return filled_ < buffer_.size() && !input_.idle(); }

  const std::string& file_;
  const Options& options_;
  Run& run_;
  Messages& messages_;
  SourceFile& input_;
  OutputFile& output_;
  std::unique_ptr<std::uint8_t[]> storage_;  ///< Of the buffer; takes memory only where it is filled.
  std::span<std::uint8_t> buffer_;
  std::size_t filled_ = 0;
  std::uint64_t content_ = 0;
  std::uint64_t compressed_ = 0;
  bool reader_is_gone_ = false;
  Clock::time_point start_ = Clock::now();
};

class CompressionJob : public CodingJob {
 public:
  using CodingJob::CodingJob;
  /// False: told to the messages, or reader_is_gone().
  bool run();
  /// Decompresses what was written and compares. False: told to the messages.
  bool verify();

 private:
  /// Refuses, or tells, what --memory changes; the memory a frame's model takes, or nothing.
  [[nodiscard]] std::optional<std::uint64_t> model_memory(std::uint64_t frame);
  [[nodiscard]] CompressOptions coder_options(std::uint64_t frame, std::uint64_t memory) const;
  /// With --frames, the source is cut to them. False: told.
  [[nodiscard]] bool select_frames(std::uint64_t frame);
  /// With --resume, takes what an earlier run has left. False: told.
  [[nodiscard]] bool resume(std::uint64_t frame);
  /// How many frames of the output's file are what this run would write.
  [[nodiscard]] std::vector<FrameInfo> good_frames(std::uint64_t frame);
  /// ok, or why; cancelled is told already.
  Status code(const CompressOptions& options, ProgressMeter& meter);

  ContentHash hash_;
  std::optional<Joiner> joiner_;  ///< Puts the frames of this run behind those that are there.
  std::uint64_t resumed_ = 0;     ///< Bytes of content in those.
};

class DecompressionJob : public CodingJob {
 public:
  using CodingJob::CodingJob;
  bool run();

 private:
  bool pass_through();
  /// Looks at all frames of a regular file, where that is cheap.
  void survey();
  bool code(const DecompressOptions& options, ProgressMeter& meter);
  /// Up to the end of the first stream.
  bool code_single_stream(const DecompressOptions& options);

  std::optional<std::uint64_t> total_;  ///< Content of all frames.
  std::uint64_t memory_ = 0;            ///< Of the largest frame known.
  std::uint64_t frames_ = 0;            ///< 0: unknown.
};

}  // namespace ssmz::cli
