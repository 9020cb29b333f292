// SPDX-License-Identifier: Apache-2.0
// Reads the headers of files of pictures and sound.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace ssmz::codec {

/// Reads numbers of either byte order; 0 behind the end.
struct HeaderReader {
  std::span<const std::uint8_t> in;
  bool big_endian = false;

  /// `size`: 1..4 bytes.
  [[nodiscard]] std::uint32_t number(std::uint64_t at, unsigned size) const {
    if (at + size > in.size()) return 0;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i)
      value |= std::uint32_t{in[at + i]} << (8 * (big_endian ? size - 1 - i : i));
    return value;
  }
  /// Whether the four letters `text` stand there.
  [[nodiscard]] bool says(std::uint64_t at, const char* text) const {
    return at + 4 <= in.size() && std::memcmp(in.data() + at, text, 4) == 0;
  }
};

}  // namespace ssmz::codec
