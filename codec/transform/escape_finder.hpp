// SPDX-License-Identifier: Apache-2.0
// Finds text in ASCII with escapes. Encoders only; a wrong guess costs size, not correctness.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// Appends parts of text of which escapes of one form make up much, of each form rising and apart, each of at
/// least least_written_part bytes. Linear.
void find_escapes(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

[[nodiscard]] bool is_quoted_part(const WrittenPart& part) noexcept;

/// The parts, rising and apart, with what lies beside and between those that are quoted-printable taken along
/// where it is text that may as well be.
[[nodiscard]] std::vector<WrittenPart> with_margins(std::span<const std::uint8_t> content,
                                                    const std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
