// SPDX-License-Identifier: Apache-2.0
// Numbers of an object's tables as differences to what they are expected to be, and the reverse.
#include "codec/transform/relocatable_object.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "codec/transform/section_headers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// ELF. FORMAT, as all that tells what is expected.
constexpr std::uint64_t type_symbols = 2, type_rela = 4, type_no_bits = 8, type_rel = 9, type_group = 17,
                        type_indices = 18, flag_code = 4;
constexpr unsigned symbol_of_section = 3;
// A table may be named several times, but not so often that turning it takes long: units of work for each
// byte.
constexpr std::size_t most_work_share = 16;
// Where GNU's tools, of which most objects are, put the names of these sections; others follow.
constexpr std::uint64_t name_of_symbols = 1, name_of_strings = 9, name_of_names = 17, first_name = 27;

// ---- Fields that are to be relocated, as assemblers leave them.

/// Four bytes of a processor's code that a relocation may be for, as a number; they stand at multiples of
/// `step`.
struct Blank {
  std::uint16_t machine;
  std::uint8_t step;
  std::uint32_t mask, value;
};
constexpr std::uint32_t all = 0xffffffff;
// By machines. FORMAT. Zeros of x86-64 alone made libxmlsec1.a at -1 98,940 -> 93,399 bytes.
constexpr Blank all_blanks[] = {
    {2, 4, all, 0x40000000},          // SPARC: call
    {2, 4, 0xc1ffffff, 0x01000000},   // sethi
    {2, 4, 0xc1f83fff, 0x80102000},   // or
    {3, 1, all, 0},                   // i386
    {3, 1, all, 0xfffffffc},          // of a call from its end on
    {4, 2, all, 0},                   // 68000
    {8, 4, 0xffe0ffff, 0x8f800000},   // MIPS: lw from the table of addresses
    {8, 4, 0xffe0ffff, 0xdf800000},   // ld
    {8, 4, 0xffe0ffff, 0x3c000000},   // lui
    {20, 4, all, 0x48000001},         // PowerPC: bl
    {20, 4, 0xfc1fffff, 0x3c000000},  // lis
    {21, 4, all, 0x48000001},         // of 64 bits: bl
    {21, 4, 0xfc1fffff, 0x3c020000},  // addis of the table of contents
    {21, 4, all, 0x3c4c0000},         // where that is set
    {21, 4, all, 0x38420000},         // likewise
    {22, 2, all, 0},                  // s390
    {40, 2, all, 0xfffef7ff},         // ARM: bl of Thumb-2
    {40, 2, all, 0xebfffffe},         // bl
    {43, 4, all, 0x40000000},         // SPARC of 64 bits, as the other
    {43, 4, 0xc1ffffff, 0x01000000},
    {43, 4, 0xc1f83fff, 0x80102000},
    {62, 1, all, 0},                   // x86-64
    {183, 4, all, 0x94000000},         // AArch64: bl
    {183, 4, all, 0x14000000},         // b
    {183, 4, 0xffffffe0, 0x90000000},  // adrp
    {183, 4, 0xfffffc00, 0x91000000},  // add
    {243, 2, 0xfffff07f, 0x17},        // RISC-V: auipc
    {243, 2, 0xffff, 0xa001},          // c.j
    {243, 2, 0xdc7f, 0xc001},          // c.beqz, c.bnez
    {243, 2, 0xfe000fff, 0x63},        // beq and its like
};
using Blanks = std::span<const Blank>;

Blanks blanks_of(std::uint32_t machine) {
  const auto begin = std::ranges::lower_bound(all_blanks, machine, {}, &Blank::machine);
  const auto end = std::ranges::upper_bound(all_blanks, machine, {}, &Blank::machine);
  return {begin, end};
}

// ---- The exchange.

/// Turns numbers into differences, or back: each number of `to` is written as soon as what it follows from
/// stands in `raw`, which is the object; of plain bytes they are the same ones.
template <bool plain>
class Exchange {
 public:
  Exchange(const ElfHeader& header, Bytes raw, std::span<std::uint8_t> to)
      : header_(header), order_(header.order), raw_(raw), to_(to), work_left_(most_work_share * to.size()) {}

