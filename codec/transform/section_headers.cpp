// SPDX-License-Identifier: Apache-2.0
// Reads ELF's headers.
#include "codec/transform/section_headers.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::array<FieldPlace, 10> wide_fields = {
    {{0, 4}, {4, 4}, {8, 8}, {16, 8}, {24, 8}, {32, 8}, {40, 4}, {44, 4}, {48, 8}, {56, 8}}};

/// Calls each(place in a table by rows, place by columns, bytes) for all its fields.
template <class Each>
void each_field(bool wide, std::size_t table_size, Each each) {
  const std::size_t row = wide ? 64 : 40;
  std::ptrdiff_t column = 0;
  for (std::uint8_t index = 0; index < wide_fields.size(); ++index) {
    const FieldPlace is = field_place(wide, static_cast<SectionField>(index));
    for (std::size_t at = is.at; at < table_size / row * row; at += row) {
      each(static_cast<std::ptrdiff_t>(at), column, is.size);
      column += is.size;
    }
  }
}

}  // namespace

std::optional<ElfHeader> elf_header(Bytes bytes) {
  constexpr std::uint8_t sign[] = {0x7f, 'E', 'L', 'F'};
  if (bytes.size() < 64 || !std::equal(std::begin(sign), std::end(sign), bytes.begin())) return std::nullopt;
  if (bytes[4] < 1 || bytes[4] > 2 || bytes[5] < 1 || bytes[5] > 2) return std::nullopt;
  ElfHeader header{.order = {bytes[5] == 2}, .wide = bytes[4] == 2};
  const ByteOrder order = header.order;
  const auto half = [&](std::size_t at) { return static_cast<std::uint32_t>(order.get(bytes, at, 2)); };
  header.type = half(16), header.machine = half(18);
  header.sections_at = order.get(bytes, header.wide ? 40 : 32, header.word());
  const std::size_t counts = header.header_size() - 6;
  header.sections = half(counts + 2), header.names = half(counts + 4);
  if (half(counts) != header.section_size() || header.sections == 0) return std::nullopt;
  return header;
}

std::optional<ElfHeader> object_header(Bytes bytes) {
  const std::optional<ElfHeader> header = elf_header(bytes);
  return header && header->type == ElfHeader::relocatable ? header : std::nullopt;
}

FieldPlace field_place(bool wide, SectionField field) {
  const auto index = static_cast<std::uint8_t>(field);
  return wide ? wide_fields[index] : FieldPlace{static_cast<std::uint8_t>(4 * index), 4};
}

std::uint64_t section_field(const ElfHeader& header, Bytes bytes, std::size_t index, SectionField field) {
  const FieldPlace is = field_place(header.wide, field);
  return header.order.get(bytes, header.sections_at + index * header.section_size() + is.at, is.size);
}

void section_columns(bool wide, std::span<std::uint8_t> table) {
  const std::vector<std::uint8_t> rows(table.begin(), table.end());
  each_field(wide, table.size(), [&](std::ptrdiff_t row, std::ptrdiff_t column, std::uint8_t size) {
    std::copy_n(rows.begin() + row, size, table.begin() + column);
  });
}

void section_rows(bool wide, std::span<std::uint8_t> table) {
  const std::vector<std::uint8_t> columns(table.begin(), table.end());
  each_field(wide, table.size(), [&](std::ptrdiff_t row, std::ptrdiff_t column, std::uint8_t size) {
    std::copy_n(columns.begin() + column, size, table.begin() + row);
  });
}

}  // namespace ssmz::codec
