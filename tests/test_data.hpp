// SPDX-License-Identifier: Apache-2.0
// Made-up contents for tests, the same on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ssmz::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

inline Bytes random_bytes(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 13);
  return bytes;
}

/// Sentences of common words: compressible, text.
inline Bytes text_bytes(std::size_t size, unsigned seed = 1) {
  static constexpr std::array<const char*, 16> words = {"the",   "of",   "river", "and",   "a",   "stone",
                                                        "was",   "seen", "from",  "under", "The", "light",
                                                        "green", "his",  "1984",  "house"};
  std::mt19937 random(seed);
  Bytes bytes;
  while (bytes.size() < size) {
    for (const char* c = words[random() % words.size()]; *c != 0; ++c)
      bytes.push_back(static_cast<std::uint8_t>(*c));
    const auto end = random() % 12;
    if (end == 0) bytes.push_back('.');
    bytes.push_back(end == 1 ? '\n' : ' ');
  }
  bytes.resize(size);
  return bytes;
}

/// Records of small little-endian numbers: compressible, not text.
inline Bytes record_bytes(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  Bytes bytes;
  std::uint32_t value = 0;
  while (bytes.size() < size) {
    value += static_cast<std::uint32_t>(random() % 7);
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(random() % 3 == 0 ? 1 : 0));
  }
  bytes.resize(size);
  return bytes;
}

/// Runs of the low bytes of squares, few ones: other programs' output for it stands in tests as checksums.
inline Bytes squares_bytes(std::size_t size) {
  Bytes out;
  std::uint32_t x = 1;
  while (out.size() < size) {
    x = (x * 1103515245u + 12345u) & 0x7fffffffu;
    for (std::uint32_t k = 0; k < 1 + (x >> 20) % 9; ++k)
      out.push_back(static_cast<std::uint8_t>((x >> 16) % 7 * 5 + k * k));
  }
  out.resize(size);
  return out;
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace ssmz::test
