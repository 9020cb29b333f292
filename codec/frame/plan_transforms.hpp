// SPDX-License-Identifier: Apache-2.0
// Which parts of a content become blocks of the plainer bytes that they are written from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/plan.hpp"
#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// How deep blocks may stand in a block, and how many plain bytes it may still have, as plan_blocks().
struct Nesting {
  int depth;
  std::uint64_t& plain_left;

  /// Takes them; false if there are not so many left.
  [[nodiscard]] bool take(std::uint64_t plain_size) const noexcept {
    if (plain_size > plain_left) return false;
    plain_left -= plain_size;
    return true;
  }
};

/// Blocks of a part that was found; none if the models would rather have it as it is, if it is not written
/// as it seems, or has more plain bytes than are left.
[[nodiscard]] Result<std::vector<PlannedBlock>> plan_written(std::span<const std::uint8_t> part,
                                                             const WrittenPart& written,
                                                             const EstimateKinds& estimate_kinds,
                                                             Nesting nesting);

/// Blocks of text, which cover `part` with others, whose lines all end with CR LF become blocks of text
/// without; of `plain_left` bytes at most, from which these are taken.
void transform_lines(std::span<const std::uint8_t> part, std::vector<PlannedBlock>& blocks,
                     std::uint64_t& plain_left);

}  // namespace ssmz::codec
