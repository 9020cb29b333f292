// SPDX-License-Identifier: Apache-2.0
// Bits of scans.
#include "codec/jpeg/scan_bits.hpp"

#include <bit>
#include <cstdlib>

namespace ssmz::codec {

// 24 bits from the current byte on, cut to the 16 that come; zeros where there are no more.
std::uint32_t ScanBitReader::peek() const noexcept {
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
  return bits >> (8 - bit_) & 0xffffu;
}

bool ScanBitReader::skip(unsigned bits) noexcept {
  bits += bit_;
  bit_ = bits % 8;
  for (; bits >= 8; bits -= 8) {
    if (at_ >= in_.size()) return false;
    const bool stuffed = in_[at_] == 0xff;
    if (stuffed && (at_ + 1 >= in_.size() || in_[at_ + 1] != 0)) return false;
    at_ += stuffed ? 2 : 1;
  }
  if (bit_ == 0) return true;
  return at_ < in_.size() && (in_[at_] != 0xff || (at_ + 1 < in_.size() && in_[at_ + 1] == 0));
}

bool ScanBitReader::read_symbol(const JpegHuffman& code, unsigned& symbol) noexcept {
  const JpegHuffman::Found found = code.find(peek());
  symbol = found.symbol;
  return found.length != 0 && skip(found.length);
}

bool ScanBitReader::read_bits(unsigned bits, std::uint32_t& value) noexcept {
  value = bits ? peek() >> (16 - bits) : 0;
  return bits == 0 || skip(bits);
}

bool ScanBitReader::read_value(unsigned bits, int& value) noexcept {
  std::uint32_t read = 0;
  if (!read_bits(bits, read)) return false;
  value = static_cast<int>(read);
  if (bits != 0 && read >> (bits - 1) == 0) value -= (1 << bits) - 1;
  return true;
}

bool ScanBitReader::align(std::optional<bool>& padding) noexcept {
  if (bit_ == 0) return true;
  if (at_ >= in_.size()) return false;
  const unsigned mask = 0xffu >> bit_, rest = in_[at_] & mask;
  const bool ones = rest == mask;
  if ((!ones && rest != 0) || (padding && *padding != ones)) return false;
  padding = ones;
  return skip(8 - bit_);
}

bool ScanBitReader::read_restart(std::uint8_t marker, std::optional<bool>& padding) noexcept {
  if (!align(padding)) return false;
  if (in_.size() - at_ < 2 || in_[at_] != 0xff || in_[at_ + 1] != marker) return false;
  at_ += 2;
  return true;
}

void ScanBitWriter::put(std::uint32_t bits, unsigned count, std::vector<std::uint8_t>& out) {
  byte_ = byte_ << count | bits;
  count += bit_;
  for (; count >= 8; count -= 8) {
    const auto byte = static_cast<std::uint8_t>(byte_ >> (count - 8));
    out.push_back(byte);
    if (byte == 0xff) out.push_back(0);
  }
  byte_ &= (1u << count) - 1;
  bit_ = count;
}

bool ScanBitWriter::put_symbol(const JpegHuffman& code, unsigned symbol, std::vector<std::uint8_t>& out) {
  const JpegHuffman::Code found = code.code(symbol);
  if (found.length) put(found.bits, found.length, out);
  return found.length != 0;
}

bool ScanBitWriter::put_value(const JpegHuffman& code, unsigned run, int value,
                              std::vector<std::uint8_t>& out) {
  const auto bits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(std::abs(value))));
  if (bits > 15 || !put_symbol(code, run << 4 | bits, out)) return false;
  if (bits) put(static_cast<std::uint32_t>(value < 0 ? value + (1 << bits) - 1 : value), bits, out);
  return true;
}

void ScanBitWriter::align(bool padding, std::vector<std::uint8_t>& out) {
  if (const unsigned fill = (8 - bit_) % 8; fill) put(padding ? (1u << fill) - 1 : 0, fill, out);
}

void ScanBitWriter::put_restart(std::uint8_t marker, bool padding, std::vector<std::uint8_t>& out) {
  align(padding, out);
  out.push_back(0xff);
  out.push_back(marker);
}

}  // namespace ssmz::codec
