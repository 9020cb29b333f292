// SPDX-License-Identifier: Apache-2.0
// The Burrows-Wheeler transform as bzip2 uses it, of rotations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

struct SortedRotations {
  std::vector<std::uint8_t> last;  ///< Of each rotation in order, its last byte.
  std::uint32_t first = 0;         ///< Which of them is the bytes themselves.
};

/// Of 1 to 2^24 bytes. Linear: induced sorting, Nong, Zhang and Chan 2009; 17 bytes of memory each. The last
/// of equal rotations is the bytes themselves.
[[nodiscard]] SortedRotations sort_rotations(std::span<const std::uint8_t> bytes);

/// The bytes again; nothing if `first` is none. Linear.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> unsort_rotations(std::span<const std::uint8_t> last,
                                                                        std::uint32_t first);

}  // namespace ssmz::codec
