// SPDX-License-Identifier: Apache-2.0
// Mail: quoted-printable with soft breaks of any writer, beside base64; and text in UTF-32.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "codec/transform/soft_breaks.hpp"
#include "codec/transform/transform_finder.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::packed_size;
using ssmz::test::text_bytes;
using test::Bytes;

TransformLayout quoted(Escape form, unsigned line, bool crlf = false) {
  return {.transform = Transform::escapes,
          .crlf = crlf,
          .upper_case = true,
          .line = static_cast<std::uint16_t>(static_cast<unsigned>(form) + escape_count * line)};
}

std::string read(const TransformLayout& layout, std::string_view raw) {
  const auto plain = plain_of(layout, bytes_of(raw));
  return plain ? std::string(plain->begin(), plain->end()) : "none";
}

/// As a mail program writes it, lines of at most 76.
Bytes quoted_printable(const Bytes& text, std::string_view end) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      out += end;
      column = 0;
      continue;
    }
    std::string unit(1, static_cast<char>(text[i]));
    if (text[i] == '=' || text[i] >= 0x80) unit = {'=', digits[text[i] / 16], digits[text[i] % 16]};
    const bool last = i + 1 == text.size() || text[i + 1] == '\n';
    if (column + unit.size() > (last ? 76u : 75u)) {
      out += '=' + std::string(end);
      column = 0;
    }
    out += unit;
    column += unit.size();
  }
  return bytes_of(out);
}

/// Paragraphs, each a line, with letters beyond ASCII.
Bytes german(std::size_t size) {
  const Bytes text = text_bytes(size);
  Bytes out;
  for (const std::uint8_t byte : text) {
    if (byte == 'a' || byte == 'e') out.push_back(0xC3);
    out.push_back(byte == 'a' ? std::uint8_t{0xA4} : byte == 'e' ? std::uint8_t{0xBC} : byte);
  }
  return out;
}

TEST(Quoted, ReadsEscapesSignsAndBreaks) {
  const TransformLayout utf8 = quoted(Escape::quoted, 10), latin = quoted(Escape::quoted_byte, 0);
  EXPECT_EQ(read(quoted(Escape::quoted, 76), "f=C3=BCr =3D a"), "f\xC3\xBCr = a");
  EXPECT_EQ(read(latin, "f=FCr =E4"), "f\xC3\xBCr \xC3\xA4");
  EXPECT_EQ(read(utf8, "f=FCr=20\n=3d"),
            "f\x10"
            "FCr\x10"
            "20\n\x10"
            "3d");
  // A full line of nine and the sign; a line that ends in time needs no break.
  EXPECT_EQ(read(utf8, "123456789=\nabc\n1234567890\n"), "123456789abc\n1234567890\n");
  EXPECT_EQ(read(utf8, "1234567=\n=C3=BCabc"),
            "1234567\xC3\xBC"
            "abc");
  EXPECT_EQ(read(utf8, "12345=\nabc"),
            "12345\x12"
            "abc");
  EXPECT_EQ(read(utf8, "12345678901234=\nabc"),
            "123456789\x11"
            "01234\x12"
            "abc");
  EXPECT_EQ(read(quoted(Escape::quoted, 10, true), "123456789=\r\nabc\r\n"), "123456789abc\n");
  EXPECT_EQ(read(utf8, "a\x11"), "none");
  EXPECT_EQ(read(utf8, "a\xC3\xBC"), "none");
  EXPECT_EQ(read(quoted(Escape::quoted, 0), "123456789=\n=\n"), "123456789\x12\x12");
}

TEST(Quoted, WritesNoMarkThatSaysNothing) {
  Bytes raw;
  EXPECT_FALSE(append_written(quoted(Escape::quoted, 10),
                              bytes_of("12\x11"
                                       "34"),
                              4, raw));
  EXPECT_FALSE(append_written(quoted(Escape::quoted, 10), bytes_of("123456789\x11"), 9, raw));
  EXPECT_FALSE(append_written(quoted(Escape::quoted_byte, 10), bytes_of("\xE4\xB8\xAD"), 9, raw));
}

