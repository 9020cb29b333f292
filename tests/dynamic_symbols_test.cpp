// SPDX-License-Identifier: Apache-2.0
// Symbols of shared libraries: tables as linkers write them are found, left out and made again.
#include "codec/transform/dynamic_symbols.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "codec/base/ordered_numbers.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::expect_damage_is_seen;
using ssmz::test::expect_needs_all;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::part_of;
using ssmz::test::text_bytes;

// The hashes as their documents give them, character by character.
std::uint32_t gnu_hash_of(const std::string& name) {
  std::uint32_t hash = 5381;
  for (const char c : name) hash = (hash << 5) + hash + static_cast<unsigned char>(c);
  return hash;
}

std::uint32_t sysv_hash_of(const std::string& name) {
  std::uint32_t hash = 0;
  for (const char c : name) {
    hash = (hash << 4) + static_cast<unsigned char>(c);
    if (const std::uint32_t high = hash & 0xf0000000u) hash ^= high >> 24, hash &= ~high;
  }
  return hash;
}

struct Symbol {
  std::string name;
  std::uint32_t place = 0;
  std::uint64_t value = 0;
};

/// What a linker writes of some functions: the first few are looked up elsewhere.
class Library {
 public:
  Library(SymbolForm form, unsigned functions) : form_(form) {
    std::mt19937 random(3);
    strings_.push_back(0);
    for (unsigned i = 0; i < functions; ++i) {
      Symbol is{"module" + std::to_string(i / 7) + "_function_" + std::to_string(random() % 90000), 0,
                0x1000 + 16 * i};
      is.place = static_cast<std::uint32_t>(strings_.size());
      strings_.insert(strings_.end(), is.name.begin(), is.name.end());
      strings_.push_back(0);
      symbols_.push_back(std::move(is));
    }
    symbols_.push_back({symbols_[4].name, symbols_[4].place, 0x77777});  // of another version
    const auto held = symbols_.begin() + imported;
    if (form.gnu)
      std::stable_sort(held, symbols_.end(), [&](const Symbol& a, const Symbol& b) {
        return gnu_hash_of(a.name) % buckets < gnu_hash_of(b.name) % buckets;
      });
    symbols_.insert(symbols_.begin(), Symbol{});
  }

  /// An ELF file's beginning up to the last name's end. Each bucket's chain has the last symbol first, or as
  /// `rising` says.
  [[nodiscard]] Bytes file(bool rising = false) const {
    Bytes bytes(header, 0);
    bytes[0] = 0x7f, bytes[1] = 'E', bytes[2] = 'L', bytes[3] = 'F';
    bytes[4] = form_.wide ? 2 : 1, bytes[5] = form_.big_endian ? 2 : 1;
    if (form_.sysv) append_sysv(rising, bytes);
    align(bytes);
    if (form_.gnu) append_gnu(bytes);
    align(bytes);
    for (const Symbol& is : symbols_) {
      append(is.place, 4, bytes);
      if (form_.wide) {
        append(is.place != 0 ? 0x1200000e : 0, 4, bytes);
        append(is.value, 8, bytes);
        append(is.value % 97, 8, bytes);
      } else {
        append(is.value, 4, bytes);
        append(is.value % 97, 4, bytes);
        append(is.place != 0 ? 0x1200000e : 0, 4, bytes);
      }
    }
    bytes.insert(bytes.end(), strings_.begin(), strings_.end());
    return bytes;
  }

  static constexpr std::size_t header = 0x90;  // of the file, and of its segments

 private:
  static constexpr unsigned imported = 3, buckets = 37;

  void append(std::uint64_t value, unsigned size, Bytes& bytes) const {
    bytes.resize(bytes.size() + size);
    ByteOrder{form_.big_endian}.put(value, size, bytes, bytes.size() - size);
  }
  void align(Bytes& bytes) const {
    const std::size_t word = form_.wide ? 8 : 4;
    bytes.resize((bytes.size() + word - 1) / word * word);
  }

  void append_sysv(bool rising, Bytes& bytes) const {
    std::vector<std::uint32_t> heads(buckets), next(symbols_.size());
    for (std::uint32_t k = 1; k < symbols_.size(); ++k) {
      const auto i = static_cast<std::uint32_t>(rising ? symbols_.size() - k : k);
      std::uint32_t& head = heads[sysv_hash_of(symbols_[i].name) % buckets];
      next[i] = head;
      head = i;
    }
    append(buckets, 4, bytes);
    append(symbols_.size(), 4, bytes);
    for (const auto& list : {heads, next})
      for (const std::uint32_t i : list) append(i, 4, bytes);
  }

  void append_gnu(Bytes& bytes) const {
    constexpr unsigned words = 8, shift = 6, first = 1 + imported;
    const unsigned word = form_.wide ? 8 : 4, bits = 8 * word;
    std::vector<std::uint64_t> bloom(words);
    std::vector<std::uint32_t> heads(buckets), chain;
    for (std::uint32_t i = first; i < symbols_.size(); ++i) {
      const std::uint32_t hash = gnu_hash_of(symbols_[i].name);
      bloom[hash / bits % words] |= std::uint64_t{1} << hash % bits;
      bloom[hash / bits % words] |= std::uint64_t{1} << (hash >> shift) % bits;
      if (heads[hash % buckets] == 0) heads[hash % buckets] = i;
      const bool last =
          i + 1 == symbols_.size() || gnu_hash_of(symbols_[i + 1].name) % buckets != hash % buckets;
      chain.push_back(last ? hash | 1u : hash & ~1u);
    }
    for (const std::uint32_t number : {buckets, first, words, shift}) append(number, 4, bytes);
    for (const std::uint64_t is : bloom) append(is, word, bytes);
    for (const auto& list : {heads, chain})
      for (const std::uint32_t is : list) append(is, 4, bytes);
  }

