// SPDX-License-Identifier: Apache-2.0
// Reads a scan that has a part of its picture's coefficients, or of their bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/jpeg/jpeg_coefficients.hpp"
#include "codec/jpeg/scan_bits.hpp"

namespace ssmz::codec {

/// Not thread-safe. `in`, `header` and `scan` must outlive it.
class PassReader {
 public:
  PassReader(const JpegHeader& header, const JpegScan& scan, std::span<const std::uint8_t> in)
      : header_(header), scan_(scan), bits_(in) {}

  /// Adds all that the scan says to `coefficients`, which have what the scans before said. False if the data
  /// end before it does, or it says what cannot be: take_back_pass() mends what was written.
  [[nodiscard]] bool read(JpegCoefficients& coefficients);

  /// Bytes up to its end, and what those that are begun were filled with; nothing if none was.
  [[nodiscard]] std::size_t size() const noexcept { return bits_.at(); }
  [[nodiscard]] std::optional<bool> padding() const noexcept { return padding_; }

 private:
  bool restart(std::uint64_t mcu);
  bool read_block(unsigned place, JpegBlock& block);
  bool first_dc(unsigned place, JpegBlock& block);
  bool refine_dc(JpegBlock& block);
  bool first_ac(JpegBlock& block);
  bool refine_ac(JpegBlock& block);
  bool read_run(unsigned size);
  bool refine_known(std::int16_t& value);

  const JpegHeader& header_;
  const JpegScan& scan_;
  ScanBitReader bits_;
  std::array<std::int16_t, JpegHeader::max_components> dc_{};  // the last ones, as the scan has them
  std::uint32_t empty_ = 0;                                    // blocks to come in which nothing more is told
  std::optional<bool> padding_;
};

/// Makes coefficients what they were before that scan was read, wholly or in part.
void take_back_pass(const JpegScan& scan, bool progressive, JpegCoefficients& coefficients);

}  // namespace ssmz::codec
