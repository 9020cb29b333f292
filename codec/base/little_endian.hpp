// SPDX-License-Identifier: Apache-2.0
// Integers as bytes: little endian and variable length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

/// FORMAT. Most bytes of a variable-length integer, and the first value that does not fit in them.
inline constexpr std::size_t max_varint_size = 9;
inline constexpr std::uint64_t varint_limit = std::uint64_t{1} << 63;

inline void append_little_endian(std::uint64_t value, std::size_t size, std::vector<std::uint8_t>& out) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// Appends `value` < varint_limit, seven bits a byte, lowest first, the top bit set on all bytes but the
/// last.
inline void append_varint(std::uint64_t value, std::vector<std::uint8_t>& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// Reads fields one after the other. The first read that fails makes all later ones give 0.
class ByteReader {
 public:
  enum class State : std::uint8_t { good, short_input, malformed };

  explicit ByteReader(std::span<const std::uint8_t> in) : in_(in) {}

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }

  std::uint64_t little_endian(std::size_t size) {
    if (state_ == State::good && in_.size() - position_ < size) state_ = State::short_input;
    if (state_ != State::good) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{in_[position_ + i]} << (8 * i);
    position_ += size;
    return value;
  }

  /// The next `size` bytes as they stand, none if there are not as many.
  std::span<const std::uint8_t> bytes(std::size_t size) {
    if (state_ == State::good && in_.size() - position_ < size) state_ = State::short_input;
    if (state_ != State::good) return {};
    position_ += size;
    return in_.subspan(position_ - size, size);
  }

  /// Malformed if longer than needed (a last byte of zero) or longer than max_varint_size.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < max_varint_size; ++i) {
      const auto byte = static_cast<std::uint8_t>(little_endian(1));
      if (state_ != State::good) return 0;
      value |= std::uint64_t{byte & 0x7Fu} << (7 * i);
      if (byte < 0x80) {
        if (byte == 0 && i > 0) break;
        return value;
      }
    }
    state_ = State::malformed;
    return 0;
  }

 private:
  std::span<const std::uint8_t> in_;
  std::size_t position_ = 0;
  State state_ = State::good;
};

}  // namespace ssmz::codec
