// SPDX-License-Identifier: Apache-2.0
// Samples as they stand in a file, and what they would cost about by how far predictions miss them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/base/log2.hpp"

namespace ssmz::codec {

/// Samples of 8, 16 or 24 bits side by side; the last one may be cut off. Not FORMAT.
struct RawSamples {
  std::span<const std::uint8_t> data;
  unsigned bytes;
  bool big_endian = false;
  std::int32_t flip = 0;  ///< Makes signed samples unsigned.
  [[nodiscard]] std::size_t count() const { return data.size() / bytes; }
  [[nodiscard]] std::int32_t operator[](std::size_t i) const { return plain(i) ^ flip; }

 private:
  [[nodiscard]] std::int32_t plain(std::size_t i) const {
    if (bytes == 1) return data[i];
    const std::uint8_t* const at = &data[bytes * i];
    const std::int32_t high = big_endian ? at[0] : at[bytes - 1], low = big_endian ? at[bytes - 1] : at[0];
    return bytes == 2 ? high * 256 + low : (high * 256 + at[1]) * 256 + low;
  }
};

/// Adds up sixteenths of a bit: of each miss, by how large the last `Window` were about, log2 of their mean,
/// and a bit and a half. Not FORMAT.
template <unsigned Window>
class MissCost {
 public:
  void add(std::int32_t difference) {
    const auto miss = static_cast<std::uint64_t>(difference < 0 ? -difference : difference);
    sum_ +=
        log2_sixteenths(mean_ + 16) - 64 + 12 + std::min<std::uint64_t>(miss * 16 * 23 / (mean_ + 16), 256);
    mean_ = mean_ - mean_ / Window + miss * 16 / Window;
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t mean_ = 16 * 16;  // in sixteenths
};

}  // namespace ssmz::codec
