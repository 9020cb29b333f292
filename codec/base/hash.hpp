// SPDX-License-Identifier: Apache-2.0
// The hash that contexts, matches and words are known by.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// A strong 64-bit mix of two words (multiply and fold; constants are odd and arbitrary). FORMAT.
[[nodiscard]] inline std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t x = (a + 0x9e3779b97f4a7c15ull) * 0xd6e8feb86659fd93ull ^
                    (b + 0x632be59bd9b4e019ull) * 0xa0761d6478bd642full;
  x ^= x >> 32;
  x *= 0xe7037ed1a0b428dbull;
  return x ^ x >> 29;
}

/// Hash of a sequence of words. FORMAT.
template <class... Words>
[[nodiscard]] std::uint64_t hash_words(std::uint64_t first, Words... rest) noexcept {
  std::uint64_t hash = first;
  ((hash = hash_mix(hash, rest)), ...);
  return hash;
}

}  // namespace ssmz::codec
