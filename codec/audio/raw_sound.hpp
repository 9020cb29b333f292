// SPDX-License-Identifier: Apache-2.0
// Finds sound without headers: samples of instruments in modules and archives of games, raw recordings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/block/block_kind.hpp"

namespace ssmz::codec {

/// A part of the data that looks like samples of sound. Not FORMAT.
struct RawSound {
  std::size_t at = 0;
  std::size_t size = 0;
  BlockType type;
};

/// Such parts of `data`, rising, in steps of 8 KiB; less is not looked at. About 5 ns a byte, and 100 where
/// the data look like samples.
[[nodiscard]] std::vector<RawSound> find_raw_sound(std::span<const std::uint8_t> data);

}  // namespace ssmz::codec
