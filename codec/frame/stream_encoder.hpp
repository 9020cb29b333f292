// SPDX-License-Identifier: Apache-2.0
// Splits content into frames and codes them side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/frame/frame_encoder.hpp"
#include "codec/frame/jobs.hpp"
#include "codec/frame/seek_table.hpp"

namespace ssmz::codec {

/// Frames of content up to this size are held whole while they are collected: their size is then known to the
/// header, and they can be coded (or decoded) in another thread. Larger ones are coded as they come, one
/// after the other.
inline constexpr std::uint64_t whole_frame_limit = std::uint64_t{128} << 20;

struct StreamEncoderOptions {
  int level = default_level;
  /// At least 1. Never changes a byte of the output.
  unsigned threads = 1;
  /// In bytes, for all threads together; 0: the level's default for each frame.
  std::uint64_t memory_limit = 0;
  /// Bytes of content a frame; 0: the level's default.
  std::uint64_t frame_size = 0;
  /// Of the whole stream, checked at the end. Must be right.
  std::optional<std::uint64_t> content_size = {};
  /// Instead of the level's own; from ssm_choice().
  std::optional<SsmChoice> ssm = {};
  bool checksum = true;
  std::shared_ptr<const Vocabulary> vocabulary;
  /// What each frame's model reads before the frame; may be nullptr.
  std::shared_ptr<const PrimeContent> prime = {};
  CoderFactory factory;
  /// Called on the caller's thread with the content bytes coded.
  Progress progress = {};
};

/// Not thread-safe. The first error is final.
class StreamEncoder {
 public:
  explicit StreamEncoder(StreamEncoderOptions options);

  /// Takes content in pieces of any size; gives output to `sink` when there is some. Errors: bad_state after
  /// finish(), those of FrameEncoder, and the sink's.
  Status update(std::span<const std::uint8_t> in, const Sink& sink);
  /// Ends the frame here if it has content; finish() then ends the stream with a frame of no content unless
  /// more comes.
  Status end_frame(const Sink& sink);
  /// The same, and gives out all frames so far.
  Status flush(const Sink& sink);
  /// Ends the stream: codes what is left. Content of no bytes gives one frame.
  Status finish(const Sink& sink);
  /// Content bytes taken.
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }
  /// Bytes of content that the output given so far stands for.
  [[nodiscard]] std::uint64_t content_given() const noexcept;

 private:
  /// A frame given to the jobs: its size is known once its job has ended.
  struct Submitted {
    std::shared_ptr<const std::uint64_t> size;
    std::uint64_t content = 0;
  };

  Status update_whole(std::span<const std::uint8_t> in, const Sink& sink);
  Status update_direct(std::span<const std::uint8_t> in, const Sink& sink);
  Status submit_frame(bool frame_follows, const Sink& sink);
  void start_direct();
  [[nodiscard]] Progress direct_progress() const;
  Status finish_direct(bool frame_follows, const Sink& sink);
  /// Counts what goes through to `sink`, which must outlive it.
  [[nodiscard]] Sink direct_sink(const Sink& sink);
  /// Of the next frame.
  [[nodiscard]] FrameEncoderOptions next_frame_options(std::optional<std::uint64_t> size);
  [[nodiscard]] std::uint64_t job_memory(std::uint64_t size) const;
  Status fail(Status status) noexcept;

  StreamEncoderOptions options_;
  FrameJobs jobs_;
  Status failed_;
  bool finished_ = false;
  std::uint64_t content_ = 0;
  std::uint64_t next_number_ = 0;
  std::vector<std::uint8_t> frame_content_;  ///< Frames held whole: the content so far.
  std::unique_ptr<FrameEncoder> direct_;     ///< Others: the frame being coded,
  std::uint64_t direct_start_ = 0;           ///< where its content starts in the stream,
  std::uint64_t direct_content_ = 0;         ///< its content so far,
  std::uint64_t direct_size_ = 0;            ///< and the bytes of it given out.
  std::vector<SeekEntry> frames_;
  std::vector<Submitted> submitted_;
};

}  // namespace ssmz::codec
