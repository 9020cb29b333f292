// SPDX-License-Identifier: Apache-2.0
// Text in double-byte charsets: as the system's iconv() reads it, exactly back, found, or left alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#if __has_include(<iconv.h>)
#include <iconv.h>
#define SSMZ_TEST_ICONV 1
#endif

#include "codec/base/checksum.hpp"
#include "codec/frame/plan_transforms.hpp"
#include "codec/transform/charset.hpp"
#include "codec/transform/charset_table.hpp"
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

constexpr Charset charsets[] = {Charset::gbk, Charset::shift_jis, Charset::euc_jp, Charset::big5,
                                Charset::euc_kr};

TransformLayout layout_of(Charset charset) {
  return {.transform = Transform::charset, .line = static_cast<std::uint16_t>(charset)};
}

std::string utf8_of(Charset charset, std::string_view raw) {
  const Bytes plain = from_charset(layout_of(charset), bytes_of(raw));
  return {plain.begin(), plain.end()};
}

Bytes written(Charset charset, const Bytes& plain) {
  Bytes raw;
  EXPECT_TRUE(append_charset(layout_of(charset), plain, plain.size(), raw));
  return raw;
}

bool is_written(Charset charset, std::string_view plain) {
  Bytes raw;
  return append_charset(layout_of(charset), bytes_of(plain), 100, raw);
}

// Sentences of a language that the charset was made for, in UTF-8.
Bytes sentences(Charset charset, std::size_t size) {
  using Phrases = std::array<std::string_view, 8>;
  constexpr Phrases simplified = {"压缩程序",   "从文件里", "读出字节", "预测下一个",
                                  "这是我们的", "语言模型", "已经知道", "可以使用"},
                    traditional = {"壓縮程式",   "從檔案裡", "讀出位元組", "預測下一個",
                                   "這是我們的", "語言模型", "已經知道",   "可以使用"},
                    japanese = {"圧縮プログラムは", "ファイルから",   "バイトを読み", "次の文字を",
                                "予測します",       "これは私たちの", "モデルです",   "使うことができる"},
                    korean = {"압축 프로그램은 ", "파일에서 ",      "바이트를 읽고 ", "다음 글자를 ",
                              "예측합니다 ",      "이것은 우리의 ", "모델입니다 ",    "사용할 수 있다 "};
  const Phrases& phrases = charset == Charset::gbk      ? simplified
                           : charset == Charset::big5   ? traditional
                           : charset == Charset::euc_kr ? korean
                                                        : japanese;
  std::mt19937 random(7);
  Bytes text;
  while (text.size() < size) {
    const std::string_view phrase = phrases[random() % phrases.size()];
    text.insert(text.end(), phrase.begin(), phrase.end());
    const std::string_view end = random() % 4 != 0 ? "" : random() % 2 != 0 ? "。 gzip\n" : "、";
    text.insert(text.end(), end.begin(), end.end());
  }
  text.push_back('\n');
  return text;
}

TEST(Charset, ReadsWhatItsStandardSays) {
  EXPECT_EQ(utf8_of(Charset::gbk, "a\xD6\xD0\xCE\xC4\xA3\xAC\x81\x40\xFD\x9B\n"), "a中文，丂龥\n");
  EXPECT_EQ(utf8_of(Charset::shift_jis, "\x93\xFA\x96\x7B\x82\xF0\x83\x7E\x83\x80\\~\xB1\x87\x40"),
            "日本をミム\\~ｱ①");
  EXPECT_EQ(utf8_of(Charset::euc_jp, "\xC6\xFC\xCB\xDC\xA4\xF2\x8E\xB1"), "日本をｱ");
  EXPECT_EQ(utf8_of(Charset::big5, "\xA4\xA4\xA4\xE5\xC6\x7E\xC9\x40\xF9\xD5\xA1\x40"), "中文籲乂龘　");
  EXPECT_EQ(utf8_of(Charset::euc_kr, "\xC7\xD1\xB1\xDB\x81\x41\xC6\x52\xE3\xFE"), "한글갂힣沁");
}

