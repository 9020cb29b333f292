// SPDX-License-Identifier: Apache-2.0
// Short codes by a table, longer ones bit by bit.
#include "codec/deflate/code_reader.hpp"

#include <algorithm>

namespace ssmz::codec {

bool CodeReader::set(std::span<const std::uint8_t> lengths) {
  counts_.fill(0);
  for (const std::uint8_t length : lengths) ++counts_[length];
  counts_[0] = 0;
  unsigned used = 0, all = 0;  // of 2^longest_code
  std::array<std::uint16_t, longest_code + 2> first{};
  std::array<std::uint32_t, longest_code + 1> next_code{};
  std::uint32_t code = 0;
  for (unsigned length = 1; length <= longest_code; ++length) {
    used += unsigned{counts_[length]} << (longest_code - length);
    all += counts_[length];
    first[length + 1] = static_cast<std::uint16_t>(first[length] + counts_[length]);
    code = (code + counts_[length - 1]) << 1;
    next_code[length] = code;
  }
  if (used > 1u << longest_code) return false;
  if (used < 1u << longest_code && !(all == 0 || (all == 1 && counts_[1] == 1))) return false;
  quick_.fill(0);
  for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
    const unsigned length = lengths[symbol];
    if (length == 0) continue;
    symbols_[first[length]++] = static_cast<std::uint16_t>(symbol);
    const std::uint32_t forward = next_code[length]++;
    if (length > quick_bits) continue;
    std::uint32_t reversed = 0;
    for (unsigned bit = 0; bit < length; ++bit) reversed |= (forward >> bit & 1) << (length - 1 - bit);
    for (; reversed < quick_.size(); reversed += 1u << length)
      quick_[reversed] = static_cast<std::uint16_t>(symbol * 16 + length);
  }
  return true;
}

unsigned CodeReader::read(BitReader& bits) const noexcept {
  std::uint32_t next = bits.peek(longest_code);
  if (const unsigned quick = quick_[next % quick_.size()]; quick != 0) {
    bits.skip(quick % 16);
    return quick / 16;
  }
  std::uint32_t code = 0, first = 0, index = 0;
  for (unsigned length = 1; length <= longest_code; ++length, next >>= 1) {
    code |= next & 1;
    const std::uint32_t count = counts_[length];
    if (code < first + count) {
      bits.skip(length);
      return symbols_[index + (code - first)];
    }
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return no_symbol;
}

bool read_code_lengths(BitReader& bits, DynamicHeader& header, CodeLengths& lengths) {
  header.literals = bits.take(5) + 257;
  header.distances = bits.take(5) + 1;
  header.told = bits.take(4) + 4;
  header.code_lengths = {};
  header.runs.clear();
  if (header.literals > literal_symbols || header.distances > distance_symbols) return false;
  for (unsigned i = 0; i < header.told; ++i)
    header.code_lengths[code_length_order[i]] = static_cast<std::uint8_t>(bits.take(3));
  CodeReader code;
  if (!code.set(header.code_lengths)) return false;
  std::array<std::uint8_t, literal_symbols + distance_symbols> both{};
  const unsigned all = header.literals + header.distances;
  for (unsigned at = 0; at < all;) {
    const unsigned symbol = code.read(bits);
    if (symbol < repeat_last) {
      both[at++] = static_cast<std::uint8_t>(symbol);
      header.runs.push_back({symbol, 0, 0});
      continue;
    }
    if (symbol == CodeReader::no_symbol || (symbol == repeat_last && at == 0)) return false;
    const RunRange range = runs_of(symbol);
    const unsigned extra = bits.take(range.extra_bits), count = range.least + extra;
    const std::uint8_t length = symbol == repeat_last ? both[at - 1] : std::uint8_t{0};
    if (count > all - at) return false;
    std::fill_n(both.begin() + at, count, length);
    header.runs.push_back({symbol, range.extra_bits, extra});
    at += count;
  }
  lengths = {};
  std::copy_n(both.begin(), header.literals, lengths.literals.begin());
  std::copy_n(both.begin() + header.literals, header.distances, lengths.distances.begin());
  return lengths.literals[end_symbol] != 0 && !bits.overrun();
}

}  // namespace ssmz::codec
