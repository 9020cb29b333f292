// SPDX-License-Identifier: Apache-2.0
// Where the first bytes of files of a kind stand.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ssmz::codec {

/// Some bytes, of which the one at `rare` is sought: the rarer it is in other data, the faster.
template <std::size_t size>
struct Signature {
  std::array<std::uint8_t, size> bytes;
  std::size_t rare = 0;

  [[nodiscard]] bool begins(std::span<const std::uint8_t> content) const {
    return content.size() >= size && std::equal(bytes.begin(), bytes.end(), content.begin());
  }
  /// Where they stand next in `content`, from place `from` on; content.size() if nowhere.
  [[nodiscard]] std::size_t find(std::span<const std::uint8_t> content, std::size_t from) const {
    while (content.size() >= size && from <= content.size() - size) {
      const std::uint8_t* const begin = content.data() + from + rare;
      const void* const found = std::memchr(begin, bytes[rare], content.size() - size - from + 1);
      if (!found) break;
      from += static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - begin);
      if (begins(content.subspan(from))) return from;
      ++from;
    }
    return content.size();
  }
};

}  // namespace ssmz::codec