  SymbolForm form_;
  std::vector<Symbol> symbols_;
  Bytes strings_;
};

std::vector<SymbolForm> forms() {
  std::vector<SymbolForm> all;
  for (std::uint16_t line = 4; line < 16; ++line) all.push_back(SymbolForm::of(line));
  return all;
}

constexpr auto parts_in = ssmz::test::parts_by<find_symbols>;

TEST(DynamicSymbols, TablesAreFoundAndComeBack) {
  for (const SymbolForm& form : forms())
    for (const bool rising : {false, true}) {
      const Bytes file = Library(form, 400).file(rising);
      const std::vector<WrittenPart> parts = parts_in(file);
      ASSERT_EQ(parts.size(), 1u) << form.packed();
      EXPECT_EQ(parts[0].at, Library::header);
      EXPECT_EQ(parts[0].at + parts[0].size, file.size());
      EXPECT_EQ(parts[0].layout.line, form.packed());
      const Bytes raw(file.begin() + Library::header, file.end());
      const std::optional<Bytes> plain = plain_of(parts[0].layout, raw);
      ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
      EXPECT_LT(plain->size() + 3 * 390, raw.size()) << "hashes are four bytes, ranks are one";
    }
}

TEST(DynamicSymbols, OfSortedOnesNamesFollowEachOther) {
  const Bytes file = Library({.wide = true, .gnu = true}, 400).file();
  const auto parts = parts_in(file);
  const Bytes plain = *plain_of(parts.at(0).layout, Bytes(file.begin() + Library::header, file.end()));
  constexpr std::size_t front = 5 * 4, first = 1 + 3;
  std::size_t zeros = 0;
  for (std::size_t i = first + 1; i < 401; ++i) zeros += ByteOrder{}.word(plain, front + 24 * i) == 0;
  EXPECT_EQ(zeros, 400 - first - 1) << "but for the name that two symbols have";
}

TEST(DynamicSymbols, MakeLibrariesSmaller) {
  const Bytes file =
      joined({Library({.wide = true, .sysv = true, .gnu = true}, 600).file(), text_bytes(3000)});
  Bytes other = file;
  other[0] = 0x7e;  // no ELF
  EXPECT_LT(packed_size(file) * 10, packed_size(other) * 6);
}

TEST(DynamicSymbols, OtherTablesAreLeftAlone) {
  const Bytes file = Library({.wide = true, .gnu = true}, 300).file();
  expect_damage_is_seen<find_symbols>(file, Library::header, 13, Library::header, Library::header + 1000);
  expect_needs_all<find_symbols>(file, 101);
}

TEST(DynamicSymbols, DamagedPlainBytesGiveSomethingOrNothing) {
  for (const SymbolForm& form : forms()) {
    const Bytes file = Library(form, 80).file();
    const auto parts = parts_in(file);
    ASSERT_EQ(parts.size(), 1u);
    expect_something_or_nothing(parts[0].layout, *plain_of(parts[0].layout, part_of(file, parts[0])),
                                parts[0].size);
  }
}

TEST(DynamicSymbols, FilesThatAllHaveLongTablesAreGivenUp) {
  // Each says that most of what follows is chains, which end at once: without a bound this takes minutes.
  const ByteOrder order;
  Bytes content(std::size_t{8} << 20, 0);
  for (std::size_t at = 0; at < content.size(); at += 16) {
    content[at] = 0x7f, content[at + 1] = 'E', content[at + 2] = 'L', content[at + 3] = 'F';
    content[at + 4] = 2, content[at + 5] = 1;
    order.put(content.size() / 16, 4, content, at + 8);
    order.put(content.size() / 16, 4, content, at + 12);
  }
  EXPECT_TRUE(parts_in(content).empty());
}

TEST(DynamicSymbols, NamesThatShareAllTheirBytesAreRefused) {
  // Each name is a million bytes long.
  const SymbolForm form{.wide = true, .gnu = true};
  const ByteOrder order;
  constexpr std::uint32_t symbols = 100000;
  Bytes plain(20 + 24 * std::size_t{symbols} + symbols - 1, 0);
  const std::uint32_t sizes[] = {symbols, 1, 1, 1, 5};
  for (std::size_t k = 0; k < 5; ++k) order.put(sizes[k], 4, plain, 4 * k);
  for (std::size_t i = 1; i < symbols; ++i)
    order.put(i == 1 ? 0 : ~std::uint32_t{1000000}, 4, plain, 20 + 24 * i);
  plain.insert(plain.end(), 1000000, 'a');
  plain.push_back(0);
  const TransformLayout layout{.transform = Transform::symbols, .line = form.packed()};
  Bytes raw;
  EXPECT_FALSE(append_written(layout, plain, 16 + 8 + 8 + 4 * (symbols - 1) + 24 * symbols + 1000001, raw));
}

}  // namespace
}  // namespace ssmz::codec
