// SPDX-License-Identifier: Apache-2.0
// Bits in bytes, the lowest of a byte first as in RFC 1951, or the highest as in bzip2 and TIFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

enum class BitOrder : std::uint8_t { low_first, high_first };

/// Behind the end come zeros; overrun() says whether some were taken.
template <BitOrder order>
class BasicBitReader {
 public:
  explicit BasicBitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// The next bits, at most 25, without taking them.
  [[nodiscard]] std::uint32_t peek(unsigned bits) noexcept {
    while (held_ < bits) {
      const std::uint64_t byte = next_ < bytes_.size() ? bytes_[next_] : 0;
      buffer_ = high_first ? buffer_ << 8 | byte : buffer_ | byte << held_;
      ++next_;
      held_ += 8;
    }
    const std::uint64_t first = high_first ? buffer_ >> (held_ - bits) : buffer_;
    return static_cast<std::uint32_t>(first & ((std::uint64_t{1} << bits) - 1));
  }
  void skip(unsigned bits) noexcept {
    if constexpr (!high_first) buffer_ >>= bits;
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
  static constexpr bool high_first = order == BitOrder::high_first;

  std::span<const std::uint8_t> bytes_;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
  std::size_t next_ = 0;
};

/// Appends to a vector.
template <BitOrder order>
class BasicBitWriter {
 public:
  explicit BasicBitWriter(std::vector<std::uint8_t>& out) : out_(out) {}

  /// At most 48 bits.
  void put(std::uint64_t value, unsigned bits) {
    buffer_ = high_first ? buffer_ << bits | value : buffer_ | value << held_;
    for (held_ += bits; held_ >= 8; held_ -= 8) {
      out_.push_back(static_cast<std::uint8_t>(high_first ? buffer_ >> (held_ - 8) : buffer_));
      if constexpr (!high_first) buffer_ >>= 8;
    }
  }
  /// Zeros up to the next byte.
  void fill_byte() { put(0, (8 - held_) % 8); }

 private:
  static constexpr bool high_first = order == BitOrder::high_first;

  std::vector<std::uint8_t>& out_;
  std::uint64_t buffer_ = 0;
  unsigned held_ = 0;
};

using BitReader = BasicBitReader<BitOrder::low_first>;
using BitWriter = BasicBitWriter<BitOrder::low_first>;
using HighBitReader = BasicBitReader<BitOrder::high_first>;
using HighBitWriter = BasicBitWriter<BitOrder::high_first>;

}  // namespace ssmz::codec
