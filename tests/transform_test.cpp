// SPDX-License-Identifier: Apache-2.0
// What is written from plainer bytes: found, read and written back exactly, or left alone.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "codec/frame/plan_transforms.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/transform_finder.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;
using test::Bytes;

/// What `plain` is written as, of however many bytes.
Bytes written(const TransformLayout& layout, const Bytes& plain) {
  Bytes raw;
  (void)append_written(layout, plain, 8 * plain.size() + 16, raw);
  return raw;
}

constexpr TransformLayout base64_lines{.transform = Transform::base64, .line = 76};
constexpr TransformLayout hex_lines{.transform = Transform::hexadecimal, .line = 60};

TEST(Transform, WritesTextAsItsLayoutSays) {
  const Bytes plain = bytes_of("a\xC3\xA4\xE4\xB8\xAD\xF0\x9F\x98\x80\n");
  const auto text = [&](const TransformLayout& layout) {
    const Bytes raw = written(layout, plain);
    return std::string(raw.begin(), raw.end());
  };
  using namespace std::string_literals;
  EXPECT_EQ(text({.transform = Transform::utf16_little}), "a\0\xE4\0\x2D\x4E\x3D\xD8\x00\xDE\n\0"s);
  EXPECT_EQ(text({.transform = Transform::utf16_big, .crlf = true}),
            "\0a\0\xE4\x4E\x2D\xD8\x3D\xDE\0\0\r\0\n"s);
  EXPECT_EQ(text({.transform = Transform::escapes}), "a\\u00e4\\u4e2d\\ud83d\\ude00\n");
  EXPECT_EQ(text({.transform = Transform::escapes, .crlf = true, .upper_case = true}),
            "a\\u00E4\\u4E2D\\uD83D\\uDE00\r\n");
  const auto escaped = [&](Escape form, bool upper_case = false) {
    return text({.transform = Transform::escapes,
                 .upper_case = upper_case,
                 .line = static_cast<std::uint16_t>(form)});
  };
  EXPECT_EQ(escaped(Escape::percent, true), "a%C3%A4%E4%B8%AD%F0%9F%98%80\n");
  EXPECT_EQ(escaped(Escape::byte), "a\\xc3\\xa4\\xe4\\xb8\\xad\\xf0\\x9f\\x98\\x80\n");
  EXPECT_EQ(escaped(Escape::decimal), "a&#228;&#20013;&#128512;\n");
  EXPECT_EQ(escaped(Escape::hexadecimal, true), "a&#xE4;&#x4E2D;&#x1F600;\n");
  EXPECT_EQ(escaped(Escape::octal), "a\\303\\244\\344\\270\\255\\360\\237\\230\\200\n");
  EXPECT_EQ(text({.transform = Transform::hexadecimal, .upper_case = true, .ends_line = true, .line = 8}),
            "61C3A4E4\nB8ADF09F\n98800A\n");
  EXPECT_EQ(text({.transform = Transform::base64, .crlf = true, .line = 12}), "YcOk5Lit8J+Y\r\ngAo=");
}

TEST(Transform, KnowsHowManyBytesItsPlainOnesCanBe) {
  const Bytes kinds[] = {bytes_of("\n\n\n\n"),         bytes_of("abcd\n"),
                         bytes_of("\xC3\xA4\xC3\xA4"), bytes_of("\xE4\xB8\xAD\xE4\xB8\xAD"),
                         bytes_of("\xF0\x9F\x98\x80"), text_bytes(500)};
  for (unsigned number = 0; number < 6; ++number)
    for (const unsigned flags : {0u, 1u, 2u, 4u, 5u})
      for (const unsigned line : {0u, 1u, 6u, 2046u})
        for (const Bytes& plain : kinds) {
          TransformLayout layout{.transform = static_cast<Transform>(number),
                                 .crlf = (flags & 1) != 0,
                                 .upper_case = (flags & 2) != 0,
                                 .ends_line = (flags & 4) != 0,
                                 .line = static_cast<std::uint16_t>(line),
                                 .plain_size = static_cast<std::uint32_t>(plain.size())};
          if (!valid_transform_layout(layout.packed())) continue;
          EXPECT_TRUE(can_write(layout, written(layout, plain).size())) << number << ' ' << flags;
          EXPECT_FALSE(can_write(layout, 0));
          layout.plain_size = 1u << 24;
          EXPECT_FALSE(can_write(layout, 1000)) << "little from much";
          layout.plain_size = 1;
          EXPECT_FALSE(can_write(layout, 1u << 24)) << "much from little";
        }
}

