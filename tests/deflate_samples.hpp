// SPDX-License-Identifier: Apache-2.0
// Streams that zlib 1.2.13, gzip 1.12 and Node.js 20.20.2 (zlib 1.3.1-e00f703) wrote of one content, by their
// sizes and sums.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ssmz::test {

struct DeflateSample {
  std::uint8_t level, writer;
  std::uint32_t size;
  std::uint64_t sum;
};

/// Level and memLevel 8 (writer 0), memLevel 9 (1), Z_FILTERED (2), gzip (4), Node.js (6).
inline constexpr DeflateSample deflate_samples[] = {
    {1, 0, 49592, 0x7CC46F6453FDF489}, {2, 0, 45411, 0x8C10DF61E94882FA}, {3, 0, 39341, 0x0CFE0C234A341D6A},
    {4, 0, 39156, 0x6514B99377016C56}, {5, 0, 35652, 0x0342A51C9BB80777}, {6, 0, 33014, 0xFB27B2F6EA4EE738},
    {7, 0, 32346, 0x53E16A960E8EF47E}, {8, 0, 31893, 0x403D7C83D3C2DFC8}, {9, 0, 31893, 0x403D7C83D3C2DFC8},
    {1, 1, 49580, 0xD974A39A8F5C0958}, {5, 1, 35585, 0xF983AC76106010D6}, {6, 1, 32943, 0x2B52D524E11C994B},
    {9, 1, 31810, 0xD3A48BA6F9855E7A}, {5, 2, 35807, 0x4D78EB9C732AB1DA}, {6, 2, 33139, 0x409467503DCDAF1B},
    {9, 2, 31974, 0xD47218EDE4462041}, {1, 4, 49535, 0xB2164BF8275EF7BC}, {3, 4, 39287, 0x2B0B26B357D8B283},
    {6, 4, 33137, 0x293F27D0DE3C14CD}, {9, 4, 31965, 0x0AB9E51FF48364E7}, {1, 6, 47484, 0x00535A0F7E98C75C},
    {2, 6, 43550, 0xB71F2E3915CF9BCB}, {3, 6, 39144, 0xFA0818E624C68A41}, {4, 6, 37735, 0xD5A60677DFC0BAEA},
    {5, 6, 34999, 0x75AE408E1A6BC203}, {6, 6, 32977, 0x4D54D7E84DBF89D2}, {7, 6, 32316, 0xC9CC7490218C06F2},
    {8, 6, 31895, 0xE7B42F7D91AC1E9F}, {9, 6, 31895, 0xE7B42F7D91AC1E9F},
};

/// Words, random bytes and repeats near and far: 200,000 bytes.
inline std::vector<std::uint8_t> deflate_sample_content() {
  constexpr std::string_view words[] = {"stream",   "of", "block", "the",    "match",  "literal", "and",
                                        "distance", "a",  "code",  "length", "window", "chain"};
  std::uint32_t state = 12345;
  const auto next = [&] { return state = (state * 1103515245u + 12345u) & 0x7FFFFFFF; };
  std::vector<std::uint8_t> out;
  while (out.size() < 200000) {
    const std::uint32_t drawn = next() >> 16;
    if (drawn % 97 == 0) {
      for (unsigned i = 0; i < 40; ++i) out.push_back(static_cast<std::uint8_t>(next() >> 16));
    } else if (drawn % 29 == 0 && out.size() > 5000) {
      const std::size_t distance = 1 + (state >> 8) % 5000;
      for (unsigned i = 0; i < 3 + drawn % 200; ++i) out.push_back(out[out.size() - distance]);
    } else {
      out.insert(out.end(), words[drawn % 13].begin(), words[drawn % 13].end());
      out.push_back(' ');
    }
  }
  out.resize(200000);
  return out;
}

/// FNV-1a.
inline std::uint64_t sum_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t sum = 0xCBF29CE484222325;
  for (const std::uint8_t byte : bytes) sum = (sum ^ byte) * 0x100000001B3;
  return sum;
}

}  // namespace ssmz::test
