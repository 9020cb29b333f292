// SPDX-License-Identifier: Apache-2.0
// Objects and archives of them: what follows is found to follow, and comes back.
#include "codec/transform/objects.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/object_samples.hpp"
#include "tests/packed_size.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::append_member;
using ssmz::test::append_text;
using ssmz::test::archive_of;
using ssmz::test::Bytes;
using ssmz::test::expect_damage_is_seen;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::object_file;
using ssmz::test::ObjectFile;
using ssmz::test::ObjectSample;
using ssmz::test::packed_size;
using ssmz::test::part_of;
using ssmz::test::program;
using ssmz::test::Program;
using ssmz::test::text_bytes;

constexpr auto parts_in = ssmz::test::parts_by<find_objects>;

std::uint16_t line_of(ObjectsForm form) { return static_cast<std::uint16_t>(form); }

/// The plain bytes of all of `content`, which is one part of this form.
Bytes plain_in(const Bytes& content, ObjectsForm form) {
  const auto parts = parts_in(content);
  EXPECT_EQ(parts.size(), 1u);
  if (parts.size() != 1) return {};
  EXPECT_EQ(parts[0].at, 0u);
  EXPECT_EQ(parts[0].size, content.size());
  EXPECT_EQ(parts[0].layout.line, line_of(form));
  const std::optional<Bytes> plain = plain_of(parts[0].layout, content);
  EXPECT_TRUE(plain) << "plain_of() compares what it gives with the content";
  return plain.value_or(Bytes());
}

/// Three objects.
std::vector<ObjectFile> members(unsigned functions = 40) {
  return {object_file({.prefix = "one", .functions = functions}),
          object_file({.prefix = "second", .functions = functions + 1}),
          object_file({.prefix = "the_third", .functions = functions + 2})};
}

/// An object of Windows that defines a short and a long name, and one that is not its.
ObjectFile coff_object() {
  const ByteOrder order{};
  Bytes bytes(20 + 600, 0x33), strings;
  std::fill_n(bytes.begin(), 20, std::uint8_t{0});
  order.put(0x8664, 2, bytes, 0);
  order.put(bytes.size(), 4, bytes, 8);
  order.put(5, 4, bytes, 12);
  const auto add = [&](const std::string& name, std::uint32_t value, unsigned section, unsigned kind,
                       unsigned more) {
    Bytes symbol(18, 0);
    if (name.size() <= 8) {
      std::copy(name.begin(), name.end(), symbol.begin());
    } else {
      order.put(4 + strings.size(), 4, symbol, 4);
      append_text(name, strings);
    }
    order.put(value, 4, symbol, 8), order.put(section, 2, symbol, 12);
    symbol[16] = static_cast<std::uint8_t>(kind), symbol[17] = static_cast<std::uint8_t>(more);
    bytes.insert(bytes.end(), symbol.begin(), symbol.end());
  };
  add(".text", 0, 1, 3, 1);
  add("of it", 1, 1, 2, 0);  // what the one before says more
  add("eight_ch", 16, 1, 2, 0);
  add("a_longer_name", 32, 1, 2, 0);
  add("of_others", 0, 0, 2, 0);
  bytes.resize(bytes.size() + 4);
  order.put(4 + strings.size(), 4, bytes, bytes.size() - 4);
  bytes.insert(bytes.end(), strings.begin(), strings.end());
  return {bytes, {"eight_ch", "a_longer_name"}, 0, 0};
}

TEST(Objects, AreFoundAndTheirTablesFollow) {
  for (const bool wide : {false, true})
    for (const bool big_endian : {false, true})
      for (const bool addends : {false, true}) {
        const ObjectFile file =
            object_file({.wide = wide, .big_endian = big_endian, .addends = addends, .machine = 22});
        const Bytes content = joined({text_bytes(77), file.bytes, text_bytes(30)});
        const auto parts = parts_in(content);
        ASSERT_EQ(parts.size(), 1u);
        EXPECT_EQ(parts[0].at, 77u);
        EXPECT_EQ(parts[0].size, file.bytes.size());
        const Bytes plain = plain_in(file.bytes, ObjectsForm::object);
        ASSERT_EQ(plain.size(), file.bytes.size());
        const auto is_zero = [&](std::size_t from, std::size_t size) {
          const auto begin = plain.begin() + static_cast<std::ptrdiff_t>(from);
          return std::count(begin, begin + static_cast<std::ptrdiff_t>(size), 0) ==
                 static_cast<std::ptrdiff_t>(size);
        };
        const std::size_t word = wide ? 8 : 4, n = file.sections;
        EXPECT_TRUE(is_zero(wide ? 40 : 32, word)) << "where the table is";
        EXPECT_TRUE(is_zero(file.table, 4 * n)) << "names";
        EXPECT_TRUE(is_zero(file.table + (8 + 2 * word) * n, word * n)) << "places";
        EXPECT_TRUE(is_zero(file.table + (8 + 4 * word) * n, 8 * n)) << "links";
        EXPECT_TRUE(is_zero(file.table + (16 + 5 * word) * n, word * n)) << "bytes of records";
      }
}

