// SPDX-License-Identifier: Apache-2.0
// Decodes concatenated frames, side by side where their sizes allow.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "codec/frame/feed.hpp"
#include "codec/frame/frame_decoder.hpp"
#include "codec/frame/jobs.hpp"
#include "codec/frame/skippable_walk.hpp"
#include "codec/frame/stream_order.hpp"

namespace ssmz::codec {

struct StreamDecoderOptions {
  unsigned threads = 1;                  ///< At least 1.
  std::uint64_t memory_limit = 0;        ///< In bytes, for all threads together; 0: no limit.
  std::uint64_t frame_memory_limit = 0;  ///< In bytes, for a frame's model; 0: no limit.
  std::uint64_t output_limit = std::numeric_limits<std::uint64_t>::max();  ///< In bytes.
  bool part_of_stream = false;   ///< Frames may be missing: their order is not checked.
  bool ignore_checksum = false;  ///< Contents are not compared with checksums.
  VocabularyFinder find_vocabulary;
  PrimeFinder find_prime = {};  ///< May be empty.
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
  /// what they have by then is given, and finish() waits for the rest. Zero bytes behind the last frame of a
  /// stream are passed over. Errors: those of FrameDecoder and StreamOrder, output_limit, not_a_frame (no
  /// magic at the start or behind a frame), bad_state after finish(), and the sink's; what stands before an
  /// error in the input has been given. The status' offset is in bytes of the stream.
  Status update(std::span<const std::uint8_t> in, const Sink& sink);
  /// Says that there is no more input. Errors: truncated (also for an empty stream and where another frame
  /// was announced), and those of update().
  Status finish(const Sink& sink);

  /// After memory_limit, vocabulary_missing and prime_missing: what the frame needs.
  [[nodiscard]] const FrameNeeds& needs() const noexcept { return needs_; }
  /// Content bytes given to the sink.
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }

 private:
  enum class Part : std::uint8_t { magic, skippable, header, frame, feed };
  /// Needs of frames whose jobs failed, by where they begin.
  struct FailedNeeds {
    std::mutex mutex;
    std::map<std::uint64_t, FrameNeeds> by_start;
  };

  Status step(std::span<const std::uint8_t>& in, const Sink& sink);
  Status magic(std::span<const std::uint8_t>& in, const Sink& sink);
  Status skippable(std::span<const std::uint8_t>& in);
  Status header(std::span<const std::uint8_t>& in, const Sink& sink);
  Status frame(std::span<const std::uint8_t>& in, const Sink& sink);
  Status feed(std::span<const std::uint8_t>& in);
  Status start_frame(const Sink& sink);
  Status check_header();
  Status decode_directly(const Sink& sink);
  Result<bool> start_job(const Sink& sink);
  FrameJobs::Work job_work(std::shared_ptr<FrameFeed> feed) const;
  void end_feed();
  /// Keeps whether an error comes from the jobs or the sink: such a one is the oldest there is.
  Status delivered(Status status);
  Status drain(const Sink& sink);
  Status fail_after_earlier_frames(Status status, const Sink& sink);
  Status give(std::span<const std::uint8_t> content, const Sink& sink);
  [[nodiscard]] FrameDecoderOptions frame_options() const;
  [[nodiscard]] static bool worth_a_thread(const FrameHeader& header);

  StreamDecoderOptions options_;
  FrameJobs jobs_;
  Status failed_;
  bool finished_ = false;
  Part part_ = Part::magic;
  std::vector<std::uint8_t> held_;
  SkippableWalk skippable_;
  std::uint64_t consumed_ = 0;     ///< Input bytes up to what is being read.
  std::uint64_t frame_start_ = 0;  ///< Where the last frame began.
  StreamOrder order_;
  bool any_frame_ = false;
  bool delivery_failed_ = false;
  std::uint64_t content_ = 0;
  std::uint64_t announced_ = 0;  ///< Content bytes of the frames handed to the jobs.
  FrameNeeds needs_;
  std::shared_ptr<FailedNeeds> failed_needs_ = std::make_shared<FailedNeeds>();
  std::unique_ptr<FrameParser> walker_;     ///< Reads the header of each frame; the bytes of it.
  std::vector<std::uint8_t> header_bytes_;  ///< Of a frame that a job decodes it also finds the end,
  std::shared_ptr<FrameFeed> feed_;         ///< and this is where the job takes its bytes from.
  std::unique_ptr<FrameDecoder> direct_;    ///< Decodes the other frames.
};

}  // namespace ssmz::codec
