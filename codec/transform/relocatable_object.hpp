// SPDX-License-Identifier: Apache-2.0
// Relocatable objects of ELF (System V ABI, chapter 4), what assemblers write: tables of sections, symbols
// and relocations, much of which follows from each other, from strings and from code.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {

/// What an object's header says.
struct ObjectHeader {
  ByteOrder order{};
  bool wide = false;              ///< Of class 64, else 32.
  std::uint32_t machine = 0;      ///< e_machine.
  std::uint64_t sections_at = 0;  ///< Where the table of sections stands, as the bytes say.
  std::size_t sections = 0;       ///< Their number.
  std::size_t names = 0;          ///< The section with their names.

  [[nodiscard]] unsigned word() const { return wide ? 8 : 4; }
  [[nodiscard]] std::size_t header_size() const { return wide ? 64 : 52; }
  [[nodiscard]] std::size_t section_size() const { return wide ? 64 : 40; }
  [[nodiscard]] std::size_t symbol_size() const { return wide ? 24 : 16; }
  /// Whether the table of sections lies in an object of so many bytes.
  [[nodiscard]] bool fits(std::size_t size) const {
    return sections_at >= header_size() && sections_at <= size &&
           sections * section_size() <= size - sections_at;
  }
};

/// Nothing of what begins like no relocatable object with sections.
[[nodiscard]] std::optional<ObjectHeader> object_header(std::span<const std::uint8_t> bytes);

/// Fields of a section's header that tell where it is, in the order of the table.
enum class SectionField : std::uint8_t { name, type, flags, address, place, size, link, info, align, entry };

/// A field of the section `index`; the table lies in `bytes`.
[[nodiscard]] std::uint64_t section_field(const ObjectHeader& header, std::span<const std::uint8_t> bytes,
                                          std::size_t index, SectionField field);

/// FORMAT. The bytes of `object` with differences, where numbers follow from others, and back, in place;
/// bytes that are no such object stay. Linear: what would take longer is left from there on.
void object_to_differences(std::span<std::uint8_t> object);
void object_from_differences(std::span<std::uint8_t> object);

/// Bytes of the object that `content` begins with, up to the last section's or the table's end; 0 if there is
/// none, or it is not whole. Adds to `work` the bytes that it reads.
[[nodiscard]] std::size_t object_extent(std::span<const std::uint8_t> content, std::size_t& work);

}  // namespace ssmz::codec
