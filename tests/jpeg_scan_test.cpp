// SPDX-License-Identifier: Apache-2.0
// JPEG's segments, codes and scans: read, written again, and hostile ones.
#include <gtest/gtest.h>

#include "codec/jpeg/jpeg_finder.hpp"
#include "codec/jpeg/scan_reader.hpp"
#include "tests/jpeg_samples.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;
using test::jpeg_body;
using test::jpeg_segments;
using test::JpegSample;

constexpr std::size_t frame_at = 69;  // of jpeg_segments(): SOF0, behind a DQT

// Reads all MCUs of a body and writes them again.
Bytes rewritten(const Bytes& body, bool padding, std::uint64_t& mcus) {
  const std::optional<JpegHeader> header = read_jpeg_header(body);
  EXPECT_TRUE(header.has_value());
  Bytes out(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(header->size));
  ScanReader reader(*header, std::span(body).subspan(header->size));
  ScanWriter writer(*header, padding);
  JpegMcu mcu;
  while (reader.read(mcu)) EXPECT_TRUE(writer.write(mcu, out));
  EXPECT_EQ(out.size(), header->size + reader.at());
  EXPECT_EQ(writer.place().bit, reader.place().bit);
  mcus = reader.place().mcu;
  return out;
}

TEST(JpegScan, OfLibjpegIsReadAndWrittenAgain) {
  const Bytes body = test::small_jpeg();
  const std::optional<JpegHeader> header = read_jpeg_header(body);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->count, 1u);
  EXPECT_EQ(header->mcus(), 2u);
  EXPECT_EQ(header->components[0].steps[0], 3u);
  EXPECT_EQ(header->components[0].steps[1], 2u);
  EXPECT_EQ(header->components[0].steps[8], 2u);
  ScanReader reader(*header, std::span(body).subspan(header->size));
  JpegMcu mcu;
  ASSERT_TRUE(reader.read(mcu));
  // The mean of the first block is 59.5: (59.5 - 128) * 8 / 3. It rises by 12 a column, 5 a row.
  EXPECT_NEAR(mcu[0][0], -182, 2);
  EXPECT_NEAR(mcu[0][1], -218.6 / 2, 3);
  EXPECT_NEAR(mcu[0][8], -91.1 / 2, 3);
  ASSERT_TRUE(reader.read(mcu));
  EXPECT_FALSE(reader.read(mcu));
  std::uint64_t mcus = 0;
  const Bytes again = rewritten(body, true, mcus);
  EXPECT_EQ(mcus, 2u);
  EXPECT_TRUE(std::equal(again.begin(), again.end(), body.begin()));
}

TEST(JpegScan, OfAllSamplingsIsReadAndWrittenAgain) {
  const std::vector<std::vector<std::uint8_t>> samplings = {{0x11},
                                                            {0x22},
                                                            {0x11, 0x11, 0x11},
                                                            {0x21, 0x11, 0x11},
                                                            {0x22, 0x11, 0x11},
                                                            {0x41, 0x11, 0x11},
                                                            {0x12, 0x12, 0x11},
                                                            {0x11, 0x11, 0x11, 0x11},
                                                            {0x22, 0x11, 0x11, 0x22}};
  for (const auto& sampling : samplings)
    for (const unsigned interval : {0u, 1u, 7u}) {
      JpegSample sample{.width = 121, .height = 67, .sampling = sampling, .restart_interval = interval};
      sample.padding = interval != 7;
      const Bytes body = jpeg_body(sample);
      std::uint64_t mcus = 0;
      const Bytes again = rewritten(body, sample.padding, mcus);
      EXPECT_EQ(mcus, read_jpeg_header(body)->mcus());
      EXPECT_TRUE(std::equal(again.begin(), again.end(), body.begin()));
      EXPECT_LE(body.size() - again.size(), 4u);
    }
}

TEST(JpegScan, GoesOnAmidAByte) {
  const Bytes body = jpeg_body({.restart_interval = 3});
  const JpegHeader header = *read_jpeg_header(body);
  const std::span<const std::uint8_t> data = std::span(body).subspan(header.size);
  ScanReader whole(header, data);
  JpegMcu mcu{}, other{};
  while (whole.read(mcu)) {
    ScanReader rest(header, data.subspan(whole.at()), whole.place());
    ScanReader same = whole;
    const bool more = same.read(mcu);
    EXPECT_EQ(rest.read(other), more);
    EXPECT_TRUE(!more || mcu == other);
  }
}

// What is cut off is read up to the last whole MCU, never beyond its end.
TEST(JpegScan, CutAnywhereStopsBeforeTheCut) {
  const Bytes body = jpeg_body({.width = 60, .height = 40, .restart_interval = 2});
  const JpegHeader header = *read_jpeg_header(body);
  for (std::size_t size = header.size; size < body.size(); ++size) {
    const Bytes cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
    std::uint64_t mcus = 0;
    const Bytes again = rewritten(cut, true, mcus);
    ASSERT_LE(again.size(), size);
    EXPECT_TRUE(std::equal(again.begin(), again.end(), cut.begin()));
  }
}

