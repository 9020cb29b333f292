// SPDX-License-Identifier: Apache-2.0
// Pictures and sound of few values as blocks of their ranks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/plan.hpp"
#include "codec/frame/plan_transforms.hpp"

namespace ssmz::codec {

/// The block of `samples`, which are a picture or sound of `type`, by ranks (transform/ranks.hpp); none if
/// all values occur about, or blocks may not stand so deep. Linear.
[[nodiscard]] std::vector<PlannedBlock> plan_ranks(std::span<const std::uint8_t> samples, BlockType type,
                                                   Nesting nesting);

}  // namespace ssmz::codec
