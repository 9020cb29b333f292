// SPDX-License-Identifier: Apache-2.0
// Text in ASCII, in which other characters stand as escapes, in UTF-8 and back. What is quoted-printable has
// more to it: transform/quoted.hpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

struct EscapeFound {
  std::uint32_t value = 0;  ///< Character; of JSON unit of UTF-16. From 80 hexadecimal on.
  std::size_t size = 0;     ///< Bytes.
};
inline constexpr std::size_t longest_escape = 16;

/// The escape of the layout's form and case that `text` begins with; nothing if none does, or if it stands
/// for ASCII.
[[nodiscard]] std::optional<EscapeFound> escape_at(const TransformLayout& layout,
                                                   std::span<const std::uint8_t> text) noexcept;
/// Appends the escape of a character from 80 hexadecimal on; of JSON of a unit of UTF-16.
void append_escape(const TransformLayout& layout, std::uint32_t value, std::vector<std::uint8_t>& raw);
/// What all escapes of the form begin with.
[[nodiscard]] std::uint8_t escape_lead(const TransformLayout& layout) noexcept;

/// The UTF-8 of ASCII with escapes; what is no escape stays as it is. Nothing if there is a byte beyond
/// ASCII.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_escapes(const TransformLayout& layout,
                                                                    std::span<const std::uint8_t> raw);
/// False if `plain` is no UTF-8. Appends at most an escape beyond `limit`.
[[nodiscard]] bool append_escapes(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                  std::size_t limit, std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
