// SPDX-License-Identifier: Apache-2.0
// Decodes concatenated frames, side by side where their sizes allow.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/frame/feed.hpp"
#include "codec/frame/frame_decoder.hpp"
#include "codec/frame/jobs.hpp"

namespace ssmz::codec {

struct StreamDecoderOptions {
  unsigned threads = 1;            ///< At least 1.
  std::uint64_t memory_limit = 0;  ///< In bytes, for all threads together; 0: no limit.
  std::uint64_t output_limit = std::numeric_limits<std::uint64_t>::max();  ///< In bytes.
  VocabularyFinder find_vocabulary;
  CoderFactory factory;
  Progress progress = {};  ///< Called on the caller's thread with the content bytes decoded.
};

/// Not thread-safe. The first error is final; what was given to the sink before it may be wrong.
class StreamDecoder {
 public:
  explicit StreamDecoder(StreamDecoderOptions options);
  ~StreamDecoder();
  StreamDecoder(const StreamDecoder&) = delete;
  StreamDecoder& operator=(const StreamDecoder&) = delete;

  /// Takes input in pieces of any size; gives content to `sink` in order, as it is decoded, at most
  /// max_block_size bytes at a time. With more than one thread frames are decoded behind the caller's back:
  /// what they have by then is given, and finish() waits for the rest. Errors: those of FrameDecoder,
  /// output_limit, not_a_frame (no magic at the start or behind a frame), bad_state after finish(), and the
  /// sink's. The status' offset is in bytes of the stream.
  Status update(std::span<const std::uint8_t> in, const Sink& sink);
  /// Says that there is no more input. Errors: truncated (also for an empty stream), and those of update().
  Status finish(const Sink& sink);

  [[nodiscard]] FrameNeeds needs() const noexcept { return needs_; }
  /// Content bytes given to the sink.
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }

 private:
  enum class Part : std::uint8_t { magic, skip_size, skip, frame, header, feed };

  Status step(std::span<const std::uint8_t>& in, const Sink& sink);
  Status magic(std::span<const std::uint8_t>& in, const Sink& sink);
  Status frame(std::span<const std::uint8_t>& in, const Sink& sink);
  Status header(std::span<const std::uint8_t>& in, const Sink& sink);
  Status feed(std::span<const std::uint8_t>& in, const Sink& sink);
  Status start_frame(const Sink& sink);
  Status decode_directly(const Sink& sink);
  Status check_header();
  Status start_job(const Sink& sink);
  void end_feed();
  Status drain(const Sink& sink);
  Status fail_after_earlier_frames(Status status, const Sink& sink);
  Status give(std::span<const std::uint8_t> content, const Sink& sink);
  bool gather(std::span<const std::uint8_t>& in, std::size_t size);
  [[nodiscard]] FrameDecoderOptions frame_options() const;
  [[nodiscard]] static bool fits_in_memory(const FrameHeader& header);

  StreamDecoderOptions options_;
  FrameJobs jobs_;
  Status failed_;
  bool finished_ = false;
  Part part_ = Part::magic;
  std::vector<std::uint8_t> held_;
  std::uint64_t skip_ = 0;
  std::uint64_t consumed_ = 0;     ///< Input bytes up to what is being read.
  std::uint64_t frame_start_ = 0;  ///< Where the last frame began.
  std::uint64_t frames_ = 0;
  std::uint64_t content_ = 0;
  std::uint64_t announced_ = 0;  ///< Content bytes of the frames handed to the jobs.
  FrameNeeds needs_;
  std::unique_ptr<FrameDecoder> direct_;
  std::unique_ptr<FrameParser> walker_;     ///< Finds the end of a frame that a job decodes,
  std::vector<std::uint8_t> header_bytes_;  ///< and its header; the bytes of it,
  std::shared_ptr<FrameFeed> feed_;         ///< and where the job takes its bytes from.
};

}  // namespace ssmz::codec
