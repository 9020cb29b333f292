// SPDX-License-Identifier: Apache-2.0
// Reads the MCUs of a scan that has all of its picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/jpeg/scan_bits.hpp"
#include "codec/jpeg/scan_place.hpp"

namespace ssmz::codec {

/// Not thread-safe. `in` and `header` must outlive it.
class ScanReader {
 public:
  /// Goes on at `place`, whose current byte is the first of `in`.
  ScanReader(const JpegHeader& header, std::span<const std::uint8_t> in, const ScanPlace& place = {})
      : header_(header), bits_(in, place.bit), place_(place) {}

  /// Reads the next MCU. False, and nothing has changed, if the scan is at its end, the data are, or what
  /// comes is not what ScanWriter would write: then it is to be kept as bytes.
  [[nodiscard]] bool read(JpegMcu& mcu);

  /// Place and first byte of what comes next, which is begun if place().bit is not 0.
  [[nodiscard]] const ScanPlace& place() const noexcept { return place_; }
  [[nodiscard]] std::size_t at() const noexcept { return bits_.at(); }
  /// What bytes in front of restart markers were filled with; nothing if there was none yet to fill.
  [[nodiscard]] std::optional<bool> padding() const noexcept { return padding_; }

 private:
  bool restart();

  const JpegHeader& header_;
  ScanBitReader bits_;
  ScanPlace place_;
  std::optional<bool> padding_;
};

}  // namespace ssmz::codec
