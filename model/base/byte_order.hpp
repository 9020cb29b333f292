// SPDX-License-Identifier: Apache-2.0
// Unsigned numbers as little-endian bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::model {

/// Appends the sizeof(Unsigned) bytes of `value`, the least significant first.
template <class Unsigned>
void append_little_endian(std::vector<std::uint8_t>& bytes, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
    bytes.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

/// Reads them from `at`; bytes [at, at + sizeof(Unsigned)) must exist.
template <class Unsigned>
[[nodiscard]] Unsigned read_little_endian(std::span<const std::uint8_t> bytes, std::size_t at) noexcept {
  Unsigned value = 0;
  for (std::size_t i = sizeof(Unsigned); i-- > 0;) value = static_cast<Unsigned>(value << 8 | bytes[at + i]);
  return value;
}

}  // namespace ssmz::model
