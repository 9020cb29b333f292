// SPDX-License-Identifier: Apache-2.0
// Streams of bzip2 (bzip2/bzip2.hpp) and what they hold, which is all of the plain bytes.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// `line` of a layout is the level. FORMAT.
[[nodiscard]] bool valid_bzip2_layout(const TransformLayout& layout) noexcept;

/// plain_of() of such a layout.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_bzip2(std::span<const std::uint8_t> raw);

/// Appends the streams that we write from what they hold, which is taken from `plain_left` bytes. Bytes
/// looked at besides those of streams that are found: at most a few times `content`.
void find_bzip2(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts,
                std::uint64_t& plain_left);

}  // namespace ssmz::codec
