// SPDX-License-Identifier: Apache-2.0
// Deflate streams: read, predicted, corrected, written again bit for bit; left alone or refused if they are
// none.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/base/check_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/huffman.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"
#include "tests/deflate_samples.hpp"
#include "tests/gzip_file.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;
using test::Bytes;

constexpr std::size_t enough = std::size_t{1} << 22;
constexpr DeflateWriter writers[] = {DeflateWriter::zlib,          DeflateWriter::zlib_large,
                                     DeflateWriter::zlib_filtered, DeflateWriter::large_filtered,
                                     DeflateWriter::gzip,          DeflateWriter::frugal,
                                     DeflateWriter::chromium,      DeflateWriter::hasty};

/// What is taken to be this writer's stream of `plain`.
Bytes deflated(const Bytes& plain, DeflateParameters parameters = {}) {
  Bytes stream;
  EXPECT_TRUE(append_deflated(parameters, {}, plain, 2 * plain.size() + 100, stream));
  return stream;
}

Bytes inflated(const Bytes& stream) {
  std::size_t work = 0;
  const std::optional<Inflated> found = inflate(stream, enough, work);
  EXPECT_TRUE(found && found->size == stream.size());
  return found ? found->plain : Bytes();
}

std::vector<Bytes> contents() {
  return {text_bytes(120000),
          record_bytes(90000),
          random_bytes(70000),
          Bytes(100000, 7),
          joined({text_bytes(50000), random_bytes(40000), text_bytes(50000)}),
          {},
          {1},
          {1, 1, 1, 1}};
}

/// Bits of one stream that zlib or gzip wrote, with what they are of.
TEST(Deflate, WritesWhatZlibAndGzipWrote) {
  const Bytes plain = test::deflate_sample_content();
  for (const test::DeflateSample& sample : test::deflate_samples) {
    const DeflateParameters parameters{sample.level, static_cast<DeflateWriter>(sample.writer)};
    const Bytes stream = deflated(plain, parameters);
    EXPECT_EQ(stream.size(), sample.size) << unsigned{sample.level} << ' ' << unsigned{sample.writer};
    EXPECT_EQ(test::sum_of(stream), sample.sum) << unsigned{sample.level} << ' ' << unsigned{sample.writer};
  }
}

TEST(Deflate, ComesBackOfEveryWriterAndLevel) {
  for (const Bytes& plain : contents()) {
    for (std::uint8_t level = 1; level <= 9; ++level) {
      for (const DeflateWriter writer : writers) {
        if (writer == DeflateWriter::frugal && level % 4 != 1) continue;  // its levels are alike
        const DeflateParameters parameters{level, writer};
        const Bytes stream = deflated(plain, parameters);
        EXPECT_EQ(inflated(stream), plain);
        EXPECT_EQ(corrections_of(parameters, stream, plain, 0), Corrections());
      }
    }
  }
}

// Every other writer's prediction gives the stream as well, with corrections.
TEST(Deflate, CorrectsWhatItsWriterWouldNotWrite) {
  for (const Bytes& plain : contents()) {
    for (const DeflateParameters by :
         {DeflateParameters{1}, {4, DeflateWriter::gzip}, {9}, {8, DeflateWriter::frugal}}) {
      const Bytes stream = deflated(plain, by);
      for (const DeflateParameters as : {DeflateParameters{6},
                                         {3, DeflateWriter::zlib_large},
                                         {7, DeflateWriter::frugal},
                                         {1, DeflateWriter::hasty}}) {
        const std::optional<Corrections> corrections = corrections_of(as, stream, plain, enough);
        ASSERT_TRUE(corrections);
        Bytes again;
        EXPECT_TRUE(append_deflated(as, *corrections, plain, stream.size(), again));
        EXPECT_EQ(again, stream);
      }
    }
  }
}

TEST(Deflate, FindsWhoWroteAStream) {
  const Bytes plain = joined({text_bytes(300000), record_bytes(100000)});
  for (const DeflateParameters by :
       {DeflateParameters{1}, {5, DeflateWriter::gzip}, {6}, {9, DeflateWriter::zlib_large}}) {
    const std::optional<CorrectedStream> found = best_corrections(deflated(plain, by), plain, {2}, enough);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->corrections.empty());
  }
}

TEST(Deflate, ReadsNoStreamOfDamagedBytes) {
  const Bytes plain = text_bytes(20000), stream = deflated(plain);
  std::size_t work = 0;
  for (std::size_t size = 0; size < stream.size(); size += 1 + size / 8)
    EXPECT_FALSE(inflate(std::span(stream).first(size), enough, work)) << size;
  EXPECT_FALSE(inflate(stream, plain.size() - 1, work));
  for (std::size_t at = 0; at < stream.size(); at += 7) {
    Bytes damaged = stream;
    damaged[at] ^= 0x10;
    const std::optional<Inflated> found = inflate(damaged, enough, work);
    if (!found) continue;
    damaged.resize(found->size);
    const std::optional<Corrections> corrections = corrections_of({}, damaged, found->plain, enough);
    if (!corrections) continue;
    Bytes again;
    EXPECT_TRUE(append_deflated({}, *corrections, found->plain, damaged.size(), again));
    EXPECT_EQ(again, damaged);
  }
}

