// SPDX-License-Identifier: Apache-2.0
// Headers of ELF files (System V ABI, chapter 4), and their tables of sections.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {

/// What a file's header says.
struct ElfHeader {
  ByteOrder order{};
  bool wide = false;              ///< Of class 64, else 32.
  std::uint32_t type = 0;         ///< e_type.
  std::uint32_t machine = 0;      ///< e_machine.
  std::uint64_t sections_at = 0;  ///< Where the table of sections stands, as the bytes say.
  std::size_t sections = 0;       ///< Their number.
  std::size_t names = 0;          ///< The section with their names.

  static constexpr std::uint32_t relocatable = 1;  ///< A type.

  [[nodiscard]] unsigned word() const { return wide ? 8 : 4; }
  [[nodiscard]] std::size_t header_size() const { return wide ? 64 : 52; }
  [[nodiscard]] std::size_t section_size() const { return wide ? 64 : 40; }
  [[nodiscard]] std::size_t table_size() const { return sections * section_size(); }
  [[nodiscard]] std::size_t symbol_size() const { return wide ? 24 : 16; }
  /// Whether the table of sections lies in a file of so many bytes.
  [[nodiscard]] bool fits(std::size_t size) const {
    return sections_at >= header_size() && sections_at <= size && table_size() <= size - sections_at;
  }
};

/// Nothing of what begins like no ELF file with sections.
[[nodiscard]] std::optional<ElfHeader> elf_header(std::span<const std::uint8_t> bytes);
/// Nor like one of objects.
[[nodiscard]] std::optional<ElfHeader> object_header(std::span<const std::uint8_t> bytes);

/// Fields of a section's header, in the order of the table.
enum class SectionField : std::uint8_t { name, type, flags, address, place, size, link, info, align, entry };

/// Where a field of a section stands in its header, and bytes of it.
struct FieldPlace {
  std::uint8_t at, size;
};
[[nodiscard]] FieldPlace field_place(bool wide, SectionField field);

/// A field of the section `index`; the table lies in `bytes`.
[[nodiscard]] std::uint64_t section_field(const ElfHeader& header, std::span<const std::uint8_t> bytes,
                                          std::size_t index, SectionField field);

/// FORMAT. Puts a table of whole headers' fields in the order of columns, and back.
void section_columns(bool wide, std::span<std::uint8_t> table);
void section_rows(bool wide, std::span<std::uint8_t> table);

}  // namespace ssmz::codec