/// What the raw bytes are is carried through; so is what is cut.
TEST(Charset, CarriesThroughWhatStandsForNothing) {
  EXPECT_EQ(utf8_of(Charset::gbk, "\xD6"), "\xED\xB3\x96");
  EXPECT_EQ(utf8_of(Charset::gbk, "\xD6 \xFF\xD6\xD0"), "\xED\xB3\x96 \xED\xB3\xBF中");
  EXPECT_EQ(utf8_of(Charset::gbk, "\xAA\xA1\xD6\xD0"), "\xED\xB2\xAA\xED\xB2\xA1中");  // a free pair is whole
  EXPECT_EQ(utf8_of(Charset::shift_jis, "\xFA\x40\xFF"), "\xED\xB3\xBA@\xED\xB3\xBF");
}

TEST(Charset, GivesBackAnyBytes) {
  Bytes all;
  for (unsigned pair = 0; pair < 65536; ++pair) {
    all.push_back(static_cast<std::uint8_t>(pair >> 8));
    all.push_back(static_cast<std::uint8_t>(pair));
  }
  for (const Charset charset : charsets) {
    const auto comes_back = [&](std::span<const std::uint8_t> raw) {
      return plain_of(layout_of(charset), raw).has_value();
    };
    EXPECT_TRUE(comes_back(all));
    EXPECT_TRUE(comes_back(std::span(all).subspan(1)));
    for (std::size_t at = 0; at < all.size(); at += 2) EXPECT_TRUE(comes_back(std::span(all).subspan(at, 2)));
    const Bytes text = written(charset, sentences(charset, 2000)), noise = random_bytes(5000);
    for (std::size_t size = 1; size < 300; ++size) {
      EXPECT_TRUE(comes_back(std::span(text).first(size)));
      EXPECT_TRUE(comes_back(std::span(text).subspan(size)));
      EXPECT_TRUE(comes_back(std::span(noise).subspan(size * 10, size)));
    }
  }
}

TEST(Charset, RefusesWhatItWouldNotRead) {
  EXPECT_TRUE(is_written(Charset::gbk, "中"));
  for (const char* plain : {
           "\xED\xB3\x96\xED\xB3\x90",              // the two bytes of a character
           "\xED\xB3\x96@",                         // likewise, of GBK/3
           "\xED\xB2\xAA中",                        // a byte of a pair taken for another's
           "\xED\xB0\x80", "\xED\xB1\x81",          // bytes of ASCII
           "\xED\xA0\x80", "\xED\xB4\x80",          // other surrogates
           "\xC3\xA4", "\xF0\x9F\x98\x80",          // not in the charset
           "\xC3", "\x80", "\xE4\xB8", "\xC0\x80",  // no UTF-8
       })
    EXPECT_FALSE(is_written(Charset::gbk, plain)) << plain;
  EXPECT_FALSE(is_written(Charset::shift_jis, "\xED\xB2\xB1"));  // a byte that is katakana
  EXPECT_FALSE(is_written(Charset::big5, "这"));
  // Any text of characters and escapes is refused or the only one that is written so.
  std::mt19937 random(3);
  constexpr std::string_view pieces[] = {
      "\xED\xB3\x96", "\xED\xB3\x90", "\xED\xB2\x81", "\xED\xB2\xA1", "a", "@", "中", "あ", "ｱ"};
  for (const Charset charset : charsets) {
    unsigned taken = 0;
    for (unsigned i = 0; i < 5000; ++i) {
      std::string plain;
      for (unsigned k = 0; k < 4; ++k) plain += pieces[random() % std::size(pieces)];
      Bytes raw;
      if (!append_charset(layout_of(charset), bytes_of(plain), 100, raw)) continue;
      ++taken;
      EXPECT_EQ(from_charset(layout_of(charset), raw), bytes_of(plain));
    }
    EXPECT_GT(taken, 20u);
  }
}