TEST(Quoted, HasLayoutsOfLinesInRangeOnly) {
  const auto valid = [](Escape form, unsigned line) {
    TransformLayout layout = quoted(form, line);
    layout.plain_size = 10;
    EXPECT_EQ(TransformLayout::unpacked(layout.packed()), layout);
    return valid_transform_layout(layout.packed());
  };
  EXPECT_TRUE(valid(Escape::quoted, 0));
  EXPECT_TRUE(valid(Escape::quoted_byte, least_soft_line));
  EXPECT_TRUE(valid(Escape::quoted, 255));
  EXPECT_FALSE(valid(Escape::quoted, least_soft_line - 1));
  EXPECT_FALSE(valid(Escape::json, least_soft_line));
}

TEST(Quoted, TextIsFoundAsWhatItIs) {
  const Bytes text = german(20000);
  for (const std::string_view end : {"\n", "\r\n"}) {
    const Bytes raw = quoted_printable(text, end);
    const std::vector<WrittenPart> parts = find_written_parts(raw);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].size, raw.size());
    EXPECT_EQ(escape_of(parts[0].layout), Escape::quoted);
    EXPECT_EQ(soft_line(parts[0].layout), 76u);
    EXPECT_LE(packed_size(raw), packed_size(text) + 24);
  }
}

TEST(Quoted, MembersOfAMailAreApart) {
  const Bytes text = german(6000);
  Bytes mail, base64;
  ASSERT_TRUE(append_written({.transform = Transform::base64, .ends_line = true, .line = 76}, text,
                             (text.size() + 2) / 3 * 4 + ((text.size() + 2) / 3 * 4 + 75) / 76, base64));
  for (unsigned i = 0; i < 3; ++i) {
    const Bytes header =
        bytes_of("\n--x\nContent-Type: text/plain; charset=\"utf-8\"\n\nAnd what follows.\n");
    const Bytes quoted = quoted_printable(text, "\n");
    for (const Bytes& part : {header, quoted, header, base64})
      mail.insert(mail.end(), part.begin(), part.end());
  }
  const std::vector<WrittenPart> parts = find_written_parts(mail);
  ASSERT_EQ(parts.size(), 6u);
  std::size_t end = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].layout.transform, i % 2 == 0 ? Transform::escapes : Transform::base64);
    EXPECT_LE(parts[i].at, end + 1) << "headers go along with what is quoted";
    end = parts[i].at + parts[i].size;
  }
}

TEST(Utf32, IsReadAndFoundInBothOrders) {
  const Bytes text = german(8000);
  for (const Transform transform : {Transform::utf16_little, Transform::utf16_big}) {
    const TransformLayout layout{.transform = transform, .line = 1};
    Bytes raw;
    (void)append_written(layout, text, 4 * text.size(), raw);
    EXPECT_EQ(plain_of(layout, raw), text);
    for (const std::size_t shift : {0u, 1u, 2u, 3u}) {
      Bytes shifted(shift, 1);
      shifted.insert(shifted.end(), raw.begin(), raw.end());
      const std::vector<WrittenPart> parts = find_written_parts(shifted);
      ASSERT_EQ(parts.size(), 1u) << shift;
      EXPECT_EQ(parts[0].at, shift);
      EXPECT_EQ(parts[0].size, raw.size());
      EXPECT_EQ(parts[0].layout, layout);
    }
    EXPECT_LE(packed_size(raw), packed_size(text) + 24);
  }
}

TEST(Utf32, OfNoCharactersIsLeftAlone) {
  const TransformLayout little{.transform = Transform::utf16_little, .line = 1};
  EXPECT_TRUE(plain_of(little, Bytes{'a', 0, 0, 0, 0xFF, 0xFF, 0x10, 0}));
  EXPECT_TRUE(plain_of(little, Bytes{0x3D, 0xD8, 0, 0}));
  EXPECT_FALSE(plain_of(little, Bytes{'a', 0, 0, 0, 0, 0, 0x11, 0}));
  EXPECT_FALSE(plain_of(little, Bytes{'a', 0, 0, 0, 'b', 0}));
}

}  // namespace
}  // namespace ssmz::codec
