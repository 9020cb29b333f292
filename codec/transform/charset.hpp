// SPDX-License-Identifier: Apache-2.0
// Text in double-byte character sets, in UTF-8 and back. Bytes that stand for no character are carried
// through, so that whatever came comes back.
#pragma once

#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// The UTF-8 of text in the layout's charset: any bytes are such text. Linear.
[[nodiscard]] std::vector<std::uint8_t> from_charset(const TransformLayout& layout,
                                                     std::span<const std::uint8_t> raw);
/// False if `plain` is not what from_charset() makes of what it is written as, at most `limit` bytes. Appends
/// at most a byte beyond `limit`.
[[nodiscard]] bool append_charset(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                  std::size_t limit, std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
