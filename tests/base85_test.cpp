// SPDX-License-Identifier: Apache-2.0
// ASCII85: as others write it, what is no such digits, where they are found, streams within.
#include "codec/transform/base85.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/gzip_file.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/written_parts.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;

TransformLayout lines_of(std::uint16_t line, bool crlf = false, bool ends_line = false) {
  return {.transform = Transform::base85, .crlf = crlf, .ends_line = ends_line, .line = line};
}

std::string written(const TransformLayout& layout, const Bytes& plain) {
  Bytes raw;
  append_base85(layout, plain, 2 * plain.size() + 10, raw);
  return {raw.begin(), raw.end()};
}

TEST(Base85, WritesWhatPythonDoes) {
  // base64.a85encode() of Python 3.11.
  EXPECT_EQ(written(lines_of(0), bytes_of("Man is distinguished")), "9jqo^BlbD-BleB1DJ+*+F(f,q");
  EXPECT_EQ(written(lines_of(0), bytes_of("Man i")), "9jqo^B`");
  EXPECT_EQ(written(lines_of(0), {0, 0, 0, 0, 1, 0, 0, 0}), "z!<<*\"");
  EXPECT_EQ(written(lines_of(0), {255, 255, 255, 255, 0, 0}), "s8W-!!!!");
  EXPECT_EQ(written(lines_of(8), bytes_of("Man is distinguished")), "9jqo^Blb\nD-BleB1D\nJ+*+F(f,\nq");
  EXPECT_EQ(written(lines_of(8, true, true), bytes_of("Man is d")), "9jqo^Blb\r\nD-\r\n");
}

TEST(Base85, ComesBack) {
  for (const TransformLayout& layout :
       {lines_of(0), lines_of(75), lines_of(72, true), lines_of(16, false, true)}) {
    for (std::size_t size = 1; size < 200; ++size) {
      const Bytes plain = joined({random_bytes(size, static_cast<unsigned>(size)), Bytes(size % 9)});
      Bytes raw;
      TransformLayout whole = layout;
      whole.plain_size = static_cast<std::uint32_t>(plain.size());
      append_base85(layout, plain, 3 * size + 100, raw);
      EXPECT_EQ(plain_of(layout, raw), plain) << size;
      EXPECT_TRUE(can_write(whole, raw.size())) << size;
      EXPECT_TRUE(valid_transform_layout(whole.packed()));
    }
  }
  EXPECT_FALSE(can_write({.transform = Transform::base85, .plain_size = 9}, 2));
  EXPECT_TRUE(can_write({.transform = Transform::base85, .plain_size = 9}, 12));
  EXPECT_FALSE(can_write({.transform = Transform::base85, .plain_size = 9}, 13));
  EXPECT_FALSE(valid_transform_layout(
      TransformLayout{.transform = Transform::base85, .upper_case = true, .plain_size = 1}.packed()));
}

TEST(Base85, WhatIsNoneIsRefused) {
  for (const std::string_view text :
       {"9jqo^B", "9jqoz", "s8W-\"", "abcv!", "ab cd", "!!!!!", "9jqo^\nBl", "9jqp", "!"})
    EXPECT_FALSE(plain_of(lines_of(0), bytes_of(text))) << text;
}

constexpr auto parts_of = ssmz::test::parts_by<find_base85>;

TEST(Base85, IsFoundInFrontOfItsEnd) {
  const Bytes plain = random_bytes(700);
  const Bytes front = bytes_of("<< /Filter [ /ASCII85Decode ] >>\nstream\n"),
              crlf_front = bytes_of(">>\r\nstream\r\n");
  const auto digits = [&](const TransformLayout& layout) { return bytes_of(written(layout, plain)); };
  for (const Bytes& end : {bytes_of("~>endstream"), bytes_of("\n~>\nendstream")}) {
    for (const TransformLayout& layout : {lines_of(0), lines_of(75), lines_of(72)}) {
      const Bytes is = digits(layout);
      const auto found = parts_of(joined({front, is, end, front, is, end}));
      ASSERT_EQ(found.size(), 2u);
      EXPECT_EQ(found[0].at, front.size());
      EXPECT_EQ(found[0].size, is.size());
      EXPECT_EQ(found[0].layout, layout);
    }
  }
  const auto found = parts_of(joined({crlf_front, digits(lines_of(60, true)), bytes_of("~>")}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].layout, lines_of(60, true));
  EXPECT_EQ(found[0].at, crlf_front.size());
}

TEST(Base85, IsNotFoundElsewhere) {
  EXPECT_TRUE(parts_of({}).empty());
  EXPECT_TRUE(parts_of(bytes_of("~>")).empty());
  EXPECT_TRUE(parts_of(joined({text_bytes(3000), bytes_of(" ~> 1.2"), text_bytes(3000)})).empty());
  EXPECT_TRUE(parts_of(bytes_of(written(lines_of(0), random_bytes(900)))).empty());
}

TEST(Base85, StreamsWithinAreRead) {
  const Bytes text = text_bytes(30000);
  const Bytes stream = ssmz::test::gzip_file(text, 6);
  const std::size_t alone = packed_size(text);
  for (const std::uint16_t line : {std::uint16_t{0}, std::uint16_t{75}}) {
    const Bytes content =
        joined({bytes_of("stream\n"), bytes_of(written(lines_of(line), stream)), bytes_of("~>endstream\n")});
    EXPECT_LT(packed_size(content), alone + 150) << line;
  }
}

// Bytes that are random, and more than a block.
TEST(Base85, AnythingComesBack) {
  packed_size(bytes_of(written(lines_of(75), random_bytes(3000)) + "~>"));
  packed_size(bytes_of(written(lines_of(75), ssmz::test::record_bytes(400000)) + "~>"));
}

}  // namespace
}  // namespace ssmz::codec
