// SPDX-License-Identifier: Apache-2.0
// Codes by counts of lengths.
#include "codec/jpeg/jpeg_huffman.hpp"

#include <algorithm>

namespace ssmz::codec {

std::optional<JpegHuffman> JpegHuffman::from(std::span<const std::uint8_t> counts,
                                             std::span<const std::uint8_t> symbols) {
  JpegHuffman made;
  std::uint32_t code = 0;
  std::size_t place = 0;
  for (unsigned length = 1; length <= longest; ++length) {
    made.first_[length] = static_cast<std::int32_t>(place) - static_cast<std::int32_t>(code);
    for (unsigned i = 0; i < counts[length - 1]; ++i, ++place, ++code) {
      if (place >= symbols.size() || place >= made.symbols_.size() || code >> length) return std::nullopt;
      const std::uint8_t symbol = symbols[place];
      if (made.codes_[symbol].length) return std::nullopt;
      made.symbols_[place] = symbol;
      made.codes_[symbol] = {static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(length)};
      if (length > quick_bits) continue;
      const unsigned spare = quick_bits - length;
      std::fill_n(made.quick_.begin() + (code << spare), 1u << spare,
                  Found{symbol, static_cast<std::uint8_t>(length)});
    }
    made.end_[length] = code << (longest - length);
    code <<= 1;
  }
  if (place == 0) return std::nullopt;
  return made;
}

JpegHuffman::Found JpegHuffman::find(std::uint32_t next) const noexcept {
  const Found found = quick_[next >> (longest - quick_bits)];
  if (found.length) return found;
  for (unsigned length = quick_bits + 1; length <= longest; ++length) {
    if (next >= end_[length]) continue;
    const auto place = static_cast<std::int32_t>(next >> (longest - length)) + first_[length];
    return {symbols_[static_cast<std::size_t>(place)], static_cast<std::uint8_t>(length)};
  }
  return {};
}

}  // namespace ssmz::codec