// Zeros told before a block's end, and a code for two symbols, would be written otherwise.
TEST(JpegScan, WhatItsWriterDoesNotWriteIsNotRead) {
  Bytes body = jpeg_segments({.width = 8, .height = 8, .sampling = {0x11}});
  const JpegHeader header = *read_jpeg_header(body);
  // DC 0 "00", sixteen zeros "11111111001", end "1010".
  const Bytes data = {0x3f, 0xca, 0x7f};
  ScanReader reader(header, data);
  JpegMcu mcu;
  EXPECT_FALSE(reader.read(mcu));
  EXPECT_EQ(reader.at(), 0u);
  const std::vector<std::uint8_t> counts = {0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_TRUE(JpegHuffman::from(counts, Bytes{1, 2}).has_value());
  EXPECT_FALSE(JpegHuffman::from(counts, Bytes{1, 1}).has_value());
  const std::vector<std::uint8_t> many = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_FALSE(JpegHuffman::from(many, Bytes{1, 2, 3}).has_value());
  EXPECT_FALSE(JpegHuffman::from(counts, Bytes{1}).has_value());
}

TEST(JpegScan, ACoefficientWithoutACodeIsNotWritten) {
  const JpegHeader header = *read_jpeg_header(test::small_jpeg());
  ScanWriter writer(header, true);
  JpegMcu mcu{};
  Bytes out;
  mcu[0][5] = 1;
  EXPECT_FALSE(writer.write(mcu, out));
  mcu = {};
  mcu[0][0] = 32767;
  EXPECT_FALSE(writer.write(mcu, out));
}

TEST(JpegHeader, HostileOnesAreRefused) {
  const Bytes good = jpeg_segments({});
  ASSERT_TRUE(read_jpeg_header(good).has_value());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_jpeg_header(std::span(good).first(size)).has_value()) << size;
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    Bytes changed = good;
    changed[at] = byte;
    return read_jpeg_header(changed);
  };
  EXPECT_FALSE(with(4, 0x20).has_value()) << "steps of 3 bytes";
  EXPECT_FALSE(with(5, 0).has_value()) << "a step of 0";
  EXPECT_FALSE(with(frame_at + 1, 0xc2).has_value()) << "progressive";
  EXPECT_TRUE(with(frame_at + 1, 0xc1).has_value()) << "extended";
  EXPECT_FALSE(with(frame_at + 4, 12).has_value()) << "12 bits";
  EXPECT_FALSE(with(frame_at + 9, 5).has_value()) << "5 components";
  EXPECT_FALSE(with(frame_at + 11, 0x02).has_value()) << "no blocks";
  EXPECT_FALSE(with(frame_at + 11, 0x44).has_value()) << "18 blocks";
  EXPECT_FALSE(with(frame_at + 12, 3).has_value()) << "no steps";
  EXPECT_FALSE(with(good.size() - 1, 1).has_value()) << "bits of successive approximation";
  EXPECT_FALSE(with(good.size() - 2, 5).has_value()) << "a part of the spectrum";
  EXPECT_FALSE(with(good.size() - 8, 0x33).has_value()) << "no codes";
  Bytes many;
  for (int time = 0; time < 29; ++time) many.insert(many.end(), good.begin(), good.begin() + frame_at);
  many.insert(many.end(), good.begin() + frame_at, good.end());
  EXPECT_FALSE(read_jpeg_header(many).has_value()) << "33 tables";
  EXPECT_TRUE(read_jpeg_header(std::span(many).subspan(frame_at)).has_value()) << "32 tables";
  JpegSample wide{.width = 65535, .height = 65535, .sampling = {0x11, 0x11, 0x11}};
  EXPECT_FALSE(read_jpeg_header(jpeg_segments(wide)).has_value()) << "too wide";
  wide.width = 43000;
  EXPECT_TRUE(read_jpeg_header(jpeg_segments(wide)).has_value());
  wide.height = 0;
  EXPECT_FALSE(read_jpeg_header(jpeg_segments(wide)).has_value());
}

TEST(JpegFinder, FindsAScanToItsEnd) {
  const Bytes body = jpeg_body({});
  const auto found = find_jpeg(ssmz::test::joined({body, ssmz::test::text_bytes(500)}));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->size, body.size());
  EXPECT_FALSE(found->goes_on);
  const auto cut = find_jpeg(std::span(body).first(6000));
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->size, 6000u);
  EXPECT_TRUE(cut->goes_on);
  const FoundJpeg rest =
      rest_of_scan(ssmz::test::joined({Bytes(body.begin() + 6000, body.end()), {1, 2, 3}}));
  EXPECT_EQ(rest.size, body.size() - 6000);
  EXPECT_FALSE(rest.goes_on);
  EXPECT_FALSE(find_jpeg(jpeg_segments({.width = 65535, .height = 40000, .sampling = {0x11}})).has_value())
      << "no data";
}

}  // namespace
}  // namespace ssmz::codec
