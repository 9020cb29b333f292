// SPDX-License-Identifier: Apache-2.0
// Which symbols an archive's members define.
#include "codec/transform/archive_members.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "codec/base/ascii.hpp"
#include "codec/base/ordered_numbers.hpp"
#include "codec/transform/section_headers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::string_view signature = "!<arch>\n", header_end = "`\n", narrow_name = "/               ",
                           wide_name = "/SYM64/         ";
constexpr std::size_t name_size = 16, size_at = 48, size_digits = 10;

bool says(Bytes content, std::size_t at, std::string_view text) {
  return at <= content.size() && content.size() - at >= text.size() &&
         std::memcmp(content.data() + at, text.data(), text.size()) == 0;
}

/// Collects names of symbols until they are too many for the table. Work is bounded by that, and by the
/// members' sizes.
class SymbolNames {
 public:
  explicit SymbolNames(std::size_t most, unsigned width) : left_(most), width_(width) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t count() const { return places_.size(); }
  [[nodiscard]] const std::vector<std::uint64_t>& places() const { return places_; }
  [[nodiscard]] const std::vector<std::uint8_t>& names() const { return names_; }

  void add_member(Bytes object, std::uint64_t place) {
    place_ = place;
    if (const std::optional<ElfHeader> header = object_header(object))
      add_elf(*header, object);
    else
      add_coff(object);
  }

 private:
  /// The name that `from` begins with.
  void add(Bytes from) {
    const std::size_t most = std::min(from.size(), left_);
    const void* const end = most != 0 ? std::memchr(from.data(), 0, most) : nullptr;
    if (!end) {
      good_ = false;
      return;
    }
    add_whole(from.first(static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - from.data())));
  }
  void add_whole(Bytes name) {
    if (left_ < name.size() + 1 + width_) good_ = false;
    if (!good_) return;
    left_ -= name.size() + 1 + width_;
    names_.insert(names_.end(), name.begin(), name.end());
    names_.push_back(0);
    places_.push_back(place_);
  }

  void add_elf(const ElfHeader& header, Bytes object) {
    constexpr std::uint64_t symbols = 2;
    if (!header.fits(object.size())) return;
    std::size_t seen = 0;  // bytes of symbols, which may be named by several sections
    for (std::size_t i = 0; i < header.sections && good_; ++i) {
      const auto field = [&](std::size_t section, SectionField is) {
        return section_field(header, object, section, is);
      };
      const auto content = [&](std::size_t section) -> Bytes {
        const std::uint64_t at = field(section, SectionField::place),
                            size = field(section, SectionField::size);
        if (at > object.size() || size > object.size() - at) return {};
        return object.subspan(at, size);
      };
      if (field(i, SectionField::type) != symbols) continue;
      const std::uint64_t strings = field(i, SectionField::link), first = field(i, SectionField::info);
      if (strings >= header.sections || first > object.size()) return;
      const Bytes table = content(i);
      seen += table.size();
      if (seen > object.size()) return;
      add_elf_symbols(header, table, first * header.symbol_size(), content(strings));
    }
  }

  void add_elf_symbols(const ElfHeader& header, Bytes table, std::size_t at, Bytes names) {
    constexpr unsigned global = 1, weak = 2, unique = 10;
    const std::size_t record = header.symbol_size();
    for (; at + record <= table.size() && good_; at += record) {
      const unsigned binding = table[at + (header.wide ? 4 : 12)] >> 4;
      const bool is_defined = header.order.get(table, at + (header.wide ? 6 : 14), 2) != 0;
      if (!is_defined || (binding != global && binding != weak && binding != unique)) continue;
      const std::uint32_t name = header.order.word(table, at);
      add(name < names.size() ? names.subspan(name) : Bytes());
    }
  }

  /// Of Windows (PE Format, Microsoft): names of up to eight bytes stand in the symbols themselves.
  void add_coff(Bytes object) {
    constexpr ByteOrder order{};
    constexpr std::size_t header = 20, record = 18;
    constexpr std::uint64_t machines[] = {0x8664, 0x14c, 0xaa64, 0x1c4};
    constexpr unsigned external = 2, weak_external = 105;
    if (object.size() < header || std::ranges::count(machines, order.get(object, 0, 2)) == 0) return;
    const std::size_t begin = order.word(object, 8), count = order.word(object, 12);
    if (begin > object.size() || count > (object.size() - begin) / record) return;
    const Bytes names = object.subspan(begin + count * record);
    for (std::size_t i = 0; i < count && good_; ++i) {
      const Bytes symbol = object.subspan(begin + i * record, record);
      const unsigned kind = symbol[16];
      const bool is_defined = order.get(symbol, 12, 2) != 0 || order.word(symbol, 8) != 0;
      if ((kind == external || kind == weak_external) && is_defined) {
        const std::uint32_t place = order.word(symbol, 4);
        if (order.word(symbol, 0) == 0)
          add(place < names.size() ? names.subspan(place) : Bytes());
        else
          add_whole(symbol.first(
              static_cast<std::size_t>(std::find(symbol.begin(), symbol.begin() + 8, 0) - symbol.begin())));
      }
      i += symbol[17];
    }
  }

  std::size_t left_;
  unsigned width_;
  std::uint64_t place_ = 0;
  bool good_ = true;
  std::vector<std::uint64_t> places_;
  std::vector<std::uint8_t> names_;
};

}  // namespace

bool begins_archive(Bytes content) { return says(content, 0, signature); }

std::optional<Member> member_at(Bytes content, std::size_t at) {
  if (at > content.size() || content.size() - at < member_header) return std::nullopt;
  if (!says(content, at + member_header - header_end.size(), header_end)) return std::nullopt;
  Member member{.at = at + member_header};
  std::size_t digits = 0;
  while (digits < size_digits && is_digit(content[at + size_at + digits]))
    member.size = member.size * 10 + (content[at + size_at + digits++] - '0');
  if (digits == 0) return std::nullopt;
  for (std::size_t k = digits; k < size_digits; ++k)
    if (content[at + size_at + k] != ' ') return std::nullopt;
  if (member.size > content.size() - member.at) return std::nullopt;
  return member;
}

unsigned symbol_table_width(Bytes archive) {
  static_assert(narrow_name.size() == name_size && wide_name.size() == name_size);
  if (!begins_archive(archive)) return 0;
  if (says(archive, archive_signature, narrow_name)) return 4;
  return says(archive, archive_signature, wide_name) ? 8 : 0;
}

std::optional<std::vector<std::uint8_t>> symbol_table(Bytes content, std::size_t at, std::size_t shift,
                                                      unsigned width, std::size_t size) {
  if (size < width) return std::nullopt;
  SymbolNames symbols(size - width, width);
  each_member(content, at, [&](const Member& member) {
    if (symbols.good())
      symbols.add_member(content.subspan(member.at, member.size), member.at - member_header + shift);
  });
  if (!symbols.good()) return std::nullopt;
  constexpr ByteOrder order{.big_endian = true};
  std::vector<std::uint8_t> table(width * (1 + symbols.count()));
  order.put(symbols.count(), width, table, 0);
  for (std::size_t i = 0; i < symbols.count(); ++i)
    order.put(symbols.places()[i], width, table, width * (i + 1));
  table.insert(table.end(), symbols.names().begin(), symbols.names().end());
  table.resize(size);
  return table;
}

}  // namespace ssmz::codec
