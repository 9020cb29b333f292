// SPDX-License-Identifier: Apache-2.0
// Encrypted parts of Type 1 fonts: any bytes come back, fonts of all three forms are found and shrink.
#include "codec/transform/eexec.hpp"

#include <gtest/gtest.h>

#include <string>

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

constexpr TransformLayout font{.transform = Transform::eexec, .line = 1, .plain_size = 1};
constexpr TransformLayout without_charstrings{.transform = Transform::eexec, .plain_size = 1};

/// As section 7.1 has it, a byte at a time.
Bytes encrypted(const Bytes& plain, unsigned key) {
  Bytes cipher;
  unsigned r = key;
  for (const std::uint8_t byte : plain) {
    cipher.push_back(static_cast<std::uint8_t>(byte ^ (r >> 8)));
    r = ((cipher.back() + r) * 52845 + 22719) % 65536;
  }
  return cipher;
}

/// Outlines that are alike; the first four bytes mean nothing.
Bytes charstring(unsigned number, std::size_t lead) {
  const Bytes chance = random_bytes(40, number);
  Bytes out(lead);
  for (const std::uint8_t byte : chance) {
    out.push_back(static_cast<std::uint8_t>(139 + byte % 16));
    out.push_back(byte % 4 == 0 ? 21 : 5);
  }
  out.push_back(14);
  return out;
}

struct FontSample {
  std::string reads = "RD";
  bool charstrings_encrypted = true;
  std::string_view end = "mark currentfile closefile\n";
};

Bytes private_part(const FontSample& is) {
  Bytes plain = bytes_of("0000dup /Private 8 dict dup begin\n/" + is.reads +
                         " {string currentfile exch readstring pop} executeonly def\n");
  if (!is.charstrings_encrypted) plain = joined({plain, bytes_of("/lenIV -1 def\n")});
  for (unsigned i = 0; i < 60; ++i) {
    const Bytes outlines = charstring(i, is.charstrings_encrypted ? 4 : 0);
    plain = joined({plain,
                    bytes_of("/glyph" + std::to_string(i) + " " + std::to_string(outlines.size()) + " " +
                             is.reads + " "),
                    is.charstrings_encrypted ? encrypted(outlines, 4330) : outlines, bytes_of(" ND\n")});
  }
  return encrypted(joined({plain, bytes_of(is.end)}), 55665);
}

const Bytes head = bytes_of("%!PS-AdobeFont-1.0: Sample 1.0\n/FontType 1 def\ncurrentfile eexec\n");
const Bytes tail = bytes_of(std::string(64, '0') + "\ncleartomark\n");

Bytes segment(std::uint8_t kind, const Bytes& content) {
  const auto size = static_cast<unsigned>(content.size());
  return joined(
      {{0x80, kind, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8), 0, 0}, content});
}

constexpr auto fonts_in = ssmz::test::parts_by<find_eexec>;

TEST(Eexec, MakesPlainWhatTheBookEncrypts) {
  const Bytes outlines = charstring(1, 4);
  const Bytes before = bytes_of("0000/A 85 -| "), behind = bytes_of(" |-");
  ASSERT_EQ(outlines.size(), 85u);
  const Bytes raw = encrypted(joined({before, encrypted(outlines, 4330), behind}), 55665);
  EXPECT_EQ(*plain_of(font, raw), joined({before, outlines, behind}));
  EXPECT_EQ(*plain_of(without_charstrings, raw), joined({before, encrypted(outlines, 4330), behind}));
}

// A number that is too great, one too long, none, and charstrings that would begin in the last one.
TEST(Eexec, AnyBytesComeBack) {
  for (const TransformLayout& layout : {font, without_charstrings}) {
    for (const std::string_view text : {"", "R", " RD ", "1 RD ", "x 99 RD abc", "7 RD 3 RD abc9 RD x",
                                        "0 RD 12 -| 3 RD a", "123456789 RD abc", "1 RD 1 RD 1 RD 1 RD "}) {
      const Bytes raw = encrypted(joined({bytes_of(text), bytes_of(text)}), 55665);
      if (raw.empty()) continue;
      EXPECT_TRUE(plain_of(layout, raw)) << text;
      const Bytes plain = joined({bytes_of(text), random_bytes(9), bytes_of(text)});
      Bytes written;
      ASSERT_TRUE(append_written(layout, plain, plain.size(), written));
      EXPECT_EQ(*plain_of(layout, written), plain) << text;
    }
    EXPECT_TRUE(plain_of(layout, random_bytes(100000)));
  }
}

