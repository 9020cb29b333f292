// SPDX-License-Identifier: Apache-2.0
// All kinds of block. A new kind of data is a folder beside text/ and bytes/, and a row here.
#pragma once

#include <span>
#include <string_view>

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// The rows; a row's place is its index for arrays with an entry a kind.
[[nodiscard]] std::span<const ContentKind> content_kinds() noexcept;

/// Row with a number, nullptr if there is none: trust nothing that was read.
[[nodiscard]] const ContentKind* find_kind(BlockKind number) noexcept;
[[nodiscard]] const ContentKind* find_kind(std::string_view name) noexcept;

/// The kind whose estimate for `segment` is the least, the first of equals. Cheap: linear, no model.
[[nodiscard]] BlockKind cheapest_kind(const std::shared_ptr<const Vocabulary>& vocabulary,
                                      std::span<const std::uint8_t> segment);

}  // namespace ssmz::codec
