// SPDX-License-Identifier: Apache-2.0
// Renumbers the frames of several streams into one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/frame/parser.hpp"
#include "codec/frame/seek_table.hpp"
#include "codec/frame/skippable_walk.hpp"
#include "codec/frame/stream_order.hpp"

namespace ssmz::codec {

/// Not thread-safe. Holds the last bytes of a frame until it is known whether another follows.
class StreamJoiner {
 public:
  /// Takes streams, one directly after the other. Errors: those of FrameParser and StreamOrder, the sink's.
  Status update(std::span<const std::uint8_t> in, const Sink& sink);
  /// The present stream is cut off here, behind a whole frame: the next bytes begin another. Errors:
  /// truncated.
  Status cut_stream();
  /// Errors: truncated, the sink's.
  Status finish(const Sink& sink);

 private:
  enum class Part : std::uint8_t { magic, skippable, header, body };

  Status step(std::span<const std::uint8_t>& in, const Sink& sink);
  Status magic(std::span<const std::uint8_t>& in);
  Status skippable(std::span<const std::uint8_t>& in);
  Status header(std::span<const std::uint8_t>& in, const Sink& sink);
  Status body(std::span<const std::uint8_t>& in, const Sink& sink);
  Status end_last(bool frame_follows, const Sink& sink);

  Part part_ = Part::magic;
  StreamOrder order_;
  std::unique_ptr<FrameParser> parser_;
  std::vector<std::uint8_t> held_;  ///< Of a magic or a skippable frame's header.
  SkippableWalk skippable_;
  std::vector<std::uint8_t> tail_;  ///< Of the frame written last.
  std::uint64_t written_ = 0;       ///< Bytes of that frame before the tail.
  std::size_t end_size_ = 0;        ///< Bytes of its end mark and checksum.
  std::vector<SeekEntry> frames_;
};

}  // namespace ssmz::codec
