// SPDX-License-Identifier: Apache-2.0
// Numbers that reader and writer of bzip2 streams share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ssmz::codec::bzip2 {

inline constexpr std::uint64_t block_magic = 0x314159265359, end_magic = 0x177245385090;
inline constexpr unsigned magic_bits = 48, checksum_bits = 32, origin_bits = 24, group_count_bits = 3,
                          selector_count_bits = 15, first_length_bits = 5;
/// Symbols that one selector is for.
inline constexpr std::size_t group_size = 50;
inline constexpr unsigned least_groups = 2, most_groups = 6;
inline constexpr unsigned run_a = 0, run_b = 1;
inline constexpr std::size_t most_symbols = 258;
inline constexpr unsigned longest_written = 17, longest_read = 20;
inline constexpr std::size_t block_unit = 100000;

/// Equal bytes that stand for themselves; a count of more follows.
inline constexpr unsigned run_threshold = 4, longest_run = 255;

using Lengths = std::array<std::uint8_t, most_symbols>;

/// Indices by when they were used last.
class MoveToFront {
 public:
  MoveToFront() {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint8_t>(i);
  }
  /// Takes the index at `place` to the front.
  std::uint8_t take(std::size_t place) noexcept {
    const std::uint8_t index = order_[place];
    for (; place > 0; --place) order_[place] = order_[place - 1];
    return order_[0] = index;
  }
  /// Its place, before it is taken to the front.
  std::size_t place_of(std::uint8_t index) noexcept {
    std::size_t place = 0;
    while (order_[place] != index) ++place;
    (void)take(place);
    return place;
  }

 private:
  std::array<std::uint8_t, 256> order_{};
};

}  // namespace ssmz::codec::bzip2
