// SPDX-License-Identifier: Apache-2.0
// Huffman codes and the bits behind them, without bytes that are stuffed.
#include "codec/jpeg/scan_reader.hpp"

namespace ssmz::codec {

bool ScanReader::read(JpegMcu& mcu) {
  if (place_.mcu >= header_.mcus()) return false;
  const ScanPlace before = place_;
  const std::size_t from = at_;
  const std::optional<bool> padding = padding_;
  bool good = !place_.restarts(header_) || restart();
  std::size_t block = 0;
  for (unsigned c = 0; good && c < header_.count; ++c) {
    const JpegComponent& component = header_.components[c];
    for (unsigned i = 0; good && i < component.across * component.down; ++i)
      good = read_block(component, place_.dc[c], mcu[block++]);
  }
  if (good) {
    ++place_.mcu;
    return true;
  }
  place_ = before;
  at_ = from;
  padding_ = padding;
  return false;
}

// All bits of padding must be alike, in this scan.
bool ScanReader::restart() {
  if (place_.bit != 0) {
    if (at_ >= in_.size()) return false;
    const unsigned mask = 0xffu >> place_.bit, rest = in_[at_] & mask;
    const bool ones = rest == mask;
    if ((!ones && rest != 0) || (padding_ && *padding_ != ones)) return false;
    padding_ = ones;
    if (!skip(8 - place_.bit)) return false;
  }
  if (in_.size() - at_ < 2 || in_[at_] != 0xff || in_[at_ + 1] != place_.marker(header_)) return false;
  at_ += 2;
  place_.dc = {};
  return true;
}

// 24 bits from the current byte on, cut to the 16 that come; zeros where there are no more.
std::uint32_t ScanReader::peek() const noexcept {
  std::uint32_t bits = 0;
  std::size_t at = at_;
  for (unsigned i = 0; i < 3; ++i) {
    bits <<= 8;
    if (at >= in_.size()) continue;
    if (in_[at] != 0xff) {
      bits |= in_[at++];
    } else if (at + 1 < in_.size() && in_[at + 1] == 0) {
      bits |= 0xff;
      at += 2;
    } else {
      at = in_.size();
    }
  }
  return bits >> (8 - place_.bit) & 0xffffu;
}

// False if they are not there.
bool ScanReader::skip(unsigned bits) noexcept {
  bits += place_.bit;
  place_.bit = bits % 8;
  for (; bits >= 8; bits -= 8) {
    if (at_ >= in_.size()) return false;
    const bool stuffed = in_[at_] == 0xff;
    if (stuffed && (at_ + 1 >= in_.size() || in_[at_ + 1] != 0)) return false;
    at_ += stuffed ? 2 : 1;
  }
  if (place_.bit == 0) return true;
  return at_ < in_.size() && (in_[at_] != 0xff || (at_ + 1 < in_.size() && in_[at_ + 1] == 0));
}

bool ScanReader::read_value(unsigned bits, int& value) noexcept {
  value = 0;
  if (bits == 0) return true;
  const int read = static_cast<int>(peek() >> (16 - bits));
  value = read >> (bits - 1) ? read : read - (1 << bits) + 1;
  return skip(bits);
}

bool ScanReader::read_block(const JpegComponent& component, std::int16_t& dc, JpegBlock& block) {
  block.fill(0);
  int value = 0;
  const JpegHuffman::Found size = component.dc->find(peek());
  if (size.length == 0 || size.symbol > longest_dc_bits || !skip(size.length)) return false;
  if (!read_value(size.symbol, value)) return false;
  value += dc;
  if (value < -most_dc || value > most_dc) return false;
  block[0] = dc = static_cast<std::int16_t>(value);
  bool skipped = false;  // 16 zeros before this symbol
  for (unsigned k = 1; k < 64;) {
    const JpegHuffman::Found found = component.ac->find(peek());
    if (found.length == 0 || !skip(found.length)) return false;
    const unsigned run = found.symbol >> 4, bits = found.symbol & 15;
    if (bits == 0) {
      if (run == 0) return !skipped;  // zeros before the end are not told
      if (run != 15 || k + 16 > 63) return false;
      k += 16;
      skipped = true;
      continue;
    }
    k += run;
    if (k > 63 || bits > longest_ac_bits || !read_value(bits, value)) return false;
    block[jpeg_zigzag[k++]] = static_cast<std::int16_t>(value);
    skipped = false;
  }
  return true;
}

}  // namespace ssmz::codec
