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

/// zlib's chains over one content of less than 2^32 bytes, which stays where it is. FORMAT.
class HashChains {
 public:
  HashChains(std::span<const std::uint8_t> plain, unsigned hash_bits)
      : plain_(plain), hash_bits_(hash_bits), heads_(std::size_t{1} << hash_bits), before_(deflate_window) {}

  /// Enters the places before `end` that are not yet passed.
  void enter_to(std::size_t end) {
    const unsigned shift = (hash_bits_ + least_match - 1) / least_match;
    for (; entered_ < end; ++entered_) {
      if (plain_.size() - entered_ < least_match) continue;
      const std::uint8_t* const string = plain_.data() + entered_;
      const unsigned hash = (unsigned{string[0]} << 2 * shift ^ unsigned{string[1]} << shift ^ string[2]) &
                            ((1u << hash_bits_) - 1);
      before_[entered_ % deflate_window] = heads_[hash];
      heads_[hash] = static_cast<std::uint32_t>(entered_);
    }
  }
  /// Passes them without entering them.
  void skip_to(std::size_t end) noexcept { entered_ = std::max(entered_, end); }

  /// The place before `at`, one that is entered, in its chain. 0: none; so nothing matches the first byte, as
  /// in zlib. Anything of a place further back than the window.
  [[nodiscard]] std::size_t before(std::size_t at) const noexcept { return before_[at % deflate_window]; }

 private:
  std::span<const std::uint8_t> plain_;
  unsigned hash_bits_;
  std::size_t entered_ = 0;
  std::vector<std::uint32_t> heads_, before_;
};

}  // namespace ssmz::codec
