// SPDX-License-Identifier: Apache-2.0
// Text in units of UTF-16, as bytes or as JSON's escapes, in UTF-8 and back. A surrogate without its partner
// is written in three bytes like any other unit, so that whatever came comes back.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// The UTF-8 of text in UTF-16; nothing of an odd number of bytes.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_utf16(const TransformLayout& layout,
                                                                  std::span<const std::uint8_t> raw);
/// False if `plain` is no such text. Appends at most a few bytes beyond `limit`.
[[nodiscard]] bool append_utf16(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                std::size_t limit, std::vector<std::uint8_t>& raw);

/// The same of ASCII with escapes: those of the layout's case, of characters beyond ASCII; others stay as
/// they are. Nothing if there is a byte beyond ASCII.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_json_escapes(const TransformLayout& layout,
                                                                         std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_json_escapes(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                       std::size_t limit, std::vector<std::uint8_t>& raw);

/// The unit that an escape at the beginning of `text` stands for; nothing if none stands there, or in another
/// case.
inline constexpr std::size_t json_escape_size = 6;
[[nodiscard]] std::optional<std::uint16_t> json_escape(std::span<const std::uint8_t> text,
                                                       bool upper_case) noexcept;

}  // namespace ssmz::codec