  void run() {
    place_table();
    if (!header_.fits(to_.size())) return;
    if (plain) section_rows(header_.wide, table());
    find_symbols();
    for (std::size_t i = 1; i < header_.sections; ++i) exchange_links(i);
    exchange_places();
    exchange_names();
    for (std::size_t i = 1; i < header_.sections; ++i) exchange_records(i);
    if (!plain) section_columns(header_.wide, table());
  }

 private:
  [[nodiscard]] std::uint64_t field(std::size_t i, SectionField field) const {
    return section_field(header_, raw_, i, field);
  }

  /// Writes at `at` how far the number there is from what it is expected to be, or the reverse; says the
  /// number.
  std::uint64_t exchange(std::size_t at, unsigned size, std::uint64_t expected) {
    const std::uint64_t is = order_.get(plain ? Bytes(to_) : raw_, at, size);
    order_.put(plain ? is + expected : is - expected, size, to_, at);
    return order_.get(raw_, at, size);
  }
  std::uint64_t exchange(std::size_t section, SectionField field, std::uint64_t expected) {
    const FieldPlace is = field_place(header_.wide, field);
    return exchange(header_.sections_at + section * header_.section_size() + is.at, is.size, expected);
  }

  [[nodiscard]] bool take(std::size_t work) {
    if (work > work_left_) work_left_ = 0;
    if (work_left_ == 0) return false;
    work_left_ -= work;
    return true;
  }

  /// The table of sections usually comes last.
  void place_table() {
    const std::size_t size = header_.table_size();
    if (size > to_.size()) return;
    header_.sections_at = exchange(header_.wide ? 40 : 32, header_.word(), to_.size() - size);
  }

  // ---- The table of sections, which stands in the plain bytes by its columns.

  [[nodiscard]] std::span<std::uint8_t> table() const {
    return to_.subspan(header_.sections_at, header_.table_size());
  }

  void find_symbols() {
    for (std::size_t i = 1; i < header_.sections && symbols_ == 0; ++i)
      if (field(i, SectionField::type) == type_symbols) symbols_ = i;
  }

  [[nodiscard]] bool is_relocation(std::size_t i) const {
    const std::uint64_t type = field(i, SectionField::type);
    return type == type_rela || type == type_rel;
  }

  void exchange_links(std::size_t i) {
    const std::uint64_t type = field(i, SectionField::type);
    if (type == type_symbols) {
      const std::uint64_t strings = exchange(i, SectionField::link, i + 1);
      if (i == symbols_) strings_ = strings;
      exchange(i, SectionField::entry, header_.symbol_size());
    } else if (is_relocation(i)) {
      exchange(i, SectionField::link, symbols_);
      exchange(i, SectionField::info, i - 1);
      exchange(i, SectionField::entry, record_size(type));
    } else if (type == type_group || type == type_indices) {
      exchange(i, SectionField::link, symbols_);
    }
  }

  [[nodiscard]] std::size_t record_size(std::uint64_t type) const {
    return std::size_t{header_.word()} * (type == type_rela ? 3 : 2);
  }

  /// Sections stand one behind the other: those with content in the table's order, symbols, their strings,
  /// relocations, and last the sections' names, which may be the symbols' strings.
  void exchange_places() {
    std::vector<std::size_t> behind;
    std::uint64_t end = header_.header_size();
    const auto place = [&](std::size_t i) {
      const std::uint64_t align = std::max<std::uint64_t>(1, field(i, SectionField::align));
      end = exchange(i, SectionField::place, (end + align - 1) / align * align);
      if (field(i, SectionField::type) != type_no_bits) end += field(i, SectionField::size);
    };
    for (std::size_t i = 1; i < header_.sections; ++i) {
      if (is_relocation(i))
        behind.push_back(i);
      else if (i != symbols_ && i != strings_ && i != header_.names)
        place(i);
    }
    const auto is_there = [&](std::uint64_t i) { return i != 0 && i < header_.sections; };
    if (is_there(symbols_)) place(symbols_);
    if (is_there(strings_) && strings_ != header_.names && strings_ != symbols_ && !is_relocation(strings_))
      place(strings_);
    for (const std::size_t i : behind) place(i);
    if (is_there(header_.names) && header_.names != symbols_ && !is_relocation(header_.names))
      place(header_.names);
  }

