// SPDX-License-Identifier: Apache-2.0
// Samples as they stand in a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ssmz::codec {

/// Samples of 8 or 16 bits side by side; the last one may be cut off. Not FORMAT.
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
    const std::uint8_t* const at = &data[2 * i];
    return big_endian ? at[0] * 256 + at[1] : at[1] * 256 + at[0];
  }
};

}  // namespace ssmz::codec
