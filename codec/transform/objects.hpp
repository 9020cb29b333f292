// SPDX-License-Identifier: Apache-2.0
// Objects and archives of them (ar): their tables follow from what they hold, an archive's from its members'.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: what the content is.
enum class ObjectsForm : std::uint16_t {
  object = 0,   ///< An object (transform/relocatable_object.hpp).
  members = 1,  ///< Members of an archive, maybe behind its signature.
  archive = 2,  ///< An archive from its signature on, whose first member, a table of symbols, is left out.
  table = 3,    ///< The end of a program or library (transform/section_table.hpp).
};
inline constexpr std::uint16_t objects_forms = 4;  ///< FORMAT. `line` has more of tables, times this.

/// Whether the content has more than the plain bytes, a table of symbols.
[[nodiscard]] inline bool has_symbol_table(const TransformLayout& layout) noexcept {
  return layout.line == static_cast<std::uint16_t>(ObjectsForm::archive);
}

[[nodiscard]] bool valid_objects_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. Linear; nothing, or false, of an archive without a table
/// of symbols that its members determine.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_objects(const TransformLayout& layout,
                                                                    std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_objects(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                  std::size_t size, std::vector<std::uint8_t>& raw);

/// Appends the parts of `content` that are objects or whole members of archives with objects among them.
void find_objects(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
