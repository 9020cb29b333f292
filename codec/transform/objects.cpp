// SPDX-License-Identifier: Apache-2.0
// Objects as differences, an archive's table of symbols taken out and made again.
#include "codec/transform/objects.hpp"

#include <algorithm>

#include "codec/base/signature.hpp"
#include "codec/transform/archive_members.hpp"
#include "codec/transform/relocatable_object.hpp"
#include "codec/transform/section_headers.hpp"
#include "codec/transform/section_table.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Of fewer bytes a table is not worth a block of its own. Not FORMAT.
constexpr std::size_t least_table = 1024, cost_of_part = 8;
// Where a table of symbols begins.
constexpr std::size_t table_at = archive_signature + member_header;

ObjectsForm form_of(const TransformLayout& layout) {
  return static_cast<ObjectsForm>(layout.line % objects_forms);
}
SectionTableForm table_form_of(const TransformLayout& layout) {
  return SectionTableForm::of(layout.line / objects_forms);
}

/// Where the first member's header stands.
std::size_t members_at(Bytes content) { return begins_archive(content) ? archive_signature : 0; }

/// Turns objects into the other form.
template <bool plain>
void exchange(std::span<std::uint8_t> content, std::size_t first_member) {
  each_member(content, first_member, [&](const Member& member) {
    const auto object = content.subspan(member.at, member.size);
    if (plain)
      object_from_differences(object);
    else
      object_to_differences(object);
  });
}

/// The table of symbols that an archive begins with, if it is of an even size, as they are.
std::optional<Member> table_of(Bytes archive) {
  if (symbol_table_width(archive) == 0) return std::nullopt;
  const std::optional<Member> table = member_at(archive, archive_signature);
  return table && table->size % 2 == 0 ? table : std::nullopt;
}

/// Whether its table of symbols is the one that the archive's members determine.
bool is_determined(Bytes archive) {
  const std::optional<Member> table = table_of(archive);
  if (!table) return false;
  const auto made = symbol_table(archive, table->next(), 0, symbol_table_width(archive), table->size);
  return made && std::ranges::equal(*made, archive.subspan(table->at, table->size));
}

/// Whole members from `at` on, if there are objects among them. Adds to `work` what it reads.
std::optional<WrittenPart> members_part(Bytes content, std::size_t at, std::size_t& work) {
  content = content.subspan(at);
  bool has_objects = false;
  const std::size_t end = each_member(content, members_at(content), [&](const Member& member) {
    if (has_objects) return;
    const std::optional<ElfHeader> header = object_header(content.subspan(member.at, member.size));
    has_objects = header && header->fits(member.size);
  });
  work += end;
  if (end < least_written_part || end > most_plain_size) return std::nullopt;
  const bool determined = is_determined(content.first(end));
  if (!has_objects && !determined) return std::nullopt;
  TransformLayout layout{.transform = Transform::objects};
  layout.line = static_cast<std::uint16_t>(determined ? ObjectsForm::archive : ObjectsForm::members);
  return WrittenPart{at, end, layout};
}

/// The object at `at`; likewise.
std::optional<WrittenPart> object_part(Bytes content, std::size_t at, std::size_t& work) {
  const std::size_t extent = object_extent(content.subspan(at), work);
  if (extent < least_written_part || extent > most_plain_size) return std::nullopt;
  return WrittenPart{at, extent, {.transform = Transform::objects}};
}

/// The end of the program that begins at `at`. Adds to `work` what many headers of one table would cost.
void add_table(Bytes content, std::size_t at, std::size_t& work, std::vector<WrittenPart>& parts) {
  const std::optional<SectionTable> table = section_table(content.subspan(at));
  if (!table || table->size < least_table) return;
  work += cost_of_part * table->size;
  TransformLayout layout{.transform = Transform::objects};
  layout.line = static_cast<std::uint16_t>(static_cast<unsigned>(ObjectsForm::table) +
                                           objects_forms * table->form.packed());
  parts.push_back({at + table->at, table->size, layout});
}

}  // namespace

bool valid_objects_layout(const TransformLayout& layout) noexcept {
  if (layout.crlf) return false;
  if (form_of(layout) != ObjectsForm::table) return layout.line < objects_forms;
  return table_form_of(layout).sections != 0;
}

std::optional<std::vector<std::uint8_t>> from_objects(const TransformLayout& layout, Bytes raw) {
  std::vector<std::uint8_t> plain(raw.begin(), raw.end());
  const ObjectsForm form = form_of(layout);
  if (form == ObjectsForm::object) {
    object_to_differences(plain);
    return plain;
  }
  if (form == ObjectsForm::table) {
    if (!section_table_to_differences(table_form_of(layout), plain)) return std::nullopt;
    return plain;
  }
  if (form == ObjectsForm::archive) {
    const std::optional<Member> table = table_of(raw);
    if (!table) return std::nullopt;
    plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(table->at),
                plain.begin() + static_cast<std::ptrdiff_t>(table->next()));
  }
  exchange<false>(plain, form == ObjectsForm::archive ? table_at : members_at(plain));
  return plain;
}

bool append_objects(const TransformLayout& layout, Bytes plain, std::size_t size,
                    std::vector<std::uint8_t>& raw) {
  const std::size_t start = raw.size();
  raw.insert(raw.end(), plain.begin(), plain.end());
  const auto content = std::span(raw).subspan(start);
  const ObjectsForm form = form_of(layout);
  if (form == ObjectsForm::object) {
    object_from_differences(content);
    return true;
  }
  if (form == ObjectsForm::table) return section_table_from_differences(table_form_of(layout), content);
  exchange<true>(content, form == ObjectsForm::archive ? table_at : members_at(content));
  if (form != ObjectsForm::archive) return true;
  const unsigned width = symbol_table_width(plain);
  if (width == 0 || size < plain.size() || plain.size() < table_at || (size - plain.size()) % 2 != 0)
    return false;
  const auto table = symbol_table(content, table_at, size - plain.size(), width, size - plain.size());
  if (table)
    raw.insert(raw.begin() + static_cast<std::ptrdiff_t>(start + table_at), table->begin(), table->end());
  return table.has_value();
}

void find_objects(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr Signature<8> archive{{'!', '<', 'a', 'r', 'c', 'h', '>', '\n'}, 1};
  constexpr Signature<4> object{{0x7f, 'E', 'L', 'F'}, 0};
  const std::size_t most_work = most_wasted(content.size());
  std::size_t work = 0, free = 0;
  std::size_t next_archive = archive.find(content, 0), next_object = object.find(content, 0);
  while (std::min(next_archive, next_object) < content.size() && work < most_work) {
    const std::size_t at = std::min(next_archive, next_object);
    std::optional<WrittenPart> part;
    if (at == next_archive)
      part = members_part(content, at, work);
    else if (at >= free + member_header && member_at(content, at - member_header))
      part = members_part(content, at - member_header, work);
    if (!part && at == next_object) part = object_part(content, at, work);
    if (!part && at == next_object) add_table(content, at, work, parts);
    free = part ? part->at + part->size : at + 1;
    if (part) parts.push_back(*part);
    if (next_archive < free) next_archive = archive.find(content, free);
    if (next_object < free) next_object = object.find(content, free);
  }
}

}  // namespace ssmz::codec
