// SPDX-License-Identifier: Apache-2.0
// Pages of SQLite databases: lists of cells are made again, and rows follow each other.
#include "codec/transform/sqlite_pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "codec/base/ordered_numbers.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;

constexpr ByteOrder order{.big_endian = true};

void append_number(std::uint64_t value, Bytes& bytes) {
  for (unsigned shift = 56; shift > 0; shift -= 7)
    if (value >> shift != 0) bytes.push_back(static_cast<std::uint8_t>((value >> shift & 0x7fu) | 0x80u));
  bytes.push_back(static_cast<std::uint8_t>(value & 0x7fu));
}

void append_word(std::uint32_t value, Bytes& bytes) {
  for (unsigned shift = 32; shift > 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
}

/// A record of a text and a number of two bytes.
Bytes record_of(const Bytes& text, unsigned number) {
  Bytes types;
  append_number(13 + 2 * text.size(), types);
  types.push_back(2);
  Bytes record;
  append_number(types.size() + 1, record);
  record.insert(record.end(), types.begin(), types.end());
  record.insert(record.end(), text.begin(), text.end());
  record.push_back(static_cast<std::uint8_t>(number >> 8));
  record.push_back(static_cast<std::uint8_t>(number));
  return record;
}

/// What an edit leaves in a page: a block that is free and bytes that are lost.
enum class Edited : std::uint8_t { no, yes };

/// A page with `cells`, in the order of their keys, that were written in the order of `written`.
Bytes page_of(std::size_t size, std::size_t used, std::uint8_t type, const std::vector<Bytes>& cells,
              const std::vector<std::size_t>& written, bool first = false, Edited edited = Edited::no) {
  Bytes page(size, 0);
  for (std::size_t at = used; at < size; ++at) page[at] = 0x55;
  const std::size_t head = first ? 100 : 0, list = head + (type < 10 ? 12 : 8);
  std::size_t at = used, lost = 0, free = 0;
  for (std::size_t k = 0; k < written.size(); ++k) {
    const Bytes& cell = cells[written[k]];
    if (edited == Edited::yes && k % 5 == 2) {
      at -= 9;
      order.put(free, 2, page, at);
      order.put(9, 2, page, at + 2);
      free = at;
    }
    if (edited == Edited::yes && k % 3 == 1 && lost < 50) {
      const std::size_t bytes = k % 4;
      lost += bytes, at -= bytes;
    }
    at -= std::max<std::size_t>(cell.size(), 4);
    std::ranges::copy(cell, page.begin() + static_cast<std::ptrdiff_t>(at));
    order.put(at, 2, page, list + 2 * written[k]);
  }
  EXPECT_GE(at, list + 2 * cells.size());
  page[head] = type;
  order.put(free, 2, page, head + 1);
  order.put(cells.size(), 2, page, head + 3);
  order.put(at, 2, page, head + 5);
  page[head + 7] = static_cast<std::uint8_t>(lost);
  return page;
}

std::vector<std::size_t> numbers_to(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

/// Pages of all types; of indices cells were written in any order. Some of each type have been edited.
class Database {
 public:
  Database(std::size_t size, std::size_t left_over, unsigned pages)
      : size_(size), used_(size - left_over), left_over_(left_over) {
    for (unsigned i = 0; i < pages; ++i) append_page(i);
    const std::string_view magic("SQLite format 3\0", 16);
    std::ranges::copy(magic, bytes_.begin());
    order.put(size == 65536 ? 1 : size, 2, bytes_, 16);
    bytes_[20] = static_cast<std::uint8_t>(left_over);
  }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] TransformLayout layout() const {
    return {.transform = Transform::pages,
            .line = static_cast<std::uint16_t>(left_over_),
            .row = static_cast<std::uint32_t>(size_)};
  }

 private:
  void append_page(unsigned i) {
    constexpr std::uint8_t types[] = {13, 10, 13, 5, 10, 2};
    const bool first = i == 0;
    const std::uint8_t type = types[i % 6];
    std::vector<Bytes> cells;
    std::size_t room = used_ - (first ? 220 : 120);
    for (;;) {
      Bytes cell = cell_of(type, static_cast<unsigned>(cells.size()), i);
      const std::size_t needs = std::max<std::size_t>(cell.size(), 4) + 2 + 6;  // some are edited
      if (needs > room) break;
      room -= needs;
      cells.push_back(std::move(cell));
    }
    std::vector<std::size_t> written = numbers_to(cells.size());
    if (type == 10 || type == 2) {
      std::ranges::sort(cells, {}, [&](const Bytes& cell) {
        return Bytes(cell.begin() + (type == 2 ? 7 : 3), cell.end());
      });
      std::ranges::shuffle(written, random_);
    }
    const Edited edited = i % 5 == 3 || i % 7 == 4 ? Edited::yes : Edited::no;
    const Bytes page = page_of(size_, used_, type, cells, written, first, edited);
    bytes_.insert(bytes_.end(), page.begin(), page.end());
  }

  Bytes cell_of(std::uint8_t type, unsigned number, unsigned page) {
    Bytes cell;
    if (type < 10) append_word(page * 7 + number * 2, cell);
    if (type == 5) {
      append_number(row_ += 40, cell);
      return cell;
    }
    // Texts of one length, so that records have headers of one.
    const Bytes record =
        record_of(text_bytes(20, static_cast<unsigned>(random_())), static_cast<unsigned>(random_() % 60000));
    const bool overflows = number % 9 == 4 && type == 13 && size_ > 600;
    append_number(overflows ? used_ + 300 : record.size(), cell);
    if (type == 13) append_number(row_ += 1, cell);
    cell.insert(cell.end(), record.begin(), record.end());
    if (!overflows) return cell;
    const std::size_t least = (used_ - 12) * 32 / 255 - 23, most = used_ - 35;
    const std::size_t kept = least + (used_ + 300 - least) % (used_ - 4);
    const std::size_t local = kept <= most ? kept : least;
    cell.resize(cell.size() - record.size() + local, 'x');
    append_word(page + 1000, cell);
    return cell;
  }

  std::size_t size_, used_, left_over_;
  std::uint64_t row_ = 100;
  std::mt19937 random_{5};
  Bytes bytes_;
};

constexpr auto parts_in = ssmz::test::parts_by<find_pages>;

TEST(SqlitePages, DatabasesAreFoundAndComeBack) {
  for (const std::size_t size : {512u, 1024u, 4096u, 65536u})
    for (const std::size_t left_over : {0u, 32u}) {
      const Database database(size, left_over, 12);
      const Bytes content = joined({text_bytes(700), database.bytes(), Bytes(300, 'y')});
      const auto parts = parts_in(content);
      ASSERT_EQ(parts.size(), 1u) << size;
      EXPECT_EQ(parts[0].at, 700u);
      EXPECT_EQ(parts[0].size, database.bytes().size()) << "all pages follow the rule";
      EXPECT_EQ(parts[0].layout, database.layout());
      const std::optional<Bytes> plain = plain_of(parts[0].layout, database.bytes());
      ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
      EXPECT_EQ(plain->size(), database.bytes().size());
    }
}

TEST(SqlitePages, ListsAreZerosAndRowsAreSteps) {
  constexpr std::size_t size = 1024;
  const Database database(size, 0, 30);
  const Bytes plain = *plain_of(database.layout(), database.bytes());
  for (std::size_t page = 0; page < 30; ++page) {
    const std::size_t head = page * size + (page == 0 ? 100 : 0);
    const std::size_t list = head + (plain[head] < 10 ? 12 : 8);
    const auto cells = static_cast<std::size_t>(order.get(plain, head + 3, 2));
    for (std::size_t i = 0; i < cells; ++i)
      EXPECT_EQ(order.get(plain, list + 2 * i, 2) % (1u << 14), 0u) << page << " in the order of keys";
    for (std::size_t i = 1; i < cells && plain[head] == 13; ++i) {
      // Behind the payload's size.
      std::size_t at = page * size + static_cast<std::size_t>(order.get(database.bytes(), list + 2 * i, 2));
      at += plain[at] < 0x80 ? 1 : 2;
      at += plain[at] < 0x80 ? 0 : 1;
      EXPECT_EQ(plain[at], 1) << page << " a row further";
    }
    if (plain[head] >= 10) {
      EXPECT_EQ(order.get(plain, head + 5, 2), 0u) << page << " no cell begins with a 0";
    }
  }
}

TEST(SqlitePages, ThoseOfADatabaseThatBeganBeforeAreFound) {
  for (const std::size_t size : {512u, 4096u}) {
    const Database database(size, 0, 13);
    const Bytes rest(database.bytes().begin() + static_cast<std::ptrdiff_t>(size), database.bytes().end());
    const auto parts = parts_in(joined({text_bytes(123), rest}));
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].at, 123u);
    EXPECT_EQ(parts[0].size, rest.size());
    EXPECT_EQ(parts[0].layout, database.layout());
  }
}

