// SPDX-License-Identifier: Apache-2.0
// Finds sound without headers: samples of instruments in modules and archives of games, raw recordings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// Parts of `data` that look like samples of sound, rising, in steps of 8 KiB; less is not looked at. About 5
/// ns a byte, and 100 where the data look like samples.
[[nodiscard]] std::vector<Region> find_raw_sound(std::span<const std::uint8_t> data);

}  // namespace ssmz::codec
