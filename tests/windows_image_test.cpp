// SPDX-License-Identifier: Apache-2.0
// Programs of Windows: what a loader relocates is found again, functions follow each other.
#include "codec/transform/windows_image.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base/ordered_numbers.hpp"
#include "codec/transform/unfinished.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::expect_damage_is_seen;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::part_of;
using ssmz::test::text_bytes;

constexpr ByteOrder order{};

/// A library of code and data that hold addresses of each other, with lists of both.
struct Library {
  explicit Library(bool is_wide, std::uint32_t code_size = 40000, unsigned step = 16) : wide(is_wide) {
    const std::uint32_t data_size = code_size / 4;
    code = place(0x1000, code_size), data = place(0x40000, data_size), functions = place(0x80000, 0);
    std::mt19937 random(6);
    const auto some = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    bytes.resize(data.at + data_size);
    fill_headers();
    const unsigned width = wide ? 8 : 4;
    for (const Place& is : {code, data})
      for (std::uint32_t at = 0; at + width <= is.size; at += width + some(40)) {
        order.put(base + 0x1000 + some(0x50000), width, bytes, is.at + at);
        relocated.push_back(is.address + at);
      }
    // What looks like an address and is none, and the reverse.
    for (std::uint32_t at = 11; at + 400 < code_size; at += 1000) {
      order.put(base + 0x2000, width, bytes, code.at + at);
      std::erase_if(relocated, [&](std::uint32_t is) {
        return is + width > code.address + at && is < code.address + at + width;
      });
    }
    order.put(1, 4, bytes, data.at + 4 * width);
    if (wide) append_functions(random, step);
    relocations = place(0x90000, 0);
    append_relocations();
    fill_table(relocations, 5);
    fill_sections();
    end = bytes.size();
    bytes.resize(bytes.size() + 300, 0);
  }

  struct Place {
    std::uint32_t address = 0, size = 0;
    std::size_t at = 0;
  };

  Place place(std::uint32_t address, std::uint32_t size) {
    const std::size_t at = std::max<std::size_t>(bytes.size(), 0x400);
    bytes.resize(at + size);
    return {address, size, at};
  }

  void fill_headers() {
    bytes[0] = 'M', bytes[1] = 'Z';
    order.put(pe, 4, bytes, 60);
    bytes[pe] = 'P', bytes[pe + 1] = 'E';
    order.put(wide ? 0x8664 : 0x14c, 2, bytes, pe + 4);
    order.put(wide ? 4 : 3, 2, bytes, pe + 6);
    order.put(wide ? 240 : 224, 2, bytes, pe + 20);
    order.put(wide ? 0x20b : 0x10b, 2, bytes, pe + 24);
    if (wide)
      order.put(base, 8, bytes, pe + 24 + 24);
    else
      order.put(base, 4, bytes, pe + 24 + 28);
    order.put(0x92000, 4, bytes, pe + 24 + 56);
    order.put(16, 4, bytes, directories() - 4);
  }
  [[nodiscard]] std::size_t directories() const { return pe + 24 + (wide ? 112 : 96); }

  void append_functions(std::mt19937& random, unsigned step) {
    functions = place(0x80000, 0);
    std::uint32_t begin = code.address, unwind = 0x50000;
    while (begin + 300 < code.address + code.size) {
      const auto size = static_cast<std::uint32_t>(random() % 250 + 1);
      bytes.resize(bytes.size() + 12);
      order.put(begin, 4, bytes, bytes.size() - 12);
      order.put(begin + size, 4, bytes, bytes.size() - 8);
      order.put(unwind, 4, bytes, bytes.size() - 4);
      begin = (begin + size + step - 1) / step * step;
      unwind += 4 * static_cast<std::uint32_t>(1 + random() % 5);
    }
    fill_table(functions, 3);
  }

  void append_relocations() {
    const unsigned kind = wide ? 10 : 3;
    for (auto from = relocated.begin(); from != relocated.end();) {
      const std::uint32_t page = *from / 4096;
      const std::size_t block = bytes.size();
      bytes.resize(block + 8);
      for (; from != relocated.end() && *from / 4096 == page; ++from) {
        bytes.resize(bytes.size() + 2);
        order.put(kind << 12 | *from % 4096, 2, bytes, bytes.size() - 2);
      }
      bytes.resize((bytes.size() - block + 3) / 4 * 4 + block);
      order.put(page * 4096, 4, bytes, block);
      order.put(bytes.size() - block, 4, bytes, block + 4);
    }
  }

  /// From `is` on to the end of what there is.
  void fill_table(Place& is, unsigned directory) {
    is.size = static_cast<std::uint32_t>(bytes.size() - is.at);
    order.put(is.address, 4, bytes, directories() + 8 * directory);
    order.put(is.size, 4, bytes, directories() + 8 * directory + 4);
  }

  void fill_sections() {
    std::size_t at = pe + 24 + (wide ? 240 : 224);
    std::vector<Place> all = {code, data};
    if (wide) all.push_back(functions);
    all.push_back(relocations);
    for (const Place& is : all) {
      const std::uint32_t numbers[] = {is.size, is.address, is.size, static_cast<std::uint32_t>(is.at)};
      for (std::size_t k = 0; k < 4; ++k) order.put(numbers[k], 4, bytes, at + 8 + 4 * k);
      at += 40;
    }
  }

