// SPDX-License-Identifier: Apache-2.0
// Coefficients to Huffman codes and back.
#include "codec/jpeg/sequential_block.hpp"

namespace ssmz::codec {

bool read_sequential_block(const SequentialCodes& codes, ScanBitReader& bits, std::int16_t& last_dc,
                           JpegBlock& block) {
  block.fill(0);
  int value = 0;
  unsigned symbol = 0;
  if (!bits.read_symbol(codes.dc, symbol) || symbol > longest_dc_bits) return false;
  if (!bits.read_value(symbol, value)) return false;
  value += last_dc;
  if (value < -most_dc || value > most_dc) return false;
  block[0] = last_dc = static_cast<std::int16_t>(value);
  bool skipped = false;  // 16 zeros before this symbol
  for (unsigned k = 1; k < 64;) {
    if (!bits.read_symbol(codes.ac, symbol)) return false;
    const unsigned run = symbol >> 4, size = symbol & 15;
    if (size == 0) {
      if (run == 0) return !skipped;  // zeros before the end are not told
      if (run != 15 || k + 16 > 63) return false;
      k += 16;
      skipped = true;
      continue;
    }
    k += run;
    if (k > 63 || size > longest_ac_bits || !bits.read_value(size, value)) return false;
    block[jpeg_zigzag[k++]] = static_cast<std::int16_t>(value);
    skipped = false;
  }
  return true;
}

bool write_sequential_block(const SequentialCodes& codes, ScanBitWriter& bits, std::int16_t& last_dc,
                            const JpegBlock& block, std::vector<std::uint8_t>& out) {
  if (!bits.put_value(codes.dc, 0, block[0] - last_dc, out)) return false;
  last_dc = block[0];
  unsigned run = 0;
  for (unsigned k = 1; k < 64; ++k) {
    const int value = block[jpeg_zigzag[k]];
    if (value == 0) {
      ++run;
      continue;
    }
    for (; run >= 16; run -= 16)
      if (!bits.put_symbol(codes.ac, 0xf0, out)) return false;
    if (!bits.put_value(codes.ac, run, value, out)) return false;
    run = 0;
  }
  return run == 0 || bits.put_symbol(codes.ac, 0, out);
}

}  // namespace ssmz::codec