TEST(Charset, StopsWhereItsBlockEnds) {
  Bytes raw;
  EXPECT_FALSE(append_charset(layout_of(Charset::gbk), sentences(Charset::gbk, 100000), 10, raw));
  EXPECT_LE(raw.size(), 12u);
  EXPECT_FALSE(append_written(layout_of(Charset::gbk), bytes_of("中"), 1, raw));
}

TEST(Charset, HasANumberAndNoOtherFields) {
  for (const Charset charset : charsets) {
    TransformLayout layout = layout_of(charset);
    layout.kind = 2, layout.plain_size = 10;
    EXPECT_TRUE(valid_transform_layout(layout.packed()));
    EXPECT_EQ(TransformLayout::unpacked(layout.packed()), layout);
    layout.crlf = true;
    EXPECT_TRUE(valid_transform_layout(layout.packed()));
    layout.ends_line = true;
    EXPECT_FALSE(valid_transform_layout(layout.packed()));
  }
  EXPECT_FALSE(valid_transform_layout(
      TransformLayout{.transform = Transform::charset, .line = charset_count, .plain_size = 10}.packed()));
}

/// All of a table, in order of its bytes.
Bytes listed(const CharsetTable& table) {
  Bytes all;
  for (unsigned lead = 0x80; lead <= 0xFF; ++lead) {
    for (unsigned trail = 0; trail <= 0xFF; ++trail) {
      const unsigned character =
          trail == 0 ? table.single(static_cast<std::uint8_t>(lead))
                     : table.pair(static_cast<std::uint8_t>(lead), static_cast<std::uint8_t>(trail));
      all.push_back(static_cast<std::uint8_t>(character >> 8));
      all.push_back(static_cast<std::uint8_t>(character));
    }
  }
  return all;
}

// A frame of yesterday holds what these tables were then.
TEST(CharsetTable, StaysAsItIs) {
  const std::uint64_t sums[] = {3518882423203874302u, 9058474273727297386u, 3919579256176452199u,
                                11087635022387756828u, 9917992625988232154u};
  for (const Charset charset : charsets) {
    const Bytes all = listed(CharsetTable::of(charset));
    EXPECT_EQ(checksum(all), sums[static_cast<std::size_t>(charset)]) << static_cast<unsigned>(charset);
  }
}

TEST(CharsetTable, HasOneCodeForEachCharacter) {
  constexpr unsigned counts[] = {7478 + 153 + 14139, 6953 + 63, 6953 + 63, 13493, 8226 + 8822};
  for (const Charset charset : charsets) {
    const CharsetTable& table = CharsetTable::of(charset);
    unsigned count = 0, codes = 0;
    for (unsigned code = 0x80; code <= 0xFFFF; code += code == 0xFF ? 0x7F01 : 1) {
      const auto lead = static_cast<std::uint8_t>(code > 0xFF ? code >> 8 : code);
      const unsigned character =
          code > 0xFF ? table.pair(lead, static_cast<std::uint8_t>(code)) : table.single(lead);
      if (character == 0) continue;
      ++count;
      EXPECT_EQ(table.code(character), code);
      EXPECT_TRUE(code <= 0xFF || (table.leads(lead) && (code & 0xFFu) >= 0x40));
    }
    for (unsigned character = 0; character < 0x20000; ++character) codes += table.code(character) != 0;
    EXPECT_EQ(count, counts[static_cast<std::size_t>(charset)]);
    EXPECT_EQ(codes, count);
  }
}

#ifdef SSMZ_TEST_ICONV

/// The only character of UCS-2 that one or two bytes stand for; 0 if there is none, or one of private use.
unsigned by_iconv(iconv_t converter, std::span<char> bytes) {
  char out[8];
  char *from = bytes.data(), *to = out;
  std::size_t left = bytes.size(), room = sizeof out;
  iconv(converter, nullptr, nullptr, nullptr, nullptr);
  if (iconv(converter, &from, &left, &to, &room) != 0 || left != 0 || room != sizeof out - 2) return 0;
  const unsigned character = static_cast<std::uint8_t>(out[0]) << 8u | static_cast<std::uint8_t>(out[1]);
  return character >= 0xE000 && character < 0xF900 ? 0 : character;
}