TEST(Objects, CodeTellsWhatIsRelocated) {
  const ObjectFile file = object_file({});
  const Bytes plain = plain_in(file.bytes, ObjectsForm::object);
  const ByteOrder order{};
  const std::uint64_t table = file.table + 2 * 64;
  const auto at = static_cast<std::size_t>(order.get(file.bytes, table + 24, 8));
  const auto size = static_cast<std::size_t>(order.get(file.bytes, table + 32, 8));
  std::size_t fields[3] = {};
  for (std::size_t i = 0; i < size / 24; ++i)
    ++fields[std::min<std::uint64_t>(2, order.get(plain, at + 24 * i, 8))];
  EXPECT_GT(fields[0], 35u) << "the next field of zeros";
  EXPECT_GT(fields[1], 35u) << "the one behind it";
  EXPECT_LT(fields[2], 20u) << "where no zeros are";
}

TEST(Objects, BecomeSmaller) {
  const ObjectFile file = object_file({.functions = 300});
  Bytes other = file.bytes;
  other[16] = 3;  // no relocatable object
  EXPECT_LT(packed_size(file.bytes) * 10, packed_size(other) * 9);
}

TEST(Objects, ArchivesDetermineTheirSymbols) {
  for (const unsigned width : {4u, 8u}) {
    auto files = members();
    files.push_back(coff_object());
    const Bytes archive = archive_of(files, width);
    const Bytes plain = plain_in(archive, ObjectsForm::archive);
    std::size_t names = 0, count = 0;
    for (const ObjectFile& file : files)
      for (const std::string& name : file.defined) names += name.size() + 1, ++count;
    EXPECT_EQ(plain.size(), archive.size() - (width * (count + 1) + names + 1) / 2 * 2);
  }
}

TEST(Objects, ArchivesBecomeSmaller) {
  Bytes archive = archive_of(members(200)), other = archive;
  for (std::size_t at = 0; at + 4 < other.size(); ++at)
    if (other[at] == 0x7f && other[at + 1] == 'E') other[at + 1] = 'e';
  EXPECT_LT(packed_size(archive) * 20, packed_size(other) * 17);
}

TEST(Objects, OtherTablesOfSymbolsStay) {
  const Bytes archive = archive_of(members());
  for (const std::size_t at : {70u, 75u, 700u}) {
    Bytes changed = archive;
    changed[at] ^= 1;
    EXPECT_EQ(plain_in(changed, ObjectsForm::members).size(), archive.size());
  }
  EXPECT_EQ(plain_in(archive_of(members(), 0), ObjectsForm::members).size(), archive_of(members(), 0).size());
}

TEST(Objects, MembersThatAreWholeAreFound) {
  const auto files = members();
  const Bytes archive = archive_of(files);
  const std::size_t last = archive.size() - (files[2].bytes.size() + 1) / 2 * 2 - 60;
  const Bytes cut(archive.begin(), archive.end() - 100);
  auto parts = parts_in(cut);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].size, last) << "what is behind has no end";
  EXPECT_EQ(parts[0].layout.line, line_of(ObjectsForm::members));
  EXPECT_TRUE(plain_of(parts[0].layout, part_of(cut, parts[0])));
  const std::size_t second = last - (files[1].bytes.size() + 1) / 2 * 2 - 60;
  const Bytes behind(archive.begin() + static_cast<std::ptrdiff_t>(second) - 33, archive.end());
  parts = parts_in(behind);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].at, 33u) << "a member's header";
  EXPECT_EQ(parts[0].size, behind.size() - 33);
  EXPECT_TRUE(plain_of(parts[0].layout, part_of(behind, parts[0])));
}

TEST(Objects, DamageIsSeenOrLeftAlone) {
  expect_damage_is_seen<find_objects>(archive_of(members(5)), 0, 3);
  for (const bool wide : {false, true})
    expect_damage_is_seen<find_objects>(object_file({.wide = wide, .functions = 12}).bytes, 0, 1);
}

TEST(Objects, DamagedPlainBytesGiveSomethingOrNothing) {
  const ObjectFile file = object_file({.functions = 12});
  const Bytes archive = archive_of(members(5));
  const TransformLayout object{.transform = Transform::objects};
  TransformLayout whole = object;
  whole.line = line_of(ObjectsForm::archive);
  expect_something_or_nothing(object, plain_in(file.bytes, ObjectsForm::object), file.bytes.size());
  expect_something_or_nothing(whole, plain_in(archive, ObjectsForm::archive), archive.size());
  const Bytes plain = plain_in(archive, ObjectsForm::archive);
  for (const std::size_t size : {plain.size() - 2, plain.size(), plain.size() + 1, plain.size() + 2}) {
    Bytes raw;
    EXPECT_FALSE(append_written(whole, plain, size, raw)) << "no room for the table of symbols";
  }
}

