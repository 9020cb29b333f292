// SPDX-License-Identifier: Apache-2.0
// Tables that unwind the stack: the list is made again, and functions follow each other.
#include "codec/transform/unwind.hpp"

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
using ssmz::test::expect_needs_all;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::text_bytes;

/// What a linker writes of `functions` that begin at multiples of `step`, in two groups, each with what says
/// how their addresses are written; some of the second know of exceptions.
class Tables {
 public:
  Tables(bool big_endian, unsigned functions, unsigned step = 16) : order_{big_endian} {
    std::mt19937 random(9);
    std::uint32_t begin = 0x4008;
    for (unsigned i = 0; i < functions; ++i) {
      if (i == 0) append_common(false);
      if (i == functions / 2) append_common(true);
      const bool language = i >= functions / 2;
      const auto size = static_cast<std::uint32_t>(random() % 200 + 1);
      append_function(begin, size, language, language && i % 3 == 0 ? 0x9000 + 20 * i : 0);
      begin = (begin - 8 + size + step - 1) / step * step + 8;
    }
  }

  [[nodiscard]] Bytes bytes() const {
    Bytes all = {0x01, 0x1b, 0x03, 0x3b};
    append(header_size() + gap - 4, all);
    append(static_cast<std::uint32_t>(entries_.size()), all);
    auto sorted = entries_;
    std::ranges::sort(sorted, {}, &std::pair<std::int32_t, std::uint32_t>::first);
    for (const auto& [begin, record] : sorted) {
      append(static_cast<std::uint32_t>(begin), all);
      append(header_size() + gap + record, all);
    }
    all.resize(all.size() + gap);
    for (const Pointer& is : pointers_)
      order_.put(is.address - (header_size() + gap + static_cast<std::uint32_t>(is.at)), 4, frame_mutable(),
                 is.at);
    all.insert(all.end(), frame_.begin(), frame_.end());
    return all;
  }

 private:
  static constexpr std::uint32_t gap = 4;

  struct Pointer {
    std::size_t at;
    std::uint32_t address;  // counted from the list's beginning
  };

  [[nodiscard]] std::uint32_t header_size() const {
    return 12 + 8 * static_cast<std::uint32_t>(entries_.size());
  }
  [[nodiscard]] Bytes& frame_mutable() const { return frame_; }

  void append(std::uint32_t value, Bytes& bytes) const {
    bytes.resize(bytes.size() + 4);
    order_.put(value, 4, bytes, bytes.size() - 4);
  }

  void append_record(const Bytes& content) {
    append(static_cast<std::uint32_t>(content.size()), frame_);
    frame_.insert(frame_.end(), content.begin(), content.end());
  }

  void append_common(bool language) {
    common_ = frame_.size();
    Bytes content(4, 0);
    const Bytes plain = {1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0};
    const Bytes with_language = {1,    'z', 'P', 'L', 'R', 0,    1,    0x78, 16, 7,
                                 0x9b, 1,   2,   3,   4,   0x1b, 0x1b, 0x0c, 7,  8};
    const Bytes& rest = language ? with_language : plain;
    content.insert(content.end(), rest.begin(), rest.end());
    append_record(content);
  }

  void append_function(std::uint32_t begin, std::uint32_t size, bool language, std::uint32_t known) {
    entries_.emplace_back(static_cast<std::int32_t>(begin), static_cast<std::uint32_t>(frame_.size()));
    const std::size_t at = frame_.size() + 4;
    Bytes content;
    append(static_cast<std::uint32_t>(at - common_), content);
    append(0, content);
    append(size, content);
    pointers_.push_back({at + 4, begin});
    content.push_back(language ? 4 : 0);
    if (language) {
      append(0, content);
      if (known != 0) pointers_.push_back({at + 13, known});
    }
    content.insert(content.end(), {0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6});
    content.resize((content.size() + 3) / 4 * 4);
    append_record(content);
  }

  ByteOrder order_;
  mutable Bytes frame_;
  std::size_t common_ = 0;
  std::vector<std::pair<std::int32_t, std::uint32_t>> entries_;
  std::vector<Pointer> pointers_;
};

constexpr auto parts_in = ssmz::test::parts_by<find_unwind>;