TEST(CharsetTable, IsAsTheSystemReadsIt) {
  struct Known {
    Charset charset;
    const char* name;
    unsigned others;  // that the system reads and we do not
  };
  unsigned compared = 0;
  for (const Known& known : {Known{Charset::gbk, "GBK", 22},
                             {Charset::shift_jis, "CP932", 771},
                             {Charset::euc_jp, "EUC-JP-MS", 39},
                             {Charset::big5, "CP950", 11},
                             {Charset::euc_kr, "UHC", 0}}) {
    const iconv_t converter = iconv_open("UTF-16BE", known.name);
    if (converter == reinterpret_cast<iconv_t>(-1)) continue;  // NOLINT: POSIX says it so
    ++compared;
    const CharsetTable& table = CharsetTable::of(known.charset);
    unsigned others = 0;
    for (unsigned lead = 0x80; lead <= 0xFF; ++lead) {
      for (unsigned trail = 0x3F; trail <= 0xFF; ++trail) {
        char bytes[] = {static_cast<char>(lead), static_cast<char>(trail)};
        const bool alone = trail == 0x3F;
        const auto byte = static_cast<std::uint8_t>(lead);
        const unsigned ours = alone ? table.single(byte) : table.pair(byte, static_cast<std::uint8_t>(trail));
        const unsigned its = by_iconv(converter, std::span(bytes).first(alone ? 1 : 2));
        if (ours != 0)
          EXPECT_EQ(ours, its) << known.name << std::hex << " " << lead << " " << trail;
        else
          others += its != 0;
      }
    }
    EXPECT_LE(others, known.others) << known.name;
    iconv_close(converter);
  }
  if (compared == 0) GTEST_SKIP() << "iconv() has none of these charsets";
}

#endif

TEST(CharsetFinder, TellsEachCharsetAmidOtherContent) {
  for (const Charset charset : charsets) {
    const Bytes raw = written(charset, sentences(charset, 6000)), records = record_bytes(3001);
    const Bytes content =
        joined({records, Bytes(3, 0), raw, Bytes(2, 0), records, Bytes(1, 0), text_bytes(40000), raw});
    const std::vector<WrittenPart> parts = find_written_parts(content);
    ASSERT_EQ(parts.size(), 2u) << static_cast<unsigned>(charset);
    EXPECT_EQ(parts[0].at, records.size() + 3);
    EXPECT_EQ(parts[0].size, raw.size());
    EXPECT_NEAR(static_cast<double>(parts[1].size), static_cast<double>(raw.size()), 1100.0);
    EXPECT_EQ(parts[1].at + parts[1].size, content.size());
    for (const WrittenPart& part : parts) EXPECT_EQ(part.layout, layout_of(charset));
  }
}

TEST(CharsetFinder, TellsCharsetsApart) {
  Bytes content;
  for (const Charset charset : charsets)
    content = joined({content, written(charset, sentences(charset, 8000))});
  const std::vector<WrittenPart> parts = find_written_parts(content);
  ASSERT_EQ(parts.size(), std::size(charsets));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].layout, layout_of(charsets[i]));
    EXPECT_EQ(parts[i].at, i > 0 ? parts[i - 1].at + parts[i - 1].size : 0);
  }
}

TEST(CharsetFinder, TakesTheTextAroundAlong) {
  const Bytes raw = written(Charset::gbk, sentences(Charset::gbk, 3000));
  const Bytes content = joined({text_bytes(5000), raw, text_bytes(6000), raw, text_bytes(7000)});
  const std::vector<WrittenPart> parts = find_written_parts(content);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].size, content.size());
}