TEST(Deflate, RefusesCorrectionsThatAreNone) {
  const Bytes plain = text_bytes(5000);
  const std::size_t size = deflated(plain).size();
  const auto written = [&](const Bytes& corrections) {
    Bytes stream;
    if (!append_deflated({}, corrections, plain, 4 * size, stream)) stream.clear();
    return stream;
  };
  const auto refuses = [&](const Bytes& corrections) { return written(corrections).empty(); };
  EXPECT_FALSE(refuses({}));
  const std::optional<Corrections> good = corrections_of({}, deflated(plain, {1}), plain, enough);
  ASSERT_TRUE(good && good->size() > 20);
  EXPECT_FALSE(refuses(*good));
  EXPECT_TRUE(refuses(joined({*good, {0}})));
  EXPECT_TRUE(refuses(joined({*good, {1}})));
  for (std::size_t cut = 1; cut < good->size(); ++cut)
    EXPECT_NE(written({good->begin(), good->end() - static_cast<std::ptrdiff_t>(cut)}), written(*good))
        << cut;
  for (unsigned seed = 1; seed < 300; ++seed) {
    const Bytes random = random_bytes(1 + seed % 40, seed);
    Bytes stream;
    const bool taken = append_deflated({}, random, plain, 4 * size, stream);
    if (taken) {
      EXPECT_EQ(inflated(stream).size(), plain.size());
    }
  }
}

TEST(Deflate, GivesCodesOfAtMostTheirLimit) {
  std::array<std::uint32_t, 30> frequencies{};
  for (unsigned i = 0, a = 1, b = 1; i < frequencies.size(); ++i) {
    frequencies[i] = a;
    const unsigned next = a + b;
    a = b, b = next;
  }
  std::array<std::uint8_t, 30> lengths{};
  EXPECT_EQ(huffman_lengths(frequencies, longest_code, lengths), 29u);
  unsigned used = 0;
  for (const unsigned length : lengths) {
    ASSERT_TRUE(length >= 1 && length <= longest_code);
    used += 1u << (longest_code - length);
  }
  EXPECT_EQ(used, 1u << longest_code);
  frequencies = {};
  EXPECT_EQ(huffman_lengths(frequencies, longest_code, lengths), 1u);
  frequencies[1] = 5;
  EXPECT_EQ(huffman_lengths(frequencies, longest_code, lengths), 2u);
  EXPECT_TRUE(lengths[0] == 0 && lengths[1] == 1 && lengths[2] == 1);
}

Bytes with_zlib_header(const Bytes& stream) { return joined({{0x78, 0x9C}, stream, {1, 2, 3, 4}}); }

TEST(DeflatedFinder, FindsStreamsBehindTheirHeaders) {
  const Bytes stream = deflated(text_bytes(30000)), before = random_bytes(777);
  const Bytes gzip = {0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3, 'n', 'a', 'm', 'e', 0};
  Bytes zip(30);
  zip[0] = 'P', zip[1] = 'K', zip[2] = 3, zip[3] = 4, zip[8] = 8, zip[26] = 3;
  zip = joined({zip, {'a', '/', 'b'}});
  for (const Bytes& header : {gzip, zip, Bytes{0x78, 0xDA}, Bytes{0x08, 0x1D}}) {
    std::vector<WrittenPart> parts;
    std::uint64_t plain_left = 29999;
    find_deflated(joined({before, header, stream, before}), parts, plain_left);
    EXPECT_TRUE(parts.empty()) << "more than is left";
    plain_left = 30000;
    find_deflated(joined({before, header, stream, before}), parts, plain_left);
    EXPECT_EQ(plain_left, 0u);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].at, before.size() + header.size());
    EXPECT_EQ(parts[0].size, stream.size());
    EXPECT_EQ(parts[0].layout.line, packed(DeflateParameters{}));
    EXPECT_FALSE(parts[0].layout.crlf);
  }
}

TEST(DeflatedFinder, LeavesAloneWhatIsNoStream) {
  std::vector<WrittenPart> parts;
  std::uint64_t plain_left = ~std::uint64_t{0};
  Bytes headers(200000);
  for (std::size_t i = 0; i < headers.size(); ++i) headers[i] = i % 2 == 0 ? 0x78 : 0x9C;
  const Bytes bomb = with_zlib_header(deflated(Bytes(2000000, 0)));
  const Bytes cut = with_zlib_header(deflated(text_bytes(50000)));
  for (const Bytes& content : {Bytes(), headers, random_bytes(500000), text_bytes(100000), bomb,
                               Bytes(cut.begin(), cut.begin() + 9000)})
    find_deflated(content, parts, plain_left);
  EXPECT_TRUE(parts.empty());
}

