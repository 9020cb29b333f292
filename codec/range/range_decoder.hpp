// SPDX-License-Identifier: Apache-2.0
// Range decoder: bytes back to binary decisions.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/range/range_common.hpp"

namespace ssmz::codec {

/// Reads `in` (borrowed), then zeros for ever. Any bytes decode to something; only the checksum knows what is
/// right.
class RangeDecoder {
 public:
  explicit RangeDecoder(std::span<const std::uint8_t> in) : in_(in) {
    for (unsigned i = 0; i < 4; ++i) code_ = (code_ << 8) | next_byte();
    beyond_ = code_ >= range_;
  }

  /// Next decision; `p1` must be what the encoder was given, in 1..probability_one - 1.
  [[nodiscard]] unsigned decode(std::uint32_t p1) {
    assert(p1 >= 1 && p1 < probability_one);
    const std::uint32_t bound = range_of_one(range_, p1);
    const unsigned bit = code_ < bound ? 1u : 0u;
    if (bit != 0) {
      range_ = bound;
    } else {
      code_ -= bound;
      range_ -= bound;
    }
    while (range_ < range_floor) {
      range_ <<= 8;
      code_ = (code_ << 8) | next_byte();
    }
    return bit;
  }

  /// True if more was read than any finished encoder leaves unwritten: the input is cut or damaged.
  [[nodiscard]] bool exhausted() const noexcept { return position_ > in_.size() + max_unwritten; }

  /// After the last decision: true if the input ends as RangeEncoder::finish() ends it, and nothing is left.
  /// What the last decisions do not tell is so checked too: no byte can be another one.
  [[nodiscard]] bool finished() const noexcept {
    std::uint32_t last = 0;
    for (std::size_t i = position_ - max_unwritten; i < position_; ++i) last = (last << 8) | byte_at(i);
    std::size_t size = position_;
    while (size > position_ - max_unwritten && byte_at(size - 1) == 0) --size;
    return !beyond_ && in_.size() == size &&
           static_cast<std::uint32_t>(shortest_value(last - code_, range_)) == last;
  }

 private:
  static constexpr std::size_t max_unwritten = 4;

  [[nodiscard]] std::uint32_t byte_at(std::size_t at) const noexcept {
    return at < in_.size() ? in_[at] : 0u;
  }
  std::uint32_t next_byte() noexcept { return byte_at(position_++); }

  std::span<const std::uint8_t> in_;
  std::size_t position_ = 0;
  std::uint32_t code_ = 0;  ///< Value of the code minus the encoder's low.
  std::uint32_t range_ = 0xFFFFFFFFu;
  bool beyond_ = false;  ///< The code was outside of the first range, where no encoder comes.
};

}  // namespace ssmz::codec
