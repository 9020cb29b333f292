// SPDX-License-Identifier: Apache-2.0
// Numbers of either byte order, as the tables of programs hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ssmz::codec {

/// Reads and writes numbers of 1 to 8 bytes; of fewer the lowest.
struct ByteOrder {
  bool big_endian = false;

  /// bytes.size() >= at + size.
  [[nodiscard]] std::uint64_t get(std::span<const std::uint8_t> bytes, std::size_t at, unsigned size) const {
    std::uint64_t value = 0;
    for (unsigned k = 0; k < size; ++k) value |= std::uint64_t{bytes[at + k]} << shift(k, size);
    return value;
  }
  [[nodiscard]] std::uint32_t word(std::span<const std::uint8_t> bytes, std::size_t at) const {
    return static_cast<std::uint32_t>(get(bytes, at, 4));
  }
  /// Likewise.
  void put(std::uint64_t value, unsigned size, std::span<std::uint8_t> bytes, std::size_t at) const {
    for (unsigned k = 0; k < size; ++k) bytes[at + k] = static_cast<std::uint8_t>(value >> shift(k, size));
  }

 private:
  [[nodiscard]] unsigned shift(unsigned k, unsigned size) const {
    return 8 * (big_endian ? size - 1 - k : k);
  }
};

}  // namespace ssmz::codec
