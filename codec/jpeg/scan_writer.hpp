// SPDX-License-Identifier: Apache-2.0
// Writes the MCUs of a scan.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/jpeg/scan_place.hpp"

namespace ssmz::codec {

/// Not thread-safe. FORMAT. `header` must outlive it.
class ScanWriter {
 public:
  /// Goes on at `place`, in whose current byte stands `begun` (its unused bits are ignored). `padding`: what
  /// bytes in front of restart markers are filled with.
  ScanWriter(const JpegHeader& header, bool padding, const ScanPlace& place = {}, std::uint8_t begun = 0)
      : header_(header), padding_(padding), place_(place), byte_(begun >> (8 - place.bit)) {}

  /// Appends the bytes that the next MCU ends; one that it begins waits. False if a coefficient has no code,
  /// or the scan is at its end.
  [[nodiscard]] bool write(const JpegMcu& mcu, std::vector<std::uint8_t>& out);

  [[nodiscard]] const ScanPlace& place() const noexcept { return place_; }
  /// The byte that is begun, filled with ones.
  [[nodiscard]] std::uint8_t begun() const noexcept {
    return static_cast<std::uint8_t>(byte_ << (8 - place_.bit) | 0xffu >> place_.bit);
  }

 private:
  bool write_block(const JpegComponent& component, std::int16_t& dc, const JpegBlock& block,
                   std::vector<std::uint8_t>& out);
  void put(std::uint32_t bits, unsigned count, std::vector<std::uint8_t>& out);
  bool put_symbol(const JpegHuffman& code, unsigned symbol, std::vector<std::uint8_t>& out);
  bool put_value(const JpegHuffman& code, unsigned run, int value, std::vector<std::uint8_t>& out);

  const JpegHeader& header_;
  bool padding_;
  ScanPlace place_;
  std::uint32_t byte_;  // the bits of it that there are
};

}  // namespace ssmz::codec
