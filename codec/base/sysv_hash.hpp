// SPDX-License-Identifier: Apache-2.0
// The hash of names that ELF files and catalogues of messages have.
#pragma once

#include <cstdint>
#include <span>

namespace ssmz::codec {

/// FORMAT. Of 28 bits (System V ABI, "Hash Table"; hashpjw of gettext).
[[nodiscard]] inline std::uint32_t sysv_hash(std::span<const std::uint8_t> name) noexcept {
  std::uint32_t hash = 0;
  for (const std::uint8_t c : name) {
    hash = (hash << 4) + c;
    const std::uint32_t high = hash & 0xf0000000u;
    hash = (hash ^ high >> 24) & ~high;
  }
  return hash;
}

}  // namespace ssmz::codec