  /// What a section holds; nothing if it is not in the object.
  [[nodiscard]] Bytes content(std::uint64_t i) const {
    if (i == 0 || i >= header_.sections || field(i, SectionField::type) == type_no_bits) return {};
    const std::uint64_t at = field(i, SectionField::place), size = field(i, SectionField::size);
    if (at > raw_.size() || size > raw_.size() - at) return {};
    return raw_.subspan(at, size);
  }

  // ---- Names.

  /// What follows the name at `at`, its end with it; nothing of none.
  std::optional<std::uint64_t> behind_name(Bytes names, std::uint64_t at) {
    if (at >= names.size()) return std::nullopt;
    const Bytes rest = names.subspan(at);
    const void* const end = std::memchr(rest.data(), 0, std::min(rest.size(), work_left_));
    if (!end) return std::nullopt;
    const auto size = static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - rest.data()) + 1;
    if (!take(size)) return std::nullopt;
    return at + size;
  }

  /// Names stand in the order of sections, but the one of a section with relocations within the name of
  /// those, behind ".rel" or ".rela".
  void exchange_names() {
    const Bytes names = content(header_.names);
    if (names.empty() || strings_ == header_.names) return;
    std::uint64_t next = first_name;
    const auto follows = [&](std::size_t i) {
      const std::uint64_t name = exchange(i, SectionField::name, next);
      next = behind_name(names, name).value_or(next);
      return name;
    };
    for (std::size_t i = 1; i < header_.sections; ++i) {
      if (i == symbols_) {
        exchange(i, SectionField::name, name_of_symbols);
      } else if (i == strings_) {
        exchange(i, SectionField::name, name_of_strings);
      } else if (i == header_.names) {
        exchange(i, SectionField::name, name_of_names);
      } else if (i + 1 < header_.sections && is_relocation(i + 1) && !is_relocation(i) && i + 1 != symbols_ &&
                 i + 1 != strings_ && i + 1 != header_.names) {
        const std::uint64_t behind = field(i + 1, SectionField::type) == type_rela ? 5 : 4;
        exchange(i, SectionField::name, follows(i + 1) + behind);
        ++i;
      } else {
        follows(i);
      }
    }
  }

  // ---- Symbols and relocations.

  void exchange_records(std::size_t i) {
    const std::uint64_t type = field(i, SectionField::type);
    const Bytes records = content(i);
    if (records.empty()) return;
    const auto at = static_cast<std::size_t>(records.data() - raw_.data());
    if (i == symbols_)
      exchange_symbols(at, records.size());
    else if (is_relocation(i))
      exchange_relocations(i, at, records.size(), record_size(type));
  }

  /// The first one that is not local, and names in their order.
  void exchange_symbols(std::size_t at, std::size_t size) {
    const std::size_t binding = at + (header_.wide ? 4 : 12);
    std::size_t locals = 0;
    while ((locals + 1) * header_.symbol_size() <= size &&
           raw_[binding + locals * header_.symbol_size()] < 16)
      ++locals;
    exchange(symbols_, SectionField::info, locals);
    const Bytes names = content(strings_);
    if (strings_ == header_.names) return;
    const std::size_t record = header_.symbol_size(), end = at + size / record * record;
    std::uint64_t next = 1;
    for (at += record; at < end && take(record); at += record) {
      const unsigned info = raw_[at + (header_.wide ? 4 : 12)];
      if (info % 16 == symbol_of_section) continue;
      const std::uint64_t name = exchange(at, 4, next);
      if (name != 0) next = behind_name(names, name).value_or(next);
    }
  }

  /// Places as steps, or in code as how many fields that look so are not meant before the next one.
  void exchange_relocations(std::size_t i, std::size_t at, std::size_t size, std::size_t record) {
    const std::uint64_t target = field(i, SectionField::info);
    const bool in_code = target < header_.sections && (field(target, SectionField::flags) & flag_code) != 0;
    const Blanks blanks = in_code ? blanks_of(header_.machine) : Blanks();
    const Bytes code = blanks.empty() ? Bytes() : content(target);
    std::uint64_t before = 0, from = 0;
    for (const std::size_t end = at + size / record * record; at < end && take(record); at += record) {
      if (blanks.empty())
        before = exchange(at, header_.word(), before);
      else if (plain)
        before = place_again(blanks, code, at, from, before);
      else
        before = place_away(blanks, code, at, from, before);
      from = before + 4;
    }
  }

  [[nodiscard]] bool is_blank(Blanks blanks, Bytes code, std::uint64_t at) const {
    if (at % blanks.front().step != 0 || at > code.size() || code.size() - at < 4) return false;
    const std::uint32_t is = order_.word(code, at);
    return std::ranges::any_of(blanks, [&](const Blank& blank) { return (is & blank.mask) == blank.value; });
  }

  /// A step, not a number of fields. FORMAT.
  [[nodiscard]] std::uint64_t step_sign() const { return std::uint64_t{1} << (8 * header_.word() - 1); }

  std::uint64_t place_away(Blanks blanks, Bytes code, std::size_t at, std::uint64_t from,
                           std::uint64_t before) {
    const std::uint64_t is = order_.get(raw_, at, header_.word());
    std::uint64_t number = (is - before) | step_sign();
    if (is >= from && is_blank(blanks, code, is) && take(is - from)) {
      number = 0;
      for (; from < is; ++from) number += is_blank(blanks, code, from);
    }
    order_.put(number, header_.word(), to_, at);
    return is;
  }

  std::uint64_t place_again(Blanks blanks, Bytes code, std::size_t at, std::uint64_t from,
                            std::uint64_t before) {
    std::uint64_t number = order_.get(to_, at, header_.word());
    if ((number & step_sign()) != 0) {
      // A step back has the sign already.
      const bool is_back = (number & step_sign() >> 1) != 0;
      before += is_back ? number : number - step_sign();
    } else {
      const std::uint64_t first = from;
      for (; from < code.size(); ++from)
        if (is_blank(blanks, code, from) && number-- == 0) break;
      (void)take(from - first);
      before = from;
    }
    order_.put(before, header_.word(), to_, at);
    return order_.get(to_, at, header_.word());
  }

  ElfHeader header_;
  ByteOrder order_;
  Bytes raw_;
  std::span<std::uint8_t> to_;
  std::size_t work_left_;
  std::size_t symbols_ = 0;    // the first section of symbols; 0: there is none
  std::uint64_t strings_ = 0;  // that of their names
};

}  // namespace

void object_to_differences(std::span<std::uint8_t> object) {
  const std::optional<ElfHeader> header = object_header(object);
  if (!header || !header->fits(object.size())) return;
  const std::vector<std::uint8_t> raw(object.begin(), object.end());
  Exchange<false>(*header, raw, object).run();
}

void object_from_differences(std::span<std::uint8_t> object) {
  const std::optional<ElfHeader> header = object_header(object);
  if (header) Exchange<true>(*header, object, object).run();
}

std::size_t object_extent(Bytes content, std::size_t& work) {
  const std::optional<ElfHeader> header = object_header(content);
  if (!header || !header->fits(content.size())) return 0;
  work += header->table_size();
  std::uint64_t end = header->sections_at + header->table_size();
  for (std::size_t i = 1; i < header->sections; ++i) {
    if (section_field(*header, content, i, SectionField::type) == type_no_bits) continue;
    const std::uint64_t at = section_field(*header, content, i, SectionField::place);
    const std::uint64_t size = section_field(*header, content, i, SectionField::size);
    if (at > content.size() || size > content.size() - at) return 0;
    end = std::max(end, at + size);
  }
  return end;
}

}  // namespace ssmz::codec
