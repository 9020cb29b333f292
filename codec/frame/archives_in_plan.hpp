// SPDX-License-Identifier: Apache-2.0
// What needs all of its bytes, programs of Windows, objects and archives, beside regions that lie in it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/region_finder.hpp"
#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// Images of Windows, objects and archives of these in `window`: their tables need all of them.
[[nodiscard]] std::vector<WrittenPart> find_wholes(std::span<const std::uint8_t> window);

/// What lies in one of `wholes` is no region: it is found within its plain bytes. So are copies, by the
/// models, if they are not most of it. `regions`, which lie apart and rise, are left with the others.
void give_up_to_wholes(std::span<const std::uint8_t> window, std::span<const WrittenPart> wholes,
                       std::vector<Region>& regions);

/// The ZIP archives of `window`, apart and rising, that get a block each; likewise. They may have
/// `plain_left` plain bytes. None that lies in one of `wholes`.
[[nodiscard]] std::vector<WrittenPart> take_archives(std::span<const std::uint8_t> window,
                                                     std::span<const WrittenPart> wholes,
                                                     std::uint64_t plain_left, std::vector<Region>& regions);

}  // namespace ssmz::codec
