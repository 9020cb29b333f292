// SPDX-License-Identifier: Apache-2.0
// A block of a sequential scan: all its coefficients by Huffman codes.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/jpeg/scan_bits.hpp"
#include "codec/jpeg/scan_place.hpp"

namespace ssmz::codec {

/// The codes of a component.
struct SequentialCodes {
  const JpegHuffman& dc;
  const JpegHuffman& ac;
};

/// False if it is not what write_sequential_block() would write, or has values out of range.
[[nodiscard]] bool read_sequential_block(const SequentialCodes& codes, ScanBitReader& bits,
                                         std::int16_t& last_dc, JpegBlock& block);

/// False if a coefficient has no code. FORMAT.
[[nodiscard]] bool write_sequential_block(const SequentialCodes& codes, ScanBitWriter& bits,
                                          std::int16_t& last_dc, const JpegBlock& block,
                                          std::vector<std::uint8_t>& out);

}  // namespace ssmz::codec