  static constexpr std::size_t pe = 0x80;
  static constexpr std::uint32_t base = 0x10000000;
  bool wide;
  Bytes bytes;
  Place code, data, functions, relocations;
  std::vector<std::uint32_t> relocated;
  std::size_t end = 0;  // of the list
};

constexpr auto parts_in = ssmz::test::parts_by<find_images>;

TEST(WindowsImage, TablesAreFoundAndComeBack) {
  for (const bool wide : {false, true})
    for (const unsigned step : {4u, 16u}) {
      const Library library(wide, 40000, step);
      const Bytes content = joined({text_bytes(333), library.bytes});
      const auto parts = parts_in(content);
      ASSERT_EQ(parts.size(), 1u);
      EXPECT_EQ(parts[0].at, 333u);
      EXPECT_EQ(parts[0].size, library.end);
      const ImageForm form = ImageForm::of(parts[0].layout.line);
      EXPECT_TRUE(form.relocations);
      EXPECT_EQ(form.functions, wide);
      EXPECT_EQ(form.rising, wide);
      EXPECT_EQ(form.wide_steps, wide && step == 16);
      const std::optional<Bytes> plain = plain_of(parts[0].layout, part_of(content, parts[0]));
      ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
      EXPECT_LT(plain->size(), library.relocations.at + library.relocated.size() / 4);
    }
}

TEST(WindowsImage, FunctionsBeginWhereTheyAreExpected) {
  const Library library(true);
  const auto parts = parts_in(library.bytes);
  const Bytes plain = *plain_of(parts.at(0).layout, part_of(library.bytes, parts[0]));
  for (std::size_t at = 12; at < library.functions.size; at += 12)
    EXPECT_EQ(order.word(plain, library.functions.at + at), 0u);
}

TEST(WindowsImage, RelocationsOfWhatIsNoAddressAreKept) {
  const Library library(false);
  const Bytes& bytes = library.bytes;
  EXPECT_TRUE(std::ranges::count(library.relocated, library.data.address + 16) == 0 ||
              order.word(bytes, library.data.at + 16) == 1);
  const auto parts = parts_in(bytes);
  EXPECT_TRUE(plain_of(parts.at(0).layout, part_of(bytes, parts[0])));
}

TEST(WindowsImage, LibrariesBecomeSmaller) {
  for (const bool wide : {false, true}) {
    const Library library(wide, 60000);
    Bytes other = library.bytes;
    other[Library::pe] = 'Q';
    EXPECT_LT(packed_size(library.bytes) * 100, packed_size(other) * 95);
  }
}

TEST(WindowsImage, OthersAreLeftAlone) {
  const Library library(true, 9000);
  expect_damage_is_seen<find_images>(library.bytes, 0, 11);
}

TEST(WindowsImage, DamagedPlainBytesGiveSomethingOrNothing) {
  for (const bool wide : {false, true}) {
    const Library library(wide, 9000);
    const auto parts = parts_in(library.bytes);
    ASSERT_EQ(parts.size(), 1u);
    const Bytes plain = *plain_of(parts[0].layout, part_of(library.bytes, parts[0]));
    expect_something_or_nothing(parts[0].layout, plain, parts[0].size, 3);
  }
}

TEST(WindowsImage, WaitsForTheWindowThatHasItsTables) {
  const Library library(false);
  const Bytes content = joined({text_bytes(1000), library.bytes});
  EXPECT_EQ(unfinished_from(content), content.size());
  EXPECT_EQ(unfinished_from(std::span(content).first(1000 + library.end - 1)), 1000u);
  EXPECT_EQ(unfinished_from(std::span(content).first(1000 + 3000)), 1000u);
}

TEST(WindowsImage, HeadersThatAllHaveLongTablesAreGivenUp) {
  // Each says that what follows for megabytes are functions, and they are none: without a bound this takes
  // 8 s instead of 0.03.
  constexpr std::uint32_t table = 4u << 20, header = 512;
  Library library(true, 400);
  const std::size_t sections = Library::pe + 24 + 240;
  order.put(1, 2, library.bytes, Library::pe + 6);
  const std::uint32_t numbers[] = {table, 0x1000, table, header};
  for (std::size_t k = 0; k < 4; ++k) order.put(numbers[k], 4, library.bytes, sections + 8 + 4 * k);
  order.put(0x1000, 4, library.bytes, library.directories() + 8 * 3);
  order.put(table, 4, library.bytes, library.directories() + 8 * 3 + 4);
  Bytes content(std::size_t{8} << 20, 0);
  for (std::size_t at = 0; at < content.size(); at += header)
    std::copy_n(library.bytes.begin(), header, content.begin() + static_cast<std::ptrdiff_t>(at));
  EXPECT_TRUE(parts_in(content).empty());
}

TEST(WindowsImage, SectionsOverEachOtherAreRefused) {
  Library library(false, 9000);
  const std::size_t second = Library::pe + 24 + 224 + 40;
  order.put(0x400, 4, library.bytes, second + 20);
  EXPECT_TRUE(parts_in(library.bytes).empty());
}

}  // namespace
}  // namespace ssmz::codec
