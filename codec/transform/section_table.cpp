// SPDX-License-Identifier: Apache-2.0
// Sections of a program as differences to what they are expected to be, and the reverse.
#include "codec/transform/section_table.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "codec/transform/section_headers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// ELF. FORMAT, as all that tells what is expected.
constexpr std::uint64_t type_symbols = 2, type_no_bits = 8, flag_written = 1, flag_loaded = 2, flag_code = 4,
                        flag_of_threads = 0x400;
// Sections that are protected otherwise begin in another page.
constexpr std::uint64_t page = 4096;
// Where GNU's tools put names: ".symtab", ".strtab" and ".shstrtab", or that one alone, and others behind.
constexpr std::uint64_t name_of_symbols = 1, name_of_strings = 9, name_of_names = 17, first_name = 27,
                        only_name = 1, behind_only_name = 11;
// Names are read as far. FORMAT.
constexpr std::size_t most_names = std::size_t{1} << 16;
// Between names and table. Not FORMAT.
constexpr std::size_t most_filled = 16;

std::uint64_t multiple(std::uint64_t at, std::uint64_t of) {
  of = std::max<std::uint64_t>(1, of);
  return (at + of - 1) / of * of;
}

/// As in transform/relocatable_object.cpp: of plain bytes `raw` and `to` are the same ones.
template <bool plain>
class Exchange {
 public:
  Exchange(const ElfHeader& header, Bytes raw, std::span<std::uint8_t> to)
      : header_(header), raw_(raw), to_(to) {}

  void run() {
    const auto table = to_.subspan(header_.sections_at);
    if (plain) section_rows(header_.wide, table);
    for (std::size_t i = 1; i < header_.sections; ++i) {
      exchange_address(i);
      exchange_place(i);
    }
    exchange_names();
    if (!plain) section_columns(header_.wide, table);
  }

 private:
  [[nodiscard]] std::uint64_t field(std::size_t i, SectionField field) const {
    return section_field(header_, raw_, i, field);
  }

  /// Writes how far the number is from what it is expected to be, or the reverse; says the number.
  std::uint64_t exchange(std::size_t section, SectionField field, std::uint64_t expected) {
    const FieldPlace is = field_place(header_.wide, field);
    const std::size_t at = header_.sections_at + section * header_.section_size() + is.at;
    const std::uint64_t number = header_.order.get(plain ? Bytes(to_) : raw_, at, is.size);
    header_.order.put(plain ? number + expected : number - expected, is.size, to_, at);
    return header_.order.get(raw_, at, is.size);
  }

  /// Behind the last one that is loaded.
  void exchange_address(std::size_t i) {
    const std::uint64_t flags = field(i, SectionField::flags);
    if ((flags & flag_loaded) == 0) return;
    const std::uint64_t protection = flags & (flag_written | flag_code);
    if (protection != protection_) address_ = multiple(address_, page);
    protection_ = protection;
    const std::uint64_t is =
        exchange(i, SectionField::address, multiple(address_, field(i, SectionField::align)));
    const bool is_own = field(i, SectionField::type) != type_no_bits || (flags & flag_of_threads) == 0;
    address_ = is_own ? is + field(i, SectionField::size) : is;
  }

  /// Behind the last one, but what is loaded stands in a page as its address does.
  void exchange_place(std::size_t i) {
    const std::uint64_t address = field(i, SectionField::address);
    const std::uint64_t expected =
        address != 0 ? place_ + (address - place_) % page : multiple(place_, field(i, SectionField::align));
    place_ = exchange(i, SectionField::place, expected);
    if (field(i, SectionField::type) != type_no_bits) place_ += field(i, SectionField::size);
  }

  /// Names stand in the order of sections.
  void exchange_names() {
    const Bytes names = raw_.first(std::min<std::size_t>(header_.sections_at, most_names));
    const std::size_t last = header_.sections - 1;
    std::size_t symbols = 0;
    for (std::size_t i = 1; i < header_.sections && symbols == 0; ++i)
      if (field(i, SectionField::type) == type_symbols) symbols = i;
    std::uint64_t next = symbols != 0 ? first_name : behind_only_name;
    for (std::size_t i = 1; i < header_.sections; ++i) {
      if (i == symbols) {
        exchange(i, SectionField::name, name_of_symbols);
      } else if (symbols != 0 && i == symbols + 1) {
        exchange(i, SectionField::name, name_of_strings);
      } else if (i == last) {
        exchange(i, SectionField::name, symbols != 0 ? name_of_names : only_name);
      } else {
        const std::uint64_t name = exchange(i, SectionField::name, next);
        if (name >= names.size()) continue;
        const void* const end = std::memchr(names.data() + name, 0, names.size() - name);
        if (end) next = static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(end) - names.data()) + 1;
      }
    }
  }

  const ElfHeader& header_;
  Bytes raw_;
  std::span<std::uint8_t> to_;
  std::uint64_t address_ = 0, place_ = 0, protection_ = 0;
};

/// What the header says, with places counted from the beginning of `end`.
std::optional<ElfHeader> header_of(const SectionTableForm& form, Bytes end) {
  ElfHeader header{.order = {form.big_endian}, .wide = form.wide, .sections = form.sections};
  if (header.table_size() > end.size()) return std::nullopt;
  header.sections_at = end.size() - header.table_size();
  return header;
}

}  // namespace

std::optional<SectionTable> section_table(Bytes content) {
  const std::optional<ElfHeader> header = elf_header(content);
  constexpr std::uint32_t program = 2, library = 3;
  if (!header || (header->type != program && header->type != library)) return std::nullopt;
  if (!header->fits(content.size()) || header->sections > SectionTableForm::most_sections ||
      header->names + 1 != header->sections)
    return std::nullopt;
  const std::uint64_t names = section_field(*header, content, header->names, SectionField::place);
  const std::uint64_t size = section_field(*header, content, header->names, SectionField::size);
  const std::uint64_t table = header->sections_at;
  if (names > table || size > std::min<std::uint64_t>(table - names, most_names) ||
      table - names - size >= most_filled)
    return std::nullopt;
  return SectionTable{static_cast<std::size_t>(names),
                      static_cast<std::size_t>(table - names) + header->table_size(),
                      {header->wide, header->order.big_endian, static_cast<std::uint16_t>(header->sections)}};
}

bool section_table_to_differences(const SectionTableForm& form, std::span<std::uint8_t> end) {
  const std::optional<ElfHeader> header = header_of(form, end);
  if (!header) return false;
  const std::vector<std::uint8_t> raw(end.begin(), end.end());
  Exchange<false>(*header, raw, end).run();
  return true;
}

bool section_table_from_differences(const SectionTableForm& form, std::span<std::uint8_t> end) {
  const std::optional<ElfHeader> header = header_of(form, end);
  if (header) Exchange<true>(*header, end, end).run();
  return header.has_value();
}

}  // namespace ssmz::codec
