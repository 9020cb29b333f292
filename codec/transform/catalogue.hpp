// SPDX-License-Identifier: Apache-2.0
// Catalogues of messages (GNU gettext manual, "The Format of GNU MO Files"): tables of where strings stand,
// how long they are and how they are found, in front of the strings, from which all these are made again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: 1 if numbers have the high byte first.
[[nodiscard]] bool valid_catalogue_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. A file from its first byte on to the last translation's
/// end becomes: header, what stands between tables and strings, strings. Linear; nothing, or false, of what
/// is no such file.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_catalogue(const TransformLayout& layout,
                                                                      std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_catalogue(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                    std::size_t size, std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` that are catalogues.
void find_catalogues(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
