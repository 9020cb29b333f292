// SPDX-License-Identifier: Apache-2.0
// Chooses from many samples what a prime for files like them should hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ssmz/status.hpp"

namespace ssmz::codec {

/// Of train_prime().
inline constexpr std::size_t least_prime_size = 256;

/// A prime of at most `size` bytes (least_prime_size or more), made of whole samples, or of pieces of them
/// that end with a line where a sample is longer than a sixteenth of it. Each time the piece is taken whose
/// k-grams most other pieces have too, for its length; a k-gram counts less each time it is there already.
/// The first taken stands last, next to a frame's content. Deterministic. Cost: linear in the samples' bytes,
/// most pieces being looked at a few times; 16 MB and 32 bytes a piece. Errors: bad_argument (no bytes,
/// size). Throws std::bad_alloc.
[[nodiscard]] Result<std::vector<std::uint8_t>> train_prime(
    std::span<const std::span<const std::uint8_t>> samples, std::size_t size);

}  // namespace ssmz::codec
