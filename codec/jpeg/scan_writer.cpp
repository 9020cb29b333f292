// SPDX-License-Identifier: Apache-2.0
// Coefficients to Huffman codes; a zero byte is stuffed behind each of ones.
#include "codec/jpeg/scan_writer.hpp"

#include <bit>
#include <cstdlib>

namespace ssmz::codec {

bool ScanWriter::write(const JpegMcu& mcu, std::vector<std::uint8_t>& out) {
  if (place_.mcu >= header_.mcus()) return false;
  if (place_.restarts(header_)) {
    if (const unsigned fill = (8 - place_.bit) % 8; fill) put(padding_ ? (1u << fill) - 1 : 0, fill, out);
    out.push_back(0xff);
    out.push_back(place_.marker(header_));
    place_.dc = {};
  }
  std::size_t block = 0;
  for (unsigned c = 0; c < header_.count; ++c) {
    const JpegComponent& component = header_.components[c];
    for (unsigned i = 0; i < component.across * component.down; ++i)
      if (!write_block(component, place_.dc[c], mcu[block++], out)) return false;
  }
  ++place_.mcu;
  return true;
}

void ScanWriter::put(std::uint32_t bits, unsigned count, std::vector<std::uint8_t>& out) {
  byte_ = byte_ << count | bits;
  count += place_.bit;
  for (; count >= 8; count -= 8) {
    const auto byte = static_cast<std::uint8_t>(byte_ >> (count - 8));
    out.push_back(byte);
    if (byte == 0xff) out.push_back(0);
  }
  byte_ &= (1u << count) - 1;
  place_.bit = count;
}

bool ScanWriter::put_symbol(const JpegHuffman& code, unsigned symbol, std::vector<std::uint8_t>& out) {
  const JpegHuffman::Code found = code.code(symbol);
  if (found.length) put(found.bits, found.length, out);
  return found.length != 0;
}

bool ScanWriter::put_value(const JpegHuffman& code, unsigned run, int value, std::vector<std::uint8_t>& out) {
  const auto bits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(std::abs(value))));
  if (bits > 15 || !put_symbol(code, run << 4 | bits, out)) return false;
  if (bits) put(static_cast<std::uint32_t>(value < 0 ? value + (1 << bits) - 1 : value), bits, out);
  return true;
}

bool ScanWriter::write_block(const JpegComponent& component, std::int16_t& dc, const JpegBlock& block,
                             std::vector<std::uint8_t>& out) {
  if (!put_value(*component.dc, 0, block[0] - dc, out)) return false;
  dc = block[0];
  unsigned run = 0;
  for (unsigned k = 1; k < 64; ++k) {
    const int value = block[jpeg_zigzag[k]];
    if (value == 0) {
      ++run;
      continue;
    }
    for (; run >= 16; run -= 16)
      if (!put_symbol(*component.ac, 0xf0, out)) return false;
    if (!put_value(*component.ac, run, value, out)) return false;
    run = 0;
  }
  return run == 0 || put_symbol(*component.ac, 0, out);
}

}  // namespace ssmz::codec
