// SPDX-License-Identifier: Apache-2.0
// Text in UTF-16 or UTF-32, in UTF-8 and back. A surrogate without its partner is written in three bytes like
// any other unit, so that whatever came comes back.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// The UTF-8 of text in UTF-16 or UTF-32; nothing of a number of bytes that are no whole units, or of a unit
/// that is no character.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_utf16(const TransformLayout& layout,
                                                                  std::span<const std::uint8_t> raw);
/// False if `plain` is no such text. Appends at most a few bytes beyond `limit`.
[[nodiscard]] bool append_utf16(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                std::size_t limit, std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