TEST(CharsetFinder, JoinsMembersOfAnArchive) {
  const Bytes small = written(Charset::euc_kr, sentences(Charset::euc_kr, 900)),
              large = written(Charset::euc_kr, sentences(Charset::euc_kr, 3000)),
              header = joined({bytes_of("name"), Bytes(100, 0), bytes_of("0000644"), Bytes(400, 0)});
  const Bytes content = joined({header, large, header, small, header, large});
  std::vector<WrittenPart> parts = find_written_parts(content);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].size, content.size() - header.size());
  parts = find_written_parts(joined({large, header, random_bytes(2000), header, large}));
  EXPECT_EQ(parts.size(), 2u);
}

TEST(CharsetFinder, FindsNothingInOtherContent) {
  Bytes latin, all_high = random_bytes(20000);
  for (std::uint8_t& byte : all_high) byte |= 0x80u;
  while (latin.size() < 20000)
    latin = joined(
        {latin, bytes_of("L'\xE9t\xE9 \xE0 la for\xEAt, o\xF9 l'on \xE9"), text_bytes(latin.size() % 30)});
  for (const Bytes& content :
       {sentences(Charset::gbk, 20000), sentences(Charset::euc_kr, 20000), latin, all_high, text_bytes(20000),
        record_bytes(20000), random_bytes(100000), Bytes(20000, 0), Bytes()})
    EXPECT_TRUE(find_written_parts(content).empty())
        << content.size() << " bytes, the first " << unsigned{content.empty() ? std::uint8_t{0} : content[0]};
}

TEST(Charset, CostsLittleMoreThanUtf8) {
  for (const Charset charset : charsets) {
    // Eight phrases in Big5 cost as much as bytes, which may be taken; what is written must not cost more.
    const std::size_t more = charset == Charset::big5 ? 40 : 16;
    const Bytes plain = sentences(charset, 6000), raw = written(charset, plain);
    EXPECT_LE(packed_size(raw), packed_size(plain) + more) << static_cast<unsigned>(charset);
    const TransformLayout lines{.crlf = true};
    Bytes crlf_raw, crlf_plain;
    EXPECT_TRUE(append_written(
        lines, raw, raw.size() + static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '\n')),
        crlf_raw));
    EXPECT_LE(packed_size(crlf_raw), packed_size(plain) + more) << static_cast<unsigned>(charset);
  }
  // Whatever is torn, mixed or stray, it comes back.
  const Bytes chinese = written(Charset::gbk, sentences(Charset::gbk, 3000)),
              japanese = written(Charset::shift_jis, sentences(Charset::shift_jis, 3000));
  const Bytes torn = joined({chinese, bytes_of("\xA4"), chinese, bytes_of("\xFF\xFE\xFD"), japanese});
  EXPECT_LE(packed_size(joined({record_bytes(5000), torn, text_bytes(3000), chinese, random_bytes(70000)})),
            78000u);
}

// A piece ends behind a line: no character is torn apart.
TEST(Charset, IsCutBetweenLines) {
  const Bytes raw = written(Charset::gbk, sentences(Charset::gbk, 900000));
  // Bytes from 80 to A0 are of UTF-8, not of GB 2312.
  const EstimateKinds plain_is_cheaper = [](std::span<const std::uint8_t> piece) -> Result<KindCosts> {
    const bool plain =
        std::any_of(piece.begin(), piece.end(), [](std::uint8_t b) { return b >= 0x80 && b <= 0xA0; });
    return KindCosts{{BlockKind::text, plain ? 1u : 2u}};
  };
  std::uint64_t plain_left = 2 * raw.size();
  const Result<std::vector<PlannedBlock>> blocks =
      plan_written(raw, {.layout = layout_of(Charset::gbk)}, plain_is_cheaper, {0, plain_left});
  ASSERT_TRUE(blocks.ok());
  std::size_t at = 0;
  for (const PlannedBlock& block : blocks.value()) {
    at += block.size;
    EXPECT_LE(block.size, longest_general_block);
    EXPECT_EQ(raw[at - 1], '\n');
  }
  EXPECT_EQ(at, raw.size());
}

}  // namespace
}  // namespace ssmz::codec
