// SPDX-License-Identifier: Apache-2.0
// Finds text in double-byte charsets. Encoders only; a wrong guess costs size, not correctness.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// Appends parts that look like text in one Charset, rising and apart, each of at least least_written_part
/// bytes, from a line's beginning to a line's end where there are lines. Linear; content of other kinds some
/// hundred MB/s, text with many bytes beyond ASCII that is no UTF-8 a hundred.
void find_charsets(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