TEST(DeflatedBlock, KeepsCorrectionsInFrontOfItsContent) {
  const Bytes plain = joined({text_bytes(30000), random_bytes(30000)}), stream = deflated(plain, {6});
  TransformLayout layout{.transform = Transform::deflated, .crlf = true, .line = packed({7})};
  const std::optional<Bytes> corrected = plain_of(layout, stream);
  layout.crlf = false;
  EXPECT_EQ(plain_of(layout, stream).has_value(), !corrected.has_value());
  layout.line = packed({6});
  EXPECT_EQ(plain_of(layout, stream), plain);
  layout = {.transform = Transform::deflated, .crlf = true, .line = packed({5})};
  const std::optional<Bytes> front = plain_of(layout, stream);
  ASSERT_TRUE(front);
  EXPECT_GT(front->size(), plain.size());
  Bytes raw;
  EXPECT_TRUE(append_written(layout, *front, stream.size(), raw));
  EXPECT_EQ(raw, stream);
  EXPECT_FALSE(append_written(layout, *front, stream.size() - 1, raw));
  EXPECT_FALSE(append_written(layout, Bytes{0, 1}, 100, raw));
  EXPECT_FALSE(append_written(layout, Bytes{9, 1}, 100, raw));
}

TEST(DeflatedBlock, HasLayoutsOfWritersAndLevelsOnly) {
  TransformLayout layout{.transform = Transform::deflated, .line = packed({}), .plain_size = 64000};
  EXPECT_TRUE(valid_transform_layout(layout.packed()));
  EXPECT_TRUE(can_write(layout, 1000));
  EXPECT_FALSE(can_write(layout, 999));
  for (const unsigned line : {0u, 10u, 128u, 6u + 3 * 128, 6u + 15 * 128}) {
    layout.line = static_cast<std::uint16_t>(line);
    EXPECT_FALSE(valid_transform_layout(layout.packed())) << line;
  }
}

TEST(DeflatedBlock, MakesFramesAboutAsSmallAsTheirContent) {
  const Bytes text = text_bytes(40000);
  for (const DeflateParameters by : {DeflateParameters{1}, {6}, {9, DeflateWriter::gzip}}) {
    const Bytes content = with_zlib_header(deflated(text, by));
    EXPECT_LE(packed_size(content), packed_size(text) + 100);
    // Truncated and damaged streams come back as they are.
    for (const std::size_t at : {content.size() / 4, content.size() / 2, content.size() - 9}) {
      Bytes damaged = content;
      damaged[at] ^= 4;
      packed_size(damaged);
      packed_size(Bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at)));
    }
  }
}

TEST(Deflate, CheckValuesBehindStreamsAreLeftOut) {
  const Bytes text = text_bytes(3000), stream = ssmz::test::deflated(text);
  Bytes crc, adler;
  append_little_endian(crc32(text), 4, crc);
  append_little_endian(text.size(), 4, crc);
  append_little_endian(adler32(text), 4, adler);
  std::ranges::reverse(adler);
  const Bytes zlib = {0x78, 0x9C}, gzip = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3};
  const auto found = [&](const Bytes& header, const Bytes& check) {
    const Bytes content = joined({header, stream, check});
    std::vector<WrittenPart> parts;
    std::uint64_t plain_left = ~std::uint64_t{0};
    find_deflated(content, parts, plain_left);
    EXPECT_EQ(parts.size(), 1u);
    const Bytes raw(content.begin() + static_cast<std::ptrdiff_t>(header.size()), content.end());
    EXPECT_EQ(plain_of(parts[0].layout, std::span(raw).first(parts[0].size), parts[0].corrections), text);
    return parts[0].size - stream.size();
  };
  EXPECT_EQ(found(zlib, adler), 4u);
  EXPECT_EQ(found(gzip, crc), 8u);
  for (const std::size_t wrong : {0u, 3u}) {
    Bytes other = adler;
    other[wrong] ^= 1;
    EXPECT_EQ(found(zlib, other), 0u);
    other = crc;
    other[2 * wrong] ^= 1;
    EXPECT_EQ(found(gzip, other), 0u);
  }
  EXPECT_EQ(found(zlib, {adler[0], adler[1]}), 0u) << "cut";
  EXPECT_EQ(found(gzip, {}), 0u);
  // Three checks there are.
  TransformLayout layout{.transform = Transform::deflated, .line = packed({}), .plain_size = 9};
  for (unsigned check = 0; check < 8; ++check) {
    layout.line = static_cast<std::uint16_t>(packed({}) | check << stream_check_at);
    EXPECT_EQ(valid_transform_layout(layout.packed()), check <= 2);
  }
  layout.line = static_cast<std::uint16_t>(packed({}) | 1u << stream_check_at);
  Bytes raw;
  EXPECT_FALSE(append_written(layout, text, 3, raw)) << "less than a check value";
}

}  // namespace
}  // namespace ssmz::codec
