// SPDX-License-Identifier: Apache-2.0
// Text in quoted-printable (RFC 2045, section 6.7), in UTF-8 and back.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// The UTF-8 of quoted text: its equals signs are `=3D`, what begins no escape that we write stays, behind a
/// mark (transform/soft_breaks.hpp). Nothing if there is a mark or a byte beyond ASCII.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_quoted(const TransformLayout& layout,
                                                                   std::span<const std::uint8_t> raw);
/// False if `plain` is no UTF-8, or of characters that the form does not have. Appends at most a few bytes
/// beyond `limit`.
[[nodiscard]] bool append_quoted(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                 std::size_t limit, std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
