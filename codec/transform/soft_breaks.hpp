// SPDX-License-Identifier: Apache-2.0
// Soft line breaks of quoted-printable (RFC 2045, 6.7): "=" at the end of lines that are too long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// FORMAT. ASCII that stands for other things in quoted text; text that has such bytes is left alone.
inline constexpr std::uint8_t literal_mark = 0x10;  ///< An equals sign that begins no escape.
inline constexpr std::uint8_t long_mark = 0x11;     ///< This line is not broken although it is too long.
inline constexpr std::uint8_t break_mark = 0x12;    ///< A soft break where none is expected.

/// `raw` without its soft breaks where a line of the layout's length has no room for what follows, and with
/// marks where breaks are not there. Nothing of text with marks.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> without_soft_breaks(const TransformLayout& layout,
                                                                           std::span<const std::uint8_t> raw);
/// The reverse; false of a long_mark where no break is expected. Appends at most a few bytes beyond `limit`.
[[nodiscard]] bool append_soft_broken(const TransformLayout& layout, std::span<const std::uint8_t> text,
                                      std::size_t limit, std::vector<std::uint8_t>& raw);

/// Bytes of the soft break at the beginning of `text`; 0: none.
[[nodiscard]] std::size_t soft_break_size(bool crlf, std::span<const std::uint8_t> text) noexcept;

}  // namespace ssmz::codec
