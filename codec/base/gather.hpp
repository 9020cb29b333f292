// SPDX-License-Identifier: Apache-2.0
// Collects bytes that come in pieces until there are enough to read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Moves bytes from `in` to `held` until that has `size`; false: `in` ended first.
inline bool gather(std::vector<std::uint8_t>& held, std::span<const std::uint8_t>& in, std::size_t size) {
  const std::size_t more = std::min(in.size(), size - held.size());
  held.insert(held.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(more));
  in = in.subspan(more);
  return held.size() == size;
}

}  // namespace ssmz::codec
