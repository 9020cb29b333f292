// SPDX-License-Identifier: Apache-2.0
// CRC-32 by four tables, Adler-32 in sums that do not overflow.
#include "codec/base/check_values.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ssmz::codec {
namespace {

constexpr std::size_t step = 4;
using Table = std::array<std::uint32_t, 256>;

/// Of a byte with as many bytes of zero behind it as the table's number says.
constexpr std::array<Table, step> tables = [] {
  std::array<Table, step> made{};
  for (std::uint32_t i = 0; i < made[0].size(); ++i) {
    made[0][i] = i;
    for (int bit = 0; bit < 8; ++bit) made[0][i] = made[0][i] >> 1 ^ (made[0][i] & 1 ? 0xEDB88320u : 0);
  }
  for (std::size_t k = 1; k < step; ++k)
    for (std::size_t i = 0; i < made[k].size(); ++i)
      made[k][i] = made[0][made[k - 1][i] & 0xFFu] ^ made[k - 1][i] >> 8;
  return made;
}();

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> bytes) noexcept {
  std::uint32_t value = ~0u;
  std::size_t at = 0;
  for (; bytes.size() - at >= step; at += step) {
    for (unsigned k = 0; k < step; ++k) value ^= std::uint32_t{bytes[at + k]} << 8 * k;
    value = tables[3][value & 0xFFu] ^ tables[2][value >> 8 & 0xFFu] ^ tables[1][value >> 16 & 0xFFu] ^
            tables[0][value >> 24];
  }
  for (; at < bytes.size(); ++at) value = tables[0][(value ^ bytes[at]) & 0xFFu] ^ value >> 8;
  return ~value;
}

std::uint32_t adler32(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::uint32_t modulus = 65521;
  constexpr std::size_t most_sums = 5552;  // before they are greater than 32 bits
  std::uint32_t a = 1, b = 0;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(most_sums, bytes.size()));
    for (const std::uint8_t byte : part) a += byte, b += a;
    a %= modulus, b %= modulus;
    bytes = bytes.subspan(part.size());
  }
  return b << 16 | a;
}

}  // namespace ssmz::codec