TEST(Transform, GivesBackWhatItReads) {
  for (const std::size_t size : {1u, 2u, 3u, 56u, 57u, 58u, 1000u}) {
    const Bytes plain = random_bytes(size), text = text_bytes(size);
    for (TransformLayout layout : {base64_lines, hex_lines}) {
      for (const bool crlf : {false, true}) {
        for (const bool ends_line : {false, true}) {
          layout.crlf = crlf, layout.ends_line = ends_line;
          EXPECT_EQ(plain_of(layout, written(layout, plain)), plain) << size;
        }
      }
    }
    for (const Transform transform :
         {Transform::utf16_little, Transform::utf16_big, Transform::escapes, Transform::lines}) {
      const TransformLayout layout{.transform = transform, .crlf = true};
      EXPECT_EQ(plain_of(layout, written(layout, text)), text) << size;
    }
  }
}

TEST(Transform, ReadsUnitsWithoutTheirPartner) {
  const Bytes raw = {0x3D, 0xD8, 'a', 0, 0x00, 0xDE, 0x3D, 0xD8, 0x3D, 0xD8, 0x00, 0xDE, 0x3D, 0xD8};
  const TransformLayout layout{.transform = Transform::utf16_little};
  const auto plain = plain_of(layout, raw);
  ASSERT_TRUE(plain);
  EXPECT_EQ(written(layout, *plain), raw);
}

TEST(Transform, LeavesAloneWhatWouldNotComeBack) {
  const auto refuses = [](const TransformLayout& layout, std::string_view raw) {
    return !plain_of(layout, bytes_of(raw));
  };
  const TransformLayout lines{.crlf = true}, escapes{.transform = Transform::escapes};
  EXPECT_TRUE(refuses(lines, "a\r\nb\nc\r\n"));
  EXPECT_FALSE(refuses(lines, "a\r\r\nb\rc\r\n"));
  EXPECT_TRUE(refuses({.transform = Transform::utf16_big}, "abc"));
  EXPECT_TRUE(refuses({.transform = Transform::base64}, "QR=="));  // bits that stand for nothing are not 0
  EXPECT_FALSE(refuses({.transform = Transform::base64}, "QQ=="));
  EXPECT_TRUE(refuses({.transform = Transform::base64}, "QQ==QQ=="));
  EXPECT_TRUE(refuses({.transform = Transform::base64, .line = 4}, "QUJD\nQU\nJD"));
  EXPECT_TRUE(refuses({.transform = Transform::hexadecimal}, "0aF0"));
  EXPECT_TRUE(refuses({.transform = Transform::hexadecimal}, "0af"));
  EXPECT_TRUE(refuses(escapes, "\xC3\xA4"));
  EXPECT_FALSE(refuses(escapes, "\\u00e4 \\u0041 \\u00E4 \\\\u4e2d \\u12"));
}

TEST(Transform, ReadsEscapesOfEachForm) {
  const auto read = [](Escape form, std::string_view raw, bool upper_case = false) {
    const TransformLayout layout{
        .transform = Transform::escapes, .upper_case = upper_case, .line = static_cast<std::uint16_t>(form)};
    const auto plain = plain_of(layout, bytes_of(raw));
    return plain ? std::string(plain->begin(), plain->end()) : "none";
  };
  EXPECT_EQ(read(Escape::percent, "%20%D0%BF%d0%BF%D0%2F%D0", true), "%20\xD0\xBF%d0%BF%D0%2F%D0");
  EXPECT_EQ(read(Escape::byte, "\\n\\xe4\\xb8\\xad\\xe4\\xb8"), "\\n\xE4\xB8\xAD\\xe4\\xb8");
  EXPECT_EQ(read(Escape::octal, "\\12\\304\\200\\777"), "\\12\xC4\x80\\777");
  EXPECT_EQ(read(Escape::decimal, "&#38;&amp;&#228;&#0228;&#1114112;&#228"),
            "&#38;&amp;\xC3\xA4&#0228;&#1114112;&#228");
  EXPECT_EQ(read(Escape::hexadecimal, "&#xe4;&#xE4;&#228;&#x10ffff;"),
            "\xC3\xA4&#xE4;&#228;\xF4\x8F\xBF\xBF");
  EXPECT_EQ(read(Escape::decimal, "&#55357;&#56832;"), "\xED\xA0\xBD\xED\xB8\x80");
  EXPECT_EQ(read(Escape::percent, "\xC3\xA4"), "none");
}

TEST(Transform, RefusesPlainBytesThatAreNotWrittenSo) {
  Bytes raw;
  const TransformLayout utf16{.transform = Transform::utf16_little};
  for (const char* text :
       {"\xC3", "\x80", "\xC0\x80", "\xE4\xB8", "\xF5\x80\x80\x80", "\xE0\x80\x80", "\xFF"})
    EXPECT_FALSE(append_written(utf16, bytes_of(text), 2, raw)) << text;
  EXPECT_TRUE(append_written(utf16, bytes_of("ab"), 4, raw));
  EXPECT_FALSE(append_written(utf16, bytes_of("ab"), 3, raw));
  EXPECT_FALSE(append_written(hex_lines, random_bytes(100), 100, raw));
}