/// An object whose sections are all the same table.
constexpr std::size_t often = 20000;
Bytes one_table_often(std::uint32_t type) {
  constexpr std::size_t sections = often, records = 200000;
  const ByteOrder order{};
  Bytes bytes = object_file({.functions = 1}).bytes;
  bytes.resize(64);
  bytes.resize(64 + records + 64 * sections, 0);
  order.put(64 + records, 8, bytes, 40);
  order.put(sections, 2, bytes, 60);
  for (std::size_t i = 1; i < sections; ++i) {
    const std::size_t at = 64 + records + 64 * i;
    order.put(type, 4, bytes, at + 4), order.put(4, 8, bytes, at + 8);
    order.put(64, 8, bytes, at + 24), order.put(records, 8, bytes, at + 32);
    order.put(1, 4, bytes, at + 40), order.put(1, 4, bytes, at + 44);
  }
  return bytes;
}

TEST(Objects, TablesThatManySectionsNameTakeNoLongTime) {
  for (const std::uint32_t type : {2u, 4u, 9u, 17u}) {
    const Bytes bytes = one_table_often(type);
    Bytes raw;
    (void)append_written({.transform = Transform::objects}, bytes, bytes.size(), raw);
    ObjectFile member;
    member.bytes = bytes;
    TransformLayout layout{.transform = Transform::objects};
    layout.line = line_of(ObjectsForm::archive);
    raw.clear();
    (void)append_written(layout, archive_of({member}), 2 * bytes.size(), raw);
    (void)plain_of({.transform = Transform::objects}, bytes);
  }
}

TEST(Objects, ManyHeadersOfOneTableAreGivenUp) {
  const Bytes bytes = one_table_often(4);
  Bytes content(bytes.begin(), bytes.begin() + 64);
  for (unsigned i = 0; i < 20000; ++i) content.insert(content.end(), bytes.begin(), bytes.begin() + 64);
  content.insert(content.end(), bytes.begin() + 64, bytes.end());
  const ByteOrder order{};
  for (std::size_t i = 0; i <= 20000; ++i) {
    order.put(content.size() - 64 * i - 64 * often, 8, content, 64 * i + 40);
    order.put(std::uint64_t{1} << 40, 8, content, content.size() - 64 + 24);  // none is whole
  }
  EXPECT_TRUE(parts_in(content).empty());
}

TEST(Objects, ManyArchivesOfTheSameMembersAreGivenUp) {
  constexpr std::size_t archives = 20000, size = 8 + 60;
  Bytes content, members;
  for (unsigned i = 0; i < 10000; ++i) append_member("empty", {}, members);
  for (std::size_t i = 0; i < archives; ++i) {
    append_text("!<arch>\n", content, false);
    append_member("/", {}, content);
    const std::string far = std::to_string((archives - i - 1) * size);
    std::copy(far.begin(), far.end(), content.end() - 12);
  }
  content.insert(content.end(), members.begin(), members.end());
  EXPECT_TRUE(parts_in(content).empty());
}

TEST(Objects, EndsOfProgramsAreFoundAndFollow) {
  for (const bool wide : {false, true})
    for (const bool big_endian : {false, true})
      for (const bool stripped : {false, true}) {
        const Program is = program(wide, big_endian, stripped, 30);
        const Bytes content = joined({text_bytes(77), is.bytes, text_bytes(30)});
        const auto parts = parts_in(content);
        ASSERT_EQ(parts.size(), 1u);
        EXPECT_EQ(parts[0].at, 77 + is.names);
        EXPECT_EQ(parts[0].size, is.bytes.size() - is.names);
        const std::optional<Bytes> plain = plain_of(parts[0].layout, part_of(content, parts[0]));
        ASSERT_TRUE(plain);
        const auto table = plain->begin() + static_cast<std::ptrdiff_t>(is.table - is.names);
        const auto n = static_cast<std::ptrdiff_t>(is.sections), word = std::ptrdiff_t{wide ? 8 : 4};
        EXPECT_EQ(std::count(table, table + 4 * n, 0), 4 * n) << "names";
        // The first address, and its place.
        EXPECT_GE(std::count(table + (8 + word) * n, table + (8 + 3 * word) * n, 0), 2 * word * n - 5);
      }
}

TEST(Objects, EndsOfProgramsMayBeDamaged) {
  const Program is = program(true, false, false);
  expect_damage_is_seen<find_objects>(is.bytes, 0, 1);
  const auto parts = parts_in(is.bytes);
  ASSERT_EQ(parts.size(), 1u);
  const Bytes raw = part_of(is.bytes, parts[0]);
  expect_something_or_nothing(parts[0].layout, *plain_of(parts[0].layout, raw), raw.size());
  Bytes out;
  EXPECT_FALSE(append_written(parts[0].layout, Bytes(1000, 1), 1000, out)) << "shorter than its table";
}

TEST(Objects, OtherLayoutsAreRefused) {
  TransformLayout layout{.transform = Transform::objects, .plain_size = 100};
  EXPECT_TRUE(valid_transform_layout(layout.packed()));
  layout.line = 3;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
}

}  // namespace
}  // namespace ssmz::codec
