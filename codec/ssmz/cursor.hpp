// SPDX-License-Identifier: Apache-2.0
// Streams by cursors: one call takes from the front of the input and fills the front of the room for output.
//
// The rules of ssmz.hpp hold, with two differences. Coding runs on a thread of the stream's own, which is how
// a call can return when its room is full, whatever a frame still holds; so CompressOptions::progress and
// DecompressOptions::progress are called on that thread. And cancel() may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "ssmz/ssmz.hpp"

namespace ssmz {

/// What a call is for, beyond the input it is given.
enum class Operation : std::uint8_t {
  run = 0,        ///< Go on.
  flush = 1,      ///< End the frame and give out all of it, so that all content so far can be decoded.
  end_frame = 2,  ///< End the frame; its bytes come when they come.
  finish = 3,     ///< There is no more input.
};

/// Why a call returned.
enum class StreamState : std::uint8_t {
  need_input = 0,   ///< The input is taken whole. Call with more, or with another operation.
  need_output = 1,  ///< The room is full and there is more. Call with more room and the rest of the input.
  frame_end = 2,    ///< Compressing: flush or end_frame is done. Decompressing: a frame has ended here.
  done = 3,         ///< The stream has ended and all was given.
};

/// Compresses a stream. Call with the same operation until it is answered: flush and end_frame by frame_end,
/// finish by done. The frames are those of Encoder, however input and room are cut. Besides what Encoder
/// holds, 320 KiB. Movable; what was moved from may only be assigned to or destroyed.
class SSMZ_API CursorCompressor {
 public:
  /// Errors: bad_argument, out_of_memory (also if the system refuses a thread).
  [[nodiscard]] static Result<CursorCompressor> create(const CompressOptions& options = {});
  CursorCompressor(CursorCompressor&&) noexcept;
  CursorCompressor& operator=(CursorCompressor&&) noexcept;
  ~CursorCompressor();

  /// Takes from the front of `in` and writes to the front of `room`; both are what is left afterwards. Writes
  /// nothing beyond `room`. Waits only while there is neither room for input nor output to give. Errors:
  /// those of Encoder, cancelled, bad_argument for another operation before one was answered; all are final
  /// until reset().
  Result<StreamState> advance(std::span<const std::uint8_t>& in, std::span<std::uint8_t>& room,
                              Operation operation);
  /// Begins a new stream with the same options, whatever state this one is in; keeps thread and buffers.
  /// Waits for what is being coded to stop. Errors: those of create().
  Status reset();
  /// Makes the present and all later calls fail with cancelled, soon. From any thread.
  void cancel() noexcept;

 private:
  struct SSMZ_LOCAL Parts;
  explicit CursorCompressor(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

/// Decompresses one stream and leaves in the input what stands behind it. A seek table stands behind the last
/// frame: it counts, as any skippable frame that no stream's frame precedes, as a stream of its own without
/// content. So archives of any make are read by: advance until done, reset while input is left.
class SSMZ_API CursorDecompressor {
 public:
  /// Errors: bad_argument, out_of_memory (also if the system refuses a thread).
  [[nodiscard]] static Result<CursorDecompressor> create(const DecompressOptions& options = {});
  CursorDecompressor(CursorDecompressor&&) noexcept;
  CursorDecompressor& operator=(CursorDecompressor&&) noexcept;
  ~CursorDecompressor();

  /// As CursorCompressor's; operations are run and finish, which makes a stream that has not ended an error
  /// (truncated). With DecompressOptions::threads of 1 it answers frame_end behind each frame, whose checksum
  /// has then been verified; with more, frames run side by side and only done says that all is verified.
  Result<StreamState> advance(std::span<const std::uint8_t>& in, std::span<std::uint8_t>& room,
                              Operation operation = Operation::run);
  /// As CursorCompressor's.
  Status reset();
  void cancel() noexcept;

 private:
  struct SSMZ_LOCAL Parts;
  explicit CursorDecompressor(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ssmz
