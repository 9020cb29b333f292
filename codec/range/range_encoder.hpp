// SPDX-License-Identifier: Apache-2.0
// Range encoder: binary decisions with their probabilities to bytes.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/range/range_common.hpp"

namespace ssmz::codec {

/// Appends to `out`, which must outlive it and must not be touched by others until finish(). Never fails but
/// by the vector's std::bad_alloc.
class RangeEncoder {
 public:
  explicit RangeEncoder(std::vector<std::uint8_t>& out) : out_(out) {}

  /// Codes `bit` (0 or 1); `p1` / 2^probability_bits is the probability of 1, p1 in 1..probability_one - 1.
  void encode(unsigned bit, std::uint32_t p1) {
    assert(bit <= 1 && p1 >= 1 && p1 < probability_one);
    const std::uint32_t bound = range_of_one(range_, p1);
    if (bit != 0) {
      range_ = bound;
    } else {
      low_ += bound;
      range_ -= bound;
    }
    while (range_ < range_floor) {
      range_ <<= 8;
      shift_low();
    }
  }

  /// Writes what is pending, with as few bytes as let a decoder that reads zeros past the end decode
  /// everything. Call once.
  void finish() {
    low_ = shortest_value(low_, range_);
    // What shift_low still holds back precedes the last four bytes; only those may be dropped if they are
    // zero.
    unsigned tail = 4;
    for (unsigned i = 0; i < tail + 1; ++i) shift_low();
    while (tail-- > 0 && !out_.empty() && out_.back() == 0) out_.pop_back();
  }

 private:
  /// Moves the top byte of low out. A byte is held back (with the 0xFF bytes after it) until no carry can
  /// reach it.
  void shift_low() {
    constexpr std::uint64_t carry_or_below = 0xFF000000u;
    if (held_ == 0 || low_ < carry_or_below || (low_ >> 32) != 0) {
      const auto carry = static_cast<std::uint8_t>(low_ >> 32);
      if (held_ > 0) {
        out_.push_back(static_cast<std::uint8_t>(cache_ + carry));
        for (; held_ > 1; --held_) out_.push_back(static_cast<std::uint8_t>(0xFF + carry));
      }
      cache_ = static_cast<std::uint8_t>(low_ >> 24);
      held_ = 0;
    }
    ++held_;
    low_ = (low_ & 0x00FFFFFFu) << 8;
  }

  std::vector<std::uint8_t>& out_;
  std::uint64_t low_ = 0;  ///< 33 bits: the carry is bit 32.
  std::uint32_t range_ = 0xFFFFFFFFu;
  std::uint8_t cache_ = 0;  ///< The oldest byte held back.
  std::size_t held_ = 0;    ///< Bytes held back: cache_ and held_ - 1 bytes of 0xFF.
};

}  // namespace ssmz::codec
