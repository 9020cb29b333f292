// SPDX-License-Identifier: Apache-2.0
// What tests of pictures and sound share: headers, the way through the codec, regions over two windows.
#pragma once

#include <gtest/gtest.h>

#include "codec/frame/region_finder.hpp"
#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec::test {

using ssmz::test::Bytes;

/// A number of any number of bytes; those above the eighth are zeros.
inline void put(Bytes& out, std::uint64_t value, unsigned size, bool big_endian = false) {
  for (unsigned i = 0; i < size; ++i) {
    const unsigned place = big_endian ? size - 1 - i : i;
    out.push_back(static_cast<std::uint8_t>(place < 8 ? value >> (8 * place) : 0));
  }
}

/// The header of a BMP file up to its palette of `colours`, or its pixels.
inline Bytes bmp_header(std::uint32_t width, std::uint32_t height, unsigned bits, unsigned colours = 0) {
  Bytes out = {'B', 'M'};
  put(out, 0, 8);
  put(out, 54 + 4 * colours, 4);
  put(out, 40, 4);
  put(out, width, 4);
  put(out, height, 4);
  put(out, 1, 2);
  put(out, bits, 2);
  put(out, 0, 24);
  return out;
}

/// Returns the size of the frames.
inline std::size_t round_trip(const Bytes& content, int level = 1) {
  CompressOptions options;
  options.level = level;
  const Result<Bytes> frames = compress(content, options);
  EXPECT_TRUE(frames.ok());
  if (!frames.ok()) return 0;
  EXPECT_LE(frames.value().size(), compress_bound(content.size(), options.frame_size));
  const Result<Bytes> back = decompress(frames.value());
  EXPECT_TRUE(back.ok()) << back.status().detail;
  EXPECT_TRUE(back.ok() && back.value() == content);
  return frames.value().size();
}

/// The region of `content` that lies at `at`, up to `end`, is found in a window that ends at `cut`, and goes
/// on in the next.
inline void expect_goes_on(const Bytes& content, std::size_t cut, std::size_t at, std::size_t end,
                           BlockKind kind) {
  RegionFinder finder;
  const auto first = finder.find(std::span(content).first(cut));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].at, at);
  EXPECT_EQ(first[0].size, cut - at);
  EXPECT_EQ(first[0].type.kind, kind);
  const auto second = finder.find(std::span(content).subspan(cut));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].at, 0u);
  EXPECT_EQ(second[0].size, end - cut);
  EXPECT_EQ(second[0].type.layout & 1u, 1u);
}

}  // namespace ssmz::codec::test
