// SPDX-License-Identifier: Apache-2.0
// Which kind a segment is taken for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "codec/block/registry.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::bytes_of;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;

constexpr std::size_t segment_size = 4096;

BlockKind cheapest(const Bytes& segment, int level) {
  KindEstimates estimates(Vocabulary::builtin(), level);
  const KindCosts& costs = estimates.of(std::span(segment).first(segment_size));
  return std::ranges::min_element(costs, {}, &KindCost::cost)->kind;
}

/// Rows of a dBase table, or of a text if they have ends.
Bytes table(const std::string& end) {
  const Bytes chance = random_bytes(4000);
  std::string rows;
  for (std::size_t i = 0; rows.size() < segment_size; ++i) {
    static constexpr const char* towns[] = {"Berlin    ", "Hamburg   ", "Muenchen  ", "Koeln     "};
    const std::string number = std::to_string(10000 + 3 * i), amount = std::to_string(100 + chance[i] * 3);
    rows += "    " + number + towns[chance[i + 500] % 4] + "       " + amount + ".00 2024" + end;
  }
  return bytes_of(rows);
}

TEST(KindEstimates, TellTextFromBytes) {
  for (const int level : {1, 5, 9}) {
    EXPECT_EQ(cheapest(text_bytes(segment_size), level), BlockKind::text);
    EXPECT_EQ(cheapest(record_bytes(segment_size), level), BlockKind::bytes);
  }
}

TEST(KindEstimates, TakeRecordsWithoutLinesForBytes) {
  EXPECT_EQ(cheapest(table(""), 5), BlockKind::bytes);
  EXPECT_EQ(cheapest(table("\n"), 5), BlockKind::text);
  Bytes line = text_bytes(segment_size);
  std::ranges::replace(line, '\n', ' ');
  EXPECT_EQ(cheapest(line, 5), BlockKind::text);
  EXPECT_EQ(cheapest(Bytes(segment_size, ' '), 5), cheapest(Bytes(segment_size, ' '), 1));
}

/// Relocations as readelf prints them. 60,000 bytes of such at -4: 2,057 as text, 1,606 as bytes.
Bytes hexadecimal_table() {
  const Bytes chance = random_bytes(4000);
  std::string rows;
  unsigned address = 0x4d2000;
  for (std::size_t i = 0; rows.size() < segment_size; ++i) {
    address += 8 * (1 + chance[i] % 2);
    char row[100];
    std::snprintf(row, sizeof row, "%016x  0000000000000008 R_X86_64_RELATIVE                         %x\n",
                  address, 0x1a0000 + 16 * (chance[i + 1000] * 64u + chance[i + 2000]));
    rows += row;
  }
  return bytes_of(rows);
}

/// 60,000 bytes of such at -1: 1,312 as text, 487 as bytes.
Bytes dictionary() {
  std::string lines;
  for (const std::string before : {"", "re", "un", "over", "out", "mis", "fore", "pre"})
    for (const std::string stem :
         {"abandon", "bark", "carve", "detect", "embark", "fasten", "gather", "harvest"})
      for (const std::string end : {"", "'s", "ed", "er", "ers", "ing", "ings", "s", "able", "ment", "ments"})
        lines += before + stem + end + "\n";
  return bytes_of(lines);
}

/// A colour table as ICC profiles have them: 33 steps of each of three samples of 16 bits, the last one
/// fastest.
Bytes colour_table() {
  constexpr unsigned steps = 33;
  Bytes table;
  const auto add = [&](unsigned sample) {
    table.push_back(static_cast<std::uint8_t>(sample >> 8));
    table.push_back(static_cast<std::uint8_t>(sample & 0xffu));
  };
  for (unsigned i = 9 * steps * steps; table.size() < segment_size; ++i) {
    add(i / (steps * steps) * 0xffff / (steps - 1));
    add(0x2ad5 + i / steps % steps * 0x555);
    add(0x34e9 + i % steps * 0x646);
  }
  return table;
}

/// 60,000 bytes of such at -1: 4,789 as text, 539 as bytes.
TEST(KindEstimates, TakeColourTablesForBytes) {
  for (const int level : {1, 2, 3}) EXPECT_EQ(cheapest(colour_table(), level), BlockKind::bytes) << level;
}

TEST(KindEstimates, TakeTablesOfHexadecimalForBytes) {
  for (const int level : {1, 3}) EXPECT_EQ(cheapest(hexadecimal_table(), level), BlockKind::bytes) << level;
}

TEST(KindEstimates, TakeSortedWordsForBytesWhereTextHasFewContexts) {
  EXPECT_EQ(cheapest(dictionary(), 1), BlockKind::bytes);
}

/// Made-up words, a line each.
std::vector<std::string> made_up_words() {
  constexpr const char* syllables[] = {"ba", "con", "der", "el", "fi", "gra", "hum", "in", "ket", "lo"};
  const Bytes chance = random_bytes(3 * segment_size);
  std::vector<std::string> words;
  for (std::size_t i = 0; words.size() < segment_size / 4; ++i)
    words.push_back(std::string(syllables[chance[3 * i] % 10]) + syllables[chance[3 * i + 1] % 10] +
                    syllables[chance[3 * i + 2] % 10] + "ing\n");
  return words;
}

Bytes joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line;
  return bytes_of(all);
}

TEST(KindEstimates, TakeListsOfWordsForBytesOnlyWhereTheyAreSorted) {
  std::vector<std::string> words = made_up_words();
  for (const int level : {4, 5, 9}) EXPECT_EQ(cheapest(joined(words), level), BlockKind::text) << level;
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const int level : {1, 3, 4, 5, 9})
    EXPECT_EQ(cheapest(joined(words), level), BlockKind::bytes) << level;
  for (std::string& word : words) word = "KPX " + word.substr(0, 2) + ' ' + word.substr(2);
  EXPECT_EQ(cheapest(joined(words), 5), BlockKind::text);
}

}  // namespace
}  // namespace ssmz::codec