TEST(SqlitePages, OtherPagesAreLeftOut) {
  constexpr std::size_t size = 1024;
  const Database database(size, 0, 12);
  for (const std::size_t others : {2u, 40u}) {
    const Bytes content = joined({database.bytes(), random_bytes(others * size), database.bytes()});
    EXPECT_EQ(parts_in(content).size(), others == 2 ? 1u : 2u);
    EXPECT_EQ(packed_size(content), packed_size(content)) << "and it comes back";
  }
  EXPECT_TRUE(parts_in(random_bytes(100000)).empty());
  EXPECT_TRUE(parts_in(text_bytes(100000)).empty());
  EXPECT_TRUE(parts_in(Bytes(100000, 13)).empty());
}

TEST(SqlitePages, MakesDatabasesSmaller) {
  const Bytes database = Database(1024, 0, 60).bytes();
  Bytes other = database;
  other[0] = 'T';
  for (std::size_t at = 0; at < other.size(); at += 1024) other[at + (at == 0 ? 107 : 7)] = 77;  // lost bytes
  EXPECT_TRUE(parts_in(other).empty());
  EXPECT_LT(packed_size(database) * 10, packed_size(other) * 9);
}

TEST(SqlitePages, DamagedDatabasesComeBack) {
  constexpr std::size_t size = 512, pages = 6;
  const Database database(size, 0, pages);
  for (std::size_t at = 0; at < database.bytes().size(); ++at)
    for (const unsigned change : {0x41u, 0xffu, 0x01u}) {
      Bytes damaged = database.bytes();
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
      const std::optional<Bytes> plain = plain_of(database.layout(), damaged);
      ASSERT_TRUE(plain) << at << " a page that is none stays as it is";
    }
  const Bytes& whole = database.bytes();
  for (std::size_t cut = 1; cut < whole.size(); cut += 7)
    EXPECT_TRUE(plain_of(database.layout(), std::span(whole).first(cut))) << cut;
}

