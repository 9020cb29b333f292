// SPDX-License-Identifier: Apache-2.0
// Bits in the order of RFC 1951: the lowest of a byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Behind the end come zeros; overrun() says whether some were taken.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// The next bits, at most 25, without taking them.
  [[nodiscard]] std::uint32_t peek(unsigned bits) noexcept {
    while (held_ < bits) {
      if (next_ < bytes_.size()) buffer_ |= std::uint64_t{bytes_[next_]} << held_;
      ++next_;
      held_ += 8;
    }
    return static_cast<std::uint32_t>(buffer_ & ((std::uint64_t{1} << bits) - 1));
  }
  void skip(unsigned bits) noexcept {
    buffer_ >>= bits;
    held_ -= bits;
  }
  [[nodiscard]] std::uint32_t take(unsigned bits) noexcept {
    const std::uint32_t value = peek(bits);
    skip(bits);
    return value;
  }
  /// The bits up to the next byte.
  [[nodiscard]] std::uint32_t take_rest_of_byte() noexcept { return take(held_ % 8); }
  [[nodiscard]] std::size_t position() const noexcept { return 8 * next_ - held_; }
  [[nodiscard]] bool overrun() const noexcept { return position() > 8 * bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
  std::size_t next_ = 0;
};

/// Appends to a vector.
class BitWriter {
 public:
  explicit BitWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  /// At most 32 bits.
  void put(std::uint32_t value, unsigned bits) {
    buffer_ |= std::uint64_t{value} << held_;
    held_ += bits;
    for (; held_ >= 8; held_ -= 8, buffer_ >>= 8) out_.push_back(static_cast<std::uint8_t>(buffer_));
  }
  /// Zeros up to the next byte.
  void fill_byte() { put(0, (8 - held_) % 8); }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
};

}  // namespace ssmz::codec