// No more of what is written than was asked for, whatever the plain bytes would give.
TEST(Transform, StopsWhereItsBlockEnds) {
  for (const Transform transform :
       {Transform::utf16_little, Transform::base64, Transform::hexadecimal, Transform::escapes}) {
    Bytes raw;
    EXPECT_FALSE(append_written({.transform = transform}, text_bytes(100000), 10, raw));
    EXPECT_LE(raw.size(), 20u);
  }
}

TEST(Transform, HasOneNumberForEachLayout) {
  const TransformLayout layouts[] = {{.kind = 2, .crlf = true, .plain_size = 1},
                                     {.transform = Transform::hexadecimal,
                                      .kind = 1,
                                      .upper_case = true,
                                      .line = TransformLayout::longest_line,
                                      .plain_size = 1u << 24},
                                     {.transform = Transform::deflated, .line = 6, .plain_size = 1u << 26}};
  for (const TransformLayout& layout : layouts) {
    EXPECT_TRUE(valid_transform_layout(layout.packed()));
    EXPECT_EQ(TransformLayout::unpacked(layout.packed()), layout);
  }
  for (const TransformLayout& layout :
       {TransformLayout{.kind = 2, .plain_size = 1},
        {.transform = Transform::base64, .plain_size = 1, .row = 1},
        {.transform = Transform::base64, .kind = 1},
        {.transform = Transform::base64, .plain_size = (1u << 24) + 1},
        {.transform = Transform::base64, .upper_case = true, .plain_size = 1},
        {.transform = Transform::utf16_big, .line = 4, .plain_size = 1},
        {.transform = Transform::escapes, .line = escape_count, .plain_size = 1},
        {.transform = Transform::charset, .line = charset_count, .plain_size = 1},
        {.transform = Transform::deflated, .line = 6, .plain_size = (1u << 26) + 1},
        {.transform = Transform::deflated, .plain_size = 1}})
    EXPECT_FALSE(valid_transform_layout(layout.packed()));
  EXPECT_FALSE(valid_transform_layout(layouts[0].packed() | std::uint64_t{1} << 63));
}

void expect_found(const TransformLayout& layout, const Bytes& raw) {
  for (const std::size_t before : {0u, 1u, 1003u}) {
    Bytes content = text_bytes(before);
    if (before > 0) content.back() = '>';
    const Bytes behind = bytes_of("<and text again.");
    content = joined({content, raw, behind});
    const std::vector<WrittenPart> parts = find_written_parts(content);
    ASSERT_EQ(parts.size(), 1u) << before;
    EXPECT_EQ(parts[0].at, before);
    EXPECT_EQ(parts[0].size, raw.size());
    EXPECT_EQ(parts[0].layout, layout);
  }
}

TEST(TransformFinder, FindsDigitsOnLinesAndOnOne) {
  for (const std::size_t size : {3000u, 3001u, 3002u, 2850u}) {
    for (const bool crlf : {false, true}) {
      TransformLayout layout = base64_lines;
      layout.crlf = crlf;
      expect_found(layout, written(layout, random_bytes(size)));
      layout = hex_lines;
      layout.crlf = crlf;
      expect_found(layout, written(layout, random_bytes(size)));
    }
    for (const TransformLayout& layout : {TransformLayout{.transform = Transform::base64},
                                          {.transform = Transform::hexadecimal, .upper_case = true}})
      expect_found(layout, written(layout, random_bytes(size)));
  }
}

TEST(TransformFinder, FindsUnitsOfEitherOrderAtEitherParity) {
  for (const Transform transform : {Transform::utf16_little, Transform::utf16_big}) {
    for (const std::size_t before : {1000u, 1001u}) {
      const TransformLayout layout{.transform = transform};
      const Bytes raw = written(layout, text_bytes(3000));
      const std::vector<WrittenPart> parts = find_written_parts(joined({record_bytes(before), {0x01}, raw}));
      ASSERT_EQ(parts.size(), 1u);
      EXPECT_EQ(parts[0].layout, layout);
      EXPECT_NEAR(static_cast<double>(parts[0].size), static_cast<double>(raw.size()), 4.0);
    }
  }
}

TEST(TransformFinder, FindsNothingInOtherContent) {
  Bytes nucleotides = random_bytes(20000), numbers = random_bytes(20000), long_word(5000, 'a');
  for (std::size_t i = 0; i < nucleotides.size(); ++i) {
    nucleotides[i] = i % 61 == 60 ? '\n' : static_cast<std::uint8_t>("ACGT"[nucleotides[i] % 4]);
    numbers[i] = static_cast<std::uint8_t>('0' + numbers[i] % 10);
  }
  for (const Bytes& content : {nucleotides, numbers, long_word, text_bytes(20000), record_bytes(20000),
                               random_bytes(100000), Bytes(20000, 0), Bytes()})
    EXPECT_TRUE(find_written_parts(content).empty());
}

