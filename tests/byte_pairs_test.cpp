// SPDX-License-Identifier: Apache-2.0
// What finders look for first.
#include "codec/base/byte_pairs.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "codec/transform/deflated.hpp"

namespace ssmz::codec {
namespace {

TEST(BytePairs, HoldsJustWhatWasAdded) {
  BytePairs pairs;
  pairs.add("PK");
  pairs.add(0xFF, 0xDB);
  pairs.add(0x00, 0xFE);
  unsigned count = 0;
  for (unsigned first = 0; first < 256; ++first)
    for (unsigned second = 0; second < 256; ++second)
      count += pairs.has(static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second));
  EXPECT_EQ(count, 3u);
  EXPECT_TRUE(pairs.has('P', 'K'));
  EXPECT_TRUE(pairs.has(0xFF, 0xDB));
  EXPECT_TRUE(pairs.has(0x00, 0xFE));
}

TEST(BytePairs, FindsTheNextOneUpToTheEnd) {
  BytePairs pairs;
  pairs.add("ab");
  const std::vector<std::uint8_t> content = {'a', 'a', 'b', 'x', 'a', 'b', 'a'};
  EXPECT_EQ(pairs.find(content, 0), 1u);
  EXPECT_EQ(pairs.find(content, 1), 1u);
  EXPECT_EQ(pairs.find(content, 2), 4u);
  EXPECT_EQ(pairs.find(content, 5), content.size());
  EXPECT_EQ(pairs.find(content, content.size()), content.size());
  EXPECT_EQ(pairs.find({}, 0), 0u);
}

TEST(BytePairs, BeginEveryStreamHeader) {
  constexpr BytePairs beginnings = stream_beginnings();
  unsigned headers = 0;
  for (unsigned first = 0; first < 256; ++first)
    for (unsigned second = 0; second < 256; ++second) {
      // Of zip and gzip, if it begins so.
      std::vector<std::uint8_t> text(64);
      text[0] = static_cast<std::uint8_t>(first), text[1] = static_cast<std::uint8_t>(second);
      text[2] = first == 'P' ? 3 : 8, text[3] = first == 'P' ? 4 : 0;
      text[8] = 8;
      if (stream_header_size(text) == 0) continue;
      ++headers;
      EXPECT_TRUE(beginnings.has(text[0], text[1])) << first << ' ' << second;
    }
  EXPECT_EQ(headers, 2u + 32u);
}

}  // namespace
}  // namespace ssmz::codec
