// SPDX-License-Identifier: Apache-2.0
// Which parts of a content become blocks of the plainer bytes that they are written from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/plan.hpp"
#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// Blocks of a part that was found; none if the models would rather have it as it is, or if it is not written
/// as it seems. `nesting`: as plan_blocks().
[[nodiscard]] Result<std::vector<PlannedBlock>> plan_written(std::span<const std::uint8_t> part,
                                                             const WrittenPart& written,
                                                             const EstimateKinds& estimate_kinds,
                                                             int nesting);

/// Blocks of text, which cover `part` with others, whose lines all end with CR LF become blocks of text
/// without.
void transform_lines(std::span<const std::uint8_t> part, std::vector<PlannedBlock>& blocks);

}  // namespace ssmz::codec
