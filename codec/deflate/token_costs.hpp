// SPDX-License-Identifier: Apache-2.0
// What tokens cost by how often their symbols occurred, as one guesses who seeks the fewest bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "codec/deflate/deflate_format.hpp"

namespace ssmz::codec {

/// Costs in 1/16 bit, of 0..255 bits. FORMAT.
class TokenCosts {
 public:
  /// `first`: bytes whose frequencies literals begin with.
  explicit TokenCosts(std::span<const std::uint8_t> first);

  void add(DeflateToken token, std::uint8_t literal) noexcept;
  /// Works costs out of what was added.
  void settle() noexcept;

  [[nodiscard]] int literal(std::uint8_t byte) const noexcept { return literals_[byte]; }
  [[nodiscard]] int length(unsigned length) const noexcept { return lengths_[length]; }
  [[nodiscard]] int distance(unsigned distance) const noexcept {
    return distances_[distance_symbol(distance).symbol];
  }

 private:
  std::array<std::uint32_t, literal_symbols> literal_counts_{};
  std::array<std::uint32_t, distance_symbols> distance_counts_{};
  std::array<std::uint16_t, 256> literals_{};
  std::array<std::uint16_t, most_match + 1> lengths_{};
  std::array<std::uint16_t, distance_symbols> distances_{};  // with their extra bits
};

}  // namespace ssmz::codec
