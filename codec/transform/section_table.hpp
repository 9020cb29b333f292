// SPDX-License-Identifier: Apache-2.0
// The end of programs and libraries of ELF: the names of their sections and the table of these, which
// follows from names and from itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ssmz::codec {

/// What is not told by such an end itself. FORMAT, as packed.
struct SectionTableForm {
  bool wide = false, big_endian = false;
  std::uint16_t sections = 0;  ///< Their number, 1 to most_sections; the last one is that of names.

  static constexpr std::uint16_t most_sections = 127;

  [[nodiscard]] std::uint16_t packed() const noexcept {
    return static_cast<std::uint16_t>((wide ? 1u : 0u) + (big_endian ? 2u : 0u) + 4u * sections);
  }
  [[nodiscard]] static SectionTableForm of(unsigned packed) noexcept {
    return {(packed & 1u) != 0, (packed & 2u) != 0, static_cast<std::uint16_t>(packed >> 2)};
  }
};

/// Where the end of a file stands, and how it is told.
struct SectionTable {
  std::size_t at = 0, size = 0;
  SectionTableForm form;
};

/// That of the program that `content` begins with; nothing if there is none, or it is not whole.
[[nodiscard]] std::optional<SectionTable> section_table(std::span<const std::uint8_t> content);

/// FORMAT. The table that `end` ends with with differences, where numbers follow from others, and back, in
/// place. False if `end` is not as long as the table.
[[nodiscard]] bool section_table_to_differences(const SectionTableForm& form, std::span<std::uint8_t> end);
[[nodiscard]] bool section_table_from_differences(const SectionTableForm& form, std::span<std::uint8_t> end);

}  // namespace ssmz::codec