TEST(TransformFinder, FindsEscapesOfOneFormAndCase) {
  Bytes chinese;
  for (unsigned i = 0; i < 3000; ++i) chinese = joined({chinese, bytes_of("\xE4\xB8\xAD x")});
  for (std::uint16_t form = 0; form < escape_count; ++form) {
    if (form == static_cast<unsigned>(Escape::quoted_byte)) continue;  // of a byte
    for (const bool upper_case : {false, true}) {
      TransformLayout layout{
          .transform = Transform::escapes, .upper_case = upper_case, .line = form, .plain_size = 1};
      if (!valid_transform_layout(layout.packed())) continue;
      layout.plain_size = 0;
      const Bytes raw = written(layout, chinese);
      for (const std::size_t before : {5000u, 5003u}) {
        const Bytes content = joined({text_bytes(before), raw});
        const std::vector<WrittenPart> parts = find_written_parts(content);
        ASSERT_EQ(parts.size(), 1u) << form;
        EXPECT_EQ(parts[0].layout.line, form);
        const std::size_t with_text = is_quoted(escape_of(layout)) ? content.size() : raw.size();
        EXPECT_NEAR(static_cast<double>(parts[0].size), static_cast<double>(with_text), 1040.0);
        EXPECT_TRUE(plain_of(layout, std::span(content).subspan(parts[0].at, parts[0].size)));
      }
    }
  }
}

// Most numbers of Cyrillic letters have no letters, but some do.
TEST(TransformFinder, TellsTheCaseOfEscapes) {
  Bytes russian;
  for (unsigned i = 0; i < 3000; ++i) russian = joined({russian, bytes_of("\xD0\xB0\xD1\x80\xD0\xBA ")});
  for (const Escape form : {Escape::json, Escape::hexadecimal}) {
    for (const bool upper_case : {false, true}) {
      const TransformLayout layout{.transform = Transform::escapes,
                                   .upper_case = upper_case,
                                   .line = static_cast<std::uint16_t>(form)};
      const std::vector<WrittenPart> parts = find_written_parts(written(layout, russian));
      ASSERT_EQ(parts.size(), 1u);
      EXPECT_EQ(parts[0].layout, layout);
    }
  }
}

TEST(TransformFinder, TellsLinesThatAllEndWithCarriageReturns) {
  const Bytes text = text_bytes(3000), lines = written({.crlf = true}, text);
  EXPECT_FALSE(has_carriage_returns(text));
  EXPECT_TRUE(has_carriage_returns(lines));
  EXPECT_FALSE(has_carriage_returns(joined({lines, bytes_of("\n")})));
  EXPECT_FALSE(has_carriage_returns(bytes_of("a\r\nb\r\n")));
}

// In one piece and as a part of others.
TEST(Transform, MakesFramesSmaller) {
  const Bytes records = record_bytes(9000), text = text_bytes(9000), noise = random_bytes(9000);
  for (const auto& [layout, plain] : std::vector<std::pair<TransformLayout, Bytes>>{
           {base64_lines, records},
           {hex_lines, records},
           {base64_lines, noise},
           {{.transform = Transform::utf16_little, .crlf = true}, text},
           {{.crlf = true}, text}}) {
    const Bytes raw = written(layout, plain);
    EXPECT_LE(packed_size(raw), packed_size(plain) + 16) << static_cast<unsigned>(layout.transform);
    const Bytes before = text_bytes(6000, 5), behind = record_bytes(6000, 5);
    EXPECT_LE(packed_size(joined({before, bytes_of(": \n"), raw, behind})),
              packed_size(joined({before, bytes_of(": \n"), plain, behind})) + 250);
  }
}

// Random digits of which most are those of the part before.
TEST(Transform, DigitsThatRepeatStayInTheText) {
  const Bytes number = random_bytes(600);
  const auto lines = [&](std::size_t count) {
    Bytes text;
    for (std::size_t i = 0; i < count; ++i) {
      Bytes digits;
      Bytes is = number;
      is.back() = static_cast<std::uint8_t>(i * 7);
      append_hexadecimal({.transform = Transform::hexadecimal}, is, 2 * is.size(), digits);
      text = joined({text, bytes_of("2 6 100 2047 "), digits, bytes_of("\n")});
    }
    return text;
  };
  EXPECT_LT(packed_size(lines(30)), packed_size(lines(1)) + 30 * 12);
}

}  // namespace
}  // namespace ssmz::codec
