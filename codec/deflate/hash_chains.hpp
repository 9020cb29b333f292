// SPDX-License-Identifier: Apache-2.0
// Earlier places of a content where three bytes stand as they do here, latest first.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "codec/deflate/deflate_format.hpp"

namespace ssmz::codec {

/// Equal bytes at the beginnings of both, at most `most`.
[[nodiscard]] inline unsigned common_length(const std::uint8_t* a, const std::uint8_t* b,
                                            unsigned most) noexcept {
  unsigned length = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; length + 8 <= most; length += 8) {
      std::uint64_t x = 0, y = 0;
      std::memcpy(&x, a + length, 8);
      std::memcpy(&y, b + length, 8);
      if (x != y) return length + static_cast<unsigned>(std::countr_zero(x ^ y)) / 8;
    }
  }
  while (length < most && a[length] == b[length]) ++length;
  return length;
}

/// What strings are hashed by. FORMAT: writers overlook what shares no chain with others.
enum class StringHash : std::uint8_t {
  zlib,      ///< Three bytes.
  chromium,  ///< Four.
  snappy,    ///< Four; of Google's Snappy and what follows it.
};

/// zlib's chains over one content of less than 2^32 bytes, which stays where it is. FORMAT.
class HashChains {
 public:
  HashChains(std::span<const std::uint8_t> plain, unsigned hash_bits, StringHash hash = StringHash::zlib)
      : plain_(plain),
        hash_bits_(hash_bits),
        hash_(hash),
        heads_(std::size_t{1} << hash_bits),
        before_(deflate_window) {}

  /// Enters the places before `end` that are not yet passed.
  void enter_to(std::size_t end) {
    for (; entered_ < end; ++entered_) enter(entered_);
  }
  /// Passes them without entering them.
  void skip_to(std::size_t end) noexcept { entered_ = std::max(entered_, end); }

  /// Enters one place, wherever the others are.
  void enter(std::size_t at) {
    if (plain_.size() - at < (hash_ == StringHash::zlib ? 3u : 4u)) return;
    const unsigned hash = hash_of(plain_.data() + at);
    before_[at % deflate_window] = heads_[hash];
    heads_[hash] = static_cast<std::uint32_t>(at);
  }

  /// The place before `at`, one that is entered, in its chain. 0: none; so nothing matches the first byte, as
  /// in zlib. Anything of a place further back than the window.
  [[nodiscard]] std::size_t before(std::size_t at) const noexcept { return before_[at % deflate_window]; }

 private:
  [[nodiscard]] unsigned hash_of(const std::uint8_t* string) const noexcept {
    const unsigned mask = (1u << hash_bits_) - 1;
    if (hash_ == StringHash::zlib) {
      const unsigned shift = (hash_bits_ + least_match - 1) / least_match;
      return (unsigned{string[0]} << 2 * shift ^ unsigned{string[1]} << shift ^ string[2]) & mask;
    }
    const std::uint32_t four =
        string[0] | unsigned{string[1]} << 8 | unsigned{string[2]} << 16 | std::uint32_t{string[3]} << 24;
    if (hash_ == StringHash::chromium) return (four * 66521u + 66521u) >> 16 & mask;
    return four * 0x1E35A7BDu >> (32 - hash_bits_);
  }

  std::span<const std::uint8_t> plain_;
  unsigned hash_bits_;
  StringHash hash_;
  std::size_t entered_ = 0;
  std::vector<std::uint32_t> heads_, before_;
};

}  // namespace ssmz::codec
