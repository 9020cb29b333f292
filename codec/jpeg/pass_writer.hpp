// SPDX-License-Identifier: Apache-2.0
// Writes a scan that has a part of its picture's coefficients, or of their bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/jpeg/jpeg_coefficients.hpp"
#include "codec/jpeg/scan_bits.hpp"

namespace ssmz::codec {

/// As libjpeg does: runs of empty blocks are as long as they can be, but of no more bits of known
/// coefficients than it has room for, and than the code can tell. Not thread-safe. FORMAT. All that it is
/// given must outlive it.
class PassWriter {
 public:
  PassWriter(const JpegHeader& header, const JpegScan& scan, bool padding, std::vector<std::uint8_t>& out);

  /// Appends the scan to its end. False, and nothing is appended, if something has no code, or it is longer
  /// than `most` bytes.
  [[nodiscard]] bool write(const JpegCoefficients& coefficients, std::size_t most);

 private:
  bool restart(std::uint64_t mcu);
  bool write_block(unsigned place, const JpegBlock& block);
  bool first_dc(unsigned place, const JpegBlock& block);
  bool first_ac(const JpegBlock& block);
  bool refine_ac(const JpegBlock& block);
  bool lengthen_run();
  bool end_run();
  void put_bits(std::vector<bool>& bits);

  const JpegHeader& header_;
  const JpegScan& scan_;
  bool padding_;
  std::vector<std::uint8_t>& out_;
  ScanBitWriter bits_;
  std::array<std::int16_t, JpegHeader::max_components> dc_{};  // the last ones, as the scan has them
  std::uint32_t longest_run_ = 1;
  std::uint32_t run_ = 0;                // blocks that ended and were not told yet
  std::vector<bool> of_run_, of_block_;  // bits of known coefficients in these; since the last symbol
};

}  // namespace ssmz::codec