TEST(Unwind, TablesAreFoundAndComeBack) {
  for (const bool big_endian : {false, true})
    for (const unsigned step : {1u, 4u, 16u}) {
      const Bytes tables = Tables(big_endian, 300, step).bytes();
      const Bytes content = joined({text_bytes(700), tables, Bytes(40, 0)});
      const auto parts = parts_in(content);
      ASSERT_EQ(parts.size(), 1u) << step;
      EXPECT_EQ(parts[0].at, 700u);
      EXPECT_EQ(parts[0].size, tables.size());
      const UnwindForm form = UnwindForm::of(parts[0].layout.line);
      EXPECT_EQ(form.big_endian, big_endian);
      EXPECT_EQ(1u << form.alignment, step);
      EXPECT_EQ(form.phase, 8 % step);
      const std::optional<Bytes> plain = plain_of(parts[0].layout, tables);
      ASSERT_TRUE(plain) << "plain_of() compares what it gives with the content";
      EXPECT_EQ(plain->size(), tables.size() - 8 * 300);
    }
}

TEST(Unwind, FunctionsBeginWhereTheyAreExpected) {
  const Bytes tables = Tables(false, 300).bytes();
  const Bytes plain = *plain_of(parts_in(tables).at(0).layout, tables);
  std::size_t expected = 0, functions = 0;
  const ByteOrder order;
  for (std::size_t at = 12 + 4; at + 12 <= plain.size(); at += 4 + order.word(plain, at)) {
    if (order.word(plain, at + 4) == 0) continue;
    EXPECT_EQ(order.word(plain, at + 4), 1u) << "the last record that says how";
    ++functions;
    expected += order.word(plain, at + 8) == 0;
  }
  EXPECT_EQ(functions, 300u);
  EXPECT_EQ(expected, 299u) << "but for the first";
}

TEST(Unwind, MakesProgramsSmaller) {
  const Bytes tables = Tables(false, 600).bytes();
  Bytes other = tables;
  other[1] = 0x1a;
  EXPECT_LT(packed_size(tables) * 10, packed_size(other) * 6);
}

TEST(Unwind, OtherTablesAreLeftAlone) {
  const Bytes tables = Tables(false, 120).bytes();
  expect_damage_is_seen<find_unwind>(tables, 0, 1, 12, 12 + 8 * 120);
  expect_needs_all<find_unwind>(tables, 7);
}

TEST(Unwind, ListsThatAllLeadToTheEndAreGivenUp) {
  // Each list says that there is a function, and each record of none is followed by the next list's: without
  // a bound this takes minutes.
  const ByteOrder order;
  Bytes content(std::size_t{8} << 20, 0);
  for (std::size_t at = 0; at < content.size(); at += 32) {
    const std::uint32_t numbers[] = {0x3b031b01, 16, 1, 0, 0, 28, 0, 7};
    for (std::size_t k = 0; k < 8; ++k) order.put(numbers[k], 4, content, at + 4 * k);
  }
  EXPECT_TRUE(parts_in(content).empty());
  EXPECT_EQ(unfinished_from(content), 0u);
  content.resize(content.size() + 64, 0);  // the last record is none
  EXPECT_EQ(unfinished_from(content), content.size());
}

TEST(Unwind, WaitsForTheWindowThatHasItsRecords) {
  const Bytes tables = Tables(false, 120).bytes();
  const Bytes content = joined({text_bytes(1000), tables, Bytes(100, 0)});
  EXPECT_EQ(unfinished_from(content), content.size());
  EXPECT_EQ(unfinished_from(std::span(content).first(1000 + tables.size() - 1)), 1000u);
  EXPECT_EQ(unfinished_from(std::span(content).first(1000 + 200)), 1000u) << "within the list";
}

TEST(Unwind, DamagedPlainBytesGiveSomethingOrNothing) {
  for (const bool big_endian : {false, true}) {
    const Bytes tables = Tables(big_endian, 40).bytes();
    const TransformLayout layout{.transform = Transform::unwind,
                                 .line = UnwindForm{big_endian, 4, 8}.packed()};
    expect_something_or_nothing(layout, *plain_of(layout, tables), tables.size());
  }
}

}  // namespace
}  // namespace ssmz::codec
