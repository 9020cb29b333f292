// SPDX-License-Identifier: Apache-2.0
// Numbers that rise from record to record: any bytes come back, relocations are found.
#include "codec/transform/record_steps.hpp"

#include <gtest/gtest.h>

#include <array>

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
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;

/// As a linker writes them: of one kind, for the pointers of tables of records.
Bytes relocations(bool wide, bool big_endian, bool addends, std::size_t count, std::uint32_t kind) {
  std::mt19937 random(8);
  const ByteOrder order{big_endian};
  const unsigned width = wide ? 8 : 4;
  std::uint64_t place = 0x21f8a0, to = 0x4000;
  std::array<std::uint64_t, 5> fields = {1, 2, 1, 3, 1};
  Bytes bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = bytes.size();
    bytes.resize(at + width * (addends ? 3 : 2));
    order.put(place, width, bytes, at);
    order.put(kind, width, bytes, at + width);
    if (addends) order.put(to, width, bytes, at + 2 * width);
    place += width * fields[i % fields.size()];
    if (i % 40 == 39) fields[random() % fields.size()] = random() % 4 + 1;
    to = random() % 0x80000;
  }
  return bytes;
}

constexpr auto parts_in = ssmz::test::parts_by<find_steps>;

TEST(RecordSteps, AnyBytesComeBack) {
  for (std::uint16_t line = 0; line < 4; ++line)
    for (const std::uint32_t row : {8u, 12u, 24u, 1000u})
      for (const std::size_t size : {1u, 8u, 4095u}) {
        const TransformLayout layout{.transform = Transform::steps, .line = line, .row = row};
        const Bytes raw = random_bytes(size);
        const std::optional<Bytes> plain = plain_of(layout, raw);
        ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
        Bytes written;
        ASSERT_TRUE(append_written(layout, raw, raw.size(), written));
        EXPECT_EQ(*plain_of(layout, written), raw);
      }
}

TEST(RecordSteps, PlainNumbersAreSteps) {
  const Bytes raw = relocations(true, false, true, 100, 8);
  const TransformLayout layout{
      .transform = Transform::steps, .line = StepForm{.wide = true}.packed(), .row = 24};
  const Bytes plain = from_steps(layout, raw);
  for (std::size_t at = 24; at < raw.size(); at += 24) {
    EXPECT_EQ(ByteOrder{}.get(plain, at, 8), ByteOrder{}.get(raw, at, 8) - ByteOrder{}.get(raw, at - 24, 8));
    EXPECT_TRUE(std::equal(plain.begin() + static_cast<std::ptrdiff_t>(at) + 8,
                           plain.begin() + static_cast<std::ptrdiff_t>(at) + 24,
                           raw.begin() + static_cast<std::ptrdiff_t>(at) + 8));
  }
}

TEST(RecordSteps, RelocationsOfEachFormAreFound) {
  for (const bool wide : {false, true})
    for (const bool big_endian : {false, true})
      for (const bool addends : {false, true}) {
        if (wide && !addends) continue;  // no processor has them
        const Bytes records = relocations(wide, big_endian, addends, 200, wide ? 8 : 22);
        const Bytes content = joined({text_bytes(400), records, random_bytes(64)});
        const auto parts = parts_in(content);
        ASSERT_EQ(parts.size(), 1u) << wide << big_endian << addends;
        EXPECT_EQ(parts[0].at, 400u);
        EXPECT_EQ(parts[0].size, records.size());
        const unsigned width = wide ? 8 : 4;
        EXPECT_EQ(parts[0].layout.row, width * (addends ? 3 : 2));
        EXPECT_EQ(parts[0].layout.line, (StepForm{wide, big_endian}.packed()));
      }
}

TEST(RecordSteps, MakeRelocationsSmaller) {
  const Bytes records = relocations(true, false, true, 3000, 8);
  Bytes other = records;
  for (std::size_t at = 8; at < other.size(); at += 24) other[at] = 9;  // of a kind that is not usual
  EXPECT_TRUE(parts_in(other).empty());
  EXPECT_LT(packed_size(records) * 100, packed_size(other) * 95);
}

TEST(RecordSteps, OtherRecordsAreLeftAlone) {
  EXPECT_TRUE(parts_in(record_bytes(100000)).empty());
  EXPECT_TRUE(parts_in(random_bytes(100000)).empty());
  EXPECT_TRUE(parts_in(text_bytes(100000)).empty());
  EXPECT_TRUE(parts_in(Bytes(100000, 0)).empty());
  EXPECT_TRUE(parts_in(relocations(true, false, true, 40, 8)).empty()) << "too few";
}

TEST(RecordSteps, LayoutsOfShortRecordsAreRefused) {
  for (const std::uint16_t line : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{4}})
    for (const std::uint32_t row : {0u, 3u, 4u, 8u}) {
      const TransformLayout layout{.transform = Transform::steps, .line = line, .plain_size = 1, .row = row};
      EXPECT_EQ(valid_transform_layout(layout.packed()), line < 2 && row >= (line == 1 ? 8u : 4u));
    }
}

}  // namespace
}  // namespace ssmz::codec
