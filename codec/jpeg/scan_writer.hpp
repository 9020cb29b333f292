// SPDX-License-Identifier: Apache-2.0
// Writes the MCUs of a scan that has all of its picture.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/jpeg/scan_bits.hpp"
#include "codec/jpeg/scan_place.hpp"

namespace ssmz::codec {

/// Not thread-safe. FORMAT. `header` must outlive it.
class ScanWriter {
 public:
  /// Goes on at `place`, in whose current byte stands `begun` (its unused bits are ignored). `padding`: what
  /// bytes in front of restart markers are filled with.
  ScanWriter(const JpegHeader& header, bool padding, const ScanPlace& place = {}, std::uint8_t begun = 0)
      : header_(header), padding_(padding), place_(place), bits_(place.bit, begun) {}

  /// Appends the bytes that the next MCU ends; one that it begins waits. False if a coefficient has no code,
  /// or the scan is at its end.
  [[nodiscard]] bool write(const JpegMcu& mcu, std::vector<std::uint8_t>& out);

  [[nodiscard]] const ScanPlace& place() const noexcept { return place_; }
  /// The byte that is begun, filled with ones.
  [[nodiscard]] std::uint8_t begun() const noexcept { return bits_.begun(); }

 private:
  const JpegHeader& header_;
  bool padding_;
  ScanPlace place_;
  ScanBitWriter bits_;
};

}  // namespace ssmz::codec
