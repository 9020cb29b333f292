// SPDX-License-Identifier: Apache-2.0
// Finds where the frames of a stream, and the stream, end, without decoding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/parser.hpp"
#include "codec/frame/skippable_walk.hpp"

namespace ssmz::interface_detail {

/// Walks over one stream, or over one skippable frame where no stream has begun. What it cannot read it takes
/// for part of the stream: the decoder says what is wrong with it.
class StreamBorders {
 public:
  enum class Border : std::uint8_t { none, frame_end, stream_end, skippable_end };
  struct Found {
    std::size_t taken = 0;                         ///< Bytes up to the border.
    std::span<const std::uint8_t> to_decode = {};  ///< What the decoder needs next, until the next call.
    Border border = Border::none;
  };

  /// Takes from the front of `in`, up to a border. Stops early, too, so call until nothing is left.
  Found take(std::span<const std::uint8_t> in);
  /// The bytes taken but not given to decode, where the input ends in the middle of a magic number.
  [[nodiscard]] std::span<const std::uint8_t> held() const noexcept { return held_; }

 private:
  enum class Part : std::uint8_t { magic, skippable, frame, unreadable };
  Found magic(std::span<const std::uint8_t> in);
  Found skippable(std::span<const std::uint8_t> in);
  Found frame(std::span<const std::uint8_t> in);
  Border walk(std::span<const std::uint8_t>& in);

  Part part_ = Part::magic;
  bool in_stream_ = false;
  std::vector<std::uint8_t> held_;
  std::vector<std::uint8_t> given_;  ///< Backs to_decode when that was held.
  codec::SkippableWalk skippable_;
  codec::FrameParser parser_{codec::FrameParser::BlockData::skip};
};

}  // namespace ssmz::interface_detail
