// SPDX-License-Identifier: Apache-2.0
// The dynamic symbols of a shared library with the tables that find them by name (ELF gABI, "Hash Table" and
// "Symbol Table"; the table of GNU's linker: sysdeps of glibc, dl-lookup.c). The tables are hashes of the
// names, and the names' order is theirs: both are left out and made again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout: which tables there are and how their numbers are written.
struct SymbolForm {
  bool wide = false;  ///< 64 bit.
  bool big_endian = false;
  bool sysv = false, gnu = false;  ///< Which tables there are, in this order; one at least.

  [[nodiscard]] std::uint16_t packed() const noexcept {
    return static_cast<std::uint16_t>(wide + 2u * big_endian + 4u * sysv + 8u * gnu);
  }
  [[nodiscard]] static SymbolForm of(std::uint16_t line) noexcept {
    return {(line & 1u) != 0, (line & 2u) != 0, (line & 4u) != 0, (line & 8u) != 0};
  }
};

[[nodiscard]] bool valid_symbols_layout(const TransformLayout& layout) noexcept;

/// plain_of() and append_written() of such a layout. A hash table, or both, symbols and strings up to any
/// byte behind the last name become: what the tables' sizes are, the symbols by their names' places, their
/// order, the strings. Linear; nothing, or false, of what is no such tables.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_symbols(const TransformLayout& layout,
                                                                    std::span<const std::uint8_t> raw);
[[nodiscard]] bool append_symbols(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                  std::size_t size, std::vector<std::uint8_t>& raw);

/// Appends the part of each ELF file in `content`, whose symbols lie near its beginning, as linkers lay them.
void find_symbols(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
