// SPDX-License-Identifier: Apache-2.0
// Catalogues of messages: tables are found, left out and made again.
#include "codec/transform/catalogue.hpp"

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
using ssmz::test::text_bytes;

std::uint32_t hashpjw(const std::string& text) {
  std::uint32_t hash = 0;
  for (const char c : text) {
    if (c == 0) break;
    hash = (hash << 4) + static_cast<unsigned char>(c);
    if (const std::uint32_t high = hash & 0xf0000000u) hash = hash ^ (high >> 24), hash ^= high;
  }
  return hash;
}

/// What msgfmt writes of `count` messages, some of which have plurals; `more` bytes stand before the strings.
Bytes catalogue(bool big_endian, std::uint32_t count, std::uint32_t slots, std::size_t more = 0) {
  const ByteOrder order{big_endian};
  std::vector<std::string> strings;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Bytes text = text_bytes(10 + i % 60, i + 1);
    strings.push_back(std::to_string(1000 + i) + std::string(text.begin(), text.end()));
    if (i % 9 == 4) strings.back() += std::string("\0plural", 7);
  }
  std::ranges::sort(strings);
  for (std::uint32_t i = 0; i < count; ++i) strings.push_back("translated " + strings[i]);
  const std::uint32_t header = more != 0 ? 48 : 28, hashes = header + 16 * count;
  Bytes bytes(hashes + 4 * slots + more, 0);
  const std::uint32_t numbers[] = {0x950412de, more != 0 ? 1u : 0u, count, header, header + 8 * count, slots,
                                   hashes};
  for (std::size_t k = 0; k < 7; ++k) order.put(numbers[k], 4, bytes, 4 * k);
  for (std::size_t k = 0; k < more; ++k) bytes[bytes.size() - 1 - k] = static_cast<std::uint8_t>(k * 7);
  for (std::uint32_t i = 0; i < strings.size(); ++i) {
    order.put(strings[i].size(), 4, bytes, header + 8 * i);
    order.put(bytes.size(), 4, bytes, header + 8 * i + 4);
    bytes.insert(bytes.end(), strings[i].begin(), strings[i].end());
    bytes.push_back(0);
    if (i >= count) continue;
    const std::uint32_t hash = hashpjw(strings[i]);
    std::uint32_t slot = hash % slots;
    while (order.word(bytes, hashes + 4 * slot) != 0) slot = (slot + 1 + hash % (slots - 2)) % slots;
    order.put(i + 1, 4, bytes, hashes + 4 * slot);
  }
  return bytes;
}

constexpr auto parts_in = ssmz::test::parts_by<find_catalogues>;

TEST(Catalogue, TablesAreFoundAndComeBack) {
  for (const bool big_endian : {false, true})
    for (const std::size_t more : {0u, 37u}) {
      const Bytes file = catalogue(big_endian, 150, 211, more);
      const Bytes content = joined({text_bytes(99), file, text_bytes(50)});
      const auto parts = parts_in(content);
      ASSERT_EQ(parts.size(), 1u);
      EXPECT_EQ(parts[0].at, 99u);
      EXPECT_EQ(parts[0].size, file.size());
      EXPECT_EQ(parts[0].layout.line, big_endian ? 1u : 0u);
      const std::optional<Bytes> plain = plain_of(parts[0].layout, file);
      ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
      EXPECT_EQ(plain->size(), file.size() - 16 * 150 - 4 * 211 + 4);
    }
}

TEST(Catalogue, BecomesSmaller) {
  const Bytes file = catalogue(false, 600, 809);
  Bytes other = file;
  other[0] ^= 1;
  EXPECT_LT(packed_size(file) * 10, packed_size(other) * 8);
}

TEST(Catalogue, OtherTablesAreLeftAlone) {
  const Bytes file = catalogue(false, 60, 83);
  expect_damage_is_seen<find_catalogues>(file, 0, 1, 28, 28 + 16 * 60 + 4 * 83);
  expect_needs_all<find_catalogues>(file, 7);
  EXPECT_TRUE(parts_in(catalogue(false, 3, 5)).empty()) << "too small";
}

TEST(Catalogue, DamagedPlainBytesGiveSomethingOrNothing) {
  for (const bool big_endian : {false, true}) {
    const Bytes file = catalogue(big_endian, 40, 59, 20);
    const auto parts = parts_in(file);
    ASSERT_EQ(parts.size(), 1u);
    expect_something_or_nothing(parts[0].layout, *plain_of(parts[0].layout, file), file.size());
  }
}

TEST(Catalogue, SlotsThatAreNeverFreeAreRefused) {
  // Of 2^16 slots a step of half as many leads to two.
  const ByteOrder order;
  constexpr std::uint32_t slots = 1u << 16, count = 40000;
  Bytes plain(28 + 4, 0);
  const std::uint32_t numbers[] = {0x950412de, 0, count, 28, 28 + 8 * count, slots, 28 + 16 * count};
  for (std::size_t k = 0; k < 7; ++k) order.put(numbers[k], 4, plain, 4 * k);
  plain.resize(plain.size() + 2 * count, 0);
  const TransformLayout layout{.transform = Transform::catalogue};
  Bytes raw;
  EXPECT_FALSE(append_written(layout, plain, 28 + 16 * count + 4 * slots + 2 * count, raw));
}

}  // namespace
}  // namespace ssmz::codec