TEST(Eexec, FindsPartsInFilesOfAllForms) {
  const Bytes part = private_part({});
  for (const Bytes& content :
       {joined({head, part, tail}), joined({segment(1, head), segment(2, part), segment(1, tail)}),
        joined({text_bytes(5000), head, bytes_of("\r\n"), part, tail})}) {
    const auto found = fonts_in(content);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(Bytes(content.begin() + static_cast<std::ptrdiff_t>(found[0].at),
                    content.begin() + static_cast<std::ptrdiff_t>(found[0].at + found[0].size)),
              part);
    EXPECT_EQ(found[0].layout.line, 1u);
  }
  EXPECT_EQ(fonts_in(joined({head, part, tail, head, part, tail})).size(), 2u);
  EXPECT_EQ(fonts_in(joined({part, tail}))[0].at, 0u) << "what digits stand for";
  EXPECT_EQ(fonts_in(joined({head, private_part({.charstrings_encrypted = false})}))[0].layout.line, 0u);
  const Bytes cut = joined({head, Bytes(part.begin(), part.begin() + 2000)});
  EXPECT_EQ(fonts_in(cut)[0].size, 2000u) << "the file is cut";
}

TEST(Eexec, IsNotFoundWhereThereIsNoFont) {
  EXPECT_TRUE(fonts_in(joined({head, random_bytes(5000), tail})).empty());
  EXPECT_TRUE(fonts_in({}).empty());
  EXPECT_TRUE(fonts_in(head).empty());
  const Bytes endless = joined({head, private_part({.end = ""}), random_bytes(std::size_t{2} << 20)});
  EXPECT_TRUE(fonts_in(endless).empty()) << "no end within a mebibyte";
}

// Each of many fonts has no end: the time is bounded by the bytes.
TEST(Eexec, ManyBeginningsTakeNoLongerThanBytesDo) {
  const Bytes beginning = joined({head, encrypted(bytes_of("0000dup /Private 8 dict dup begin"), 55665)});
  Bytes content;
  while (content.size() < std::size_t{3} << 20)
    content.insert(content.end(), beginning.begin(), beginning.end());
  EXPECT_LE(fonts_in(content).size(), content.size() / 1024);
}

TEST(Eexec, FontsShrink) {
  for (const FontSample& sample :
       {FontSample{}, FontSample{.reads = "-|"}, FontSample{.charstrings_encrypted = false}}) {
    const Bytes part = private_part(sample);
    Bytes digits;
    for (const std::uint8_t byte : part) {
      digits.push_back(static_cast<std::uint8_t>("0123456789abcdef"[byte / 16]));
      digits.push_back(static_cast<std::uint8_t>("0123456789abcdef"[byte % 16]));
      if (digits.size() % 65 == 64) digits.push_back('\n');
    }
    for (const Bytes& content : {joined({head, part, tail}), joined({head, digits, bytes_of("\n"), tail})})
      EXPECT_LT(packed_size(content), part.size() * 6 / 10) << sample.reads;
  }
}

TEST(Eexec, OtherLayoutsAreRefused) {
  ASSERT_TRUE(valid_transform_layout(font.packed()));
  ASSERT_TRUE(valid_transform_layout(without_charstrings.packed()));
  for (const TransformLayout& layout :
       {TransformLayout{.transform = Transform::eexec, .line = 2, .plain_size = 1},
        {.transform = Transform::eexec, .crlf = true, .plain_size = 1},
        {.transform = Transform::eexec, .upper_case = true, .plain_size = 1},
        {.transform = Transform::eexec, .ends_line = true, .plain_size = 1},
        {.transform = Transform::eexec, .plain_size = 1, .row = 1}})
    EXPECT_FALSE(valid_transform_layout(layout.packed()));
  EXPECT_TRUE(can_write({.transform = Transform::eexec, .plain_size = 7}, 7));
  EXPECT_FALSE(can_write({.transform = Transform::eexec, .plain_size = 7}, 8));
}

}  // namespace
}  // namespace ssmz::codec
