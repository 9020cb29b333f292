// SPDX-License-Identifier: Apache-2.0
// Reads the headers of files of pictures and sound.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {

/// Reads numbers of either byte order; 0 behind the end.
struct HeaderReader {
  std::span<const std::uint8_t> in;
  bool big_endian = false;

  /// `size`: 1..4 bytes.
  [[nodiscard]] std::uint32_t number(std::uint64_t at, unsigned size) const {
    if (at + size > in.size()) return 0;
    return static_cast<std::uint32_t>(ByteOrder{big_endian}.get(in, at, size));
  }
  /// Whether the four letters `text` stand there.
  [[nodiscard]] bool says(std::uint64_t at, const char* text) const {
    return at + 4 <= in.size() && std::memcmp(in.data() + at, text, 4) == 0;
  }
};

}  // namespace ssmz::codec
