// SPDX-License-Identifier: Apache-2.0
// Bits in bytes, the highest of a byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec::bzip2 {

/// Behind the end come zeros; overrun() says whether some were taken.
class HighBitReader {
 public:
  explicit HighBitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// The next bits, at most 24, without taking them.
  [[nodiscard]] std::uint32_t peek(unsigned bits) noexcept {
    while (held_ < bits) {
      buffer_ = buffer_ << 8 | (next_ < bytes_.size() ? bytes_[next_] : 0u);
      ++next_;
      held_ += 8;
    }
    return static_cast<std::uint32_t>(buffer_ >> (held_ - bits) & ((std::uint64_t{1} << bits) - 1));
  }
  void skip(unsigned bits) noexcept { held_ -= bits; }
  /// At most 48 bits.
  [[nodiscard]] std::uint64_t take(unsigned bits) noexcept {
    std::uint64_t value = 0;
    for (unsigned left = bits; left > 0;) {
      const unsigned part = left < 24 ? left : 24;
      value = value << part | peek(part);
      skip(part);
      left -= part;
    }
    return value;
  }
  /// Bits taken.
  [[nodiscard]] std::size_t position() const noexcept { return 8 * next_ - held_; }
  [[nodiscard]] bool overrun() const noexcept { return position() > 8 * bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
  std::size_t next_ = 0;
};

/// Appends to a vector.
class HighBitWriter {
 public:
  explicit HighBitWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  /// At most 48 bits.
  void put(std::uint64_t value, unsigned bits) {
    buffer_ = buffer_ << bits | value;
    for (held_ += bits; held_ >= 8; held_ -= 8)
      out_.push_back(static_cast<std::uint8_t>(buffer_ >> (held_ - 8)));
  }
  /// Zeros up to the next byte.
  void fill_byte() { put(0, (8 - held_) % 8); }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
};

}  // namespace ssmz::codec::bzip2