TEST(SqlitePages, DamagedPlainBytesGiveAsManyBytes) {
  for (const std::size_t left_over : {0u, 20u}) {
    const Database database(512, left_over, 6);
    const Bytes plain = *plain_of(database.layout(), database.bytes());
    for (std::size_t at = 0; at < plain.size(); ++at)
      for (const unsigned change : {0xffu, 0x10u, 0x01u}) {
        Bytes damaged = plain;
        damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
        Bytes raw;
        EXPECT_TRUE(append_written(database.layout(), damaged, plain.size(), raw));
        EXPECT_EQ(raw.size(), plain.size());
      }
  }
}

TEST(SqlitePages, OtherLayoutsAreRefused) {
  const auto is_valid = [](std::uint32_t row, std::uint16_t line, bool crlf = false) {
    return valid_transform_layout(TransformLayout{
        .transform = Transform::pages, .crlf = crlf, .line = line, .plain_size = 1, .row = row}
                                      .packed());
  };
  for (std::uint32_t row = 512; row <= 65536; row *= 2) EXPECT_TRUE(is_valid(row, 0));
  EXPECT_TRUE(is_valid(512, 32));
  EXPECT_TRUE(is_valid(1024, 255));
  for (const std::uint32_t row : {0u, 1u, 256u, 513u, 3072u, 65535u, 65537u, 131071u})
    EXPECT_FALSE(is_valid(row, 0)) << row;
  EXPECT_FALSE(is_valid(512, 33));
  EXPECT_FALSE(is_valid(1024, 256));
  EXPECT_FALSE(is_valid(1024, 0, true));
  EXPECT_TRUE(can_write({.transform = Transform::pages, .plain_size = 700, .row = 512}, 700));
  EXPECT_FALSE(can_write({.transform = Transform::pages, .plain_size = 700, .row = 512}, 701));
}

}  // namespace
}  // namespace ssmz::codec
