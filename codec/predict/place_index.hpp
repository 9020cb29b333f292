// SPDX-License-Identifier: Apache-2.0
// Which elements of a large array were asked for, so that they can stand side by side.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Gives the numbers that it is asked for places, 0 and on in the order in which they first come. A hash
/// table that grows with them: an index of all numbers, whose places are random, would be resident as a whole
/// within some hundred symbols (36 MB at -9), and of this one the first levels of cache hold what a short
/// input asks for. Copyable; not thread-safe.
class PlaceIndex {
 public:
  static constexpr std::uint32_t none = 0xffffffffu;

  /// Not in use: no number has a place.
  PlaceIndex() = default;
  /// Of numbers below `count`, which is below 2^32. Takes memory for those that come. Throws std::bad_alloc.
  explicit PlaceIndex(std::uint64_t count);

  [[nodiscard]] bool in_use() const noexcept { return slots_log2_ != 0; }
  /// Numbers that have places.
  [[nodiscard]] std::uint64_t used() const noexcept { return used_; }
  /// The number that has the place, which is below used(). Also when no longer in use.
  [[nodiscard]] std::uint32_t owner(std::uint64_t place) const noexcept { return owners_[place]; }

  /// Where the number stands, from now on if it is new. Cost: growing, now and then, is linear.
  [[nodiscard]] std::uint32_t place(std::uint32_t number) noexcept {
    const std::size_t at = slot_of(number);
    return entries_[at] == 0 ? add(number, at) : static_cast<std::uint32_t>(entries_[at]) - 1;
  }
  /// The same, `none` if it has no place.
  [[nodiscard]] std::uint32_t find(std::uint32_t number) const noexcept {
    return static_cast<std::uint32_t>(entries_[slot_of(number)]) - 1;  // of 0, `none`
  }

  /// From here on only owners are known.
  void retire() noexcept;

 private:
  [[nodiscard]] std::size_t mask() const noexcept { return (std::size_t{1} << slots_log2_) - 1; }
  /// Of the entries that are in use the number's, or the empty one that would be.
  [[nodiscard]] std::size_t slot_of(std::uint32_t number) const noexcept {
    std::size_t at = (number * 0x9E3779B1u) >> (32 - slots_log2_);  // 2^32 by the golden ratio
    while (entries_[at] != 0 && entries_[at] >> 32 != number) at = (at + 1) & mask();
    return at;
  }
  [[nodiscard]] std::uint32_t add(std::uint32_t number, std::size_t at) noexcept;
  void grow() noexcept;

  unsigned slots_log2_ = 0;  // of the entries, so many are in use
  std::uint64_t used_ = 0;
  // Number * 2^32 + place + 1; 0: none. Room for all numbers, of which only what is in use is ever touched:
  // so growing cannot fail.
  model::Zeroed<std::uint64_t> entries_;
  model::Zeroed<std::uint32_t> owners_;  // [place]
};

}  // namespace ssmz::codec
