// SPDX-License-Identifier: Apache-2.0
// Binary data in base 85 (ASCII85Decode of PostScript and PDF, ISO 32000-1, 7.4.3) on lines, and back.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// The bytes that digits stand for, whatever their lines; nothing if they are no groups of base 85.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base85(std::span<const std::uint8_t> raw);
/// append_written() of such a layout, but for the check of the size.
void append_base85(const TransformLayout& layout, std::span<const std::uint8_t> plain, std::size_t limit,
                   std::vector<std::uint8_t>& raw);

/// The most digits that so many bytes are written as; the least is a digit for four bytes that are 0.
[[nodiscard]] constexpr std::uint64_t most_base85_digits(std::uint64_t plain) noexcept {
  return plain / 4 * 5 + (plain % 4 != 0 ? plain % 4 + 1 : 0);
}

/// Appends the digits in front of each mark of their end, `~>`: on one line, or on lines of one length.
/// Linear.
void find_base85(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
