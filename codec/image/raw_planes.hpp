// SPDX-License-Identifier: Apache-2.0
// Finds pictures without headers: rows by their likeness, kinds by what a small model of each would take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// Parts of `data` that look like rows of pixels, in steps of 64 KiB; less is not looked at. About 20 ns a
/// byte where the data look like samples at all, 2 elsewhere.
[[nodiscard]] std::vector<Region> find_raw_planes(std::span<const std::uint8_t> data);

/// Whether `data`, of which a header says that they are such a picture, can be coded as one to less than
/// `most` bytes; looks at the first 64 KiB. So no header makes what cannot be compressed longer.
[[nodiscard]] bool compressible_as(BlockType type, std::span<const std::uint8_t> data, std::size_t most);
[[nodiscard]] inline bool compressible_as(BlockType type, std::span<const std::uint8_t> data) {
  return compressible_as(type, data, data.size());
}

}  // namespace ssmz::codec
