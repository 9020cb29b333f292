// SPDX-License-Identifier: Apache-2.0
// bzip2 streams: as libbz2 writes them, what is no stream, rotations, and files that hold some.
#include "codec/bzip2/bzip2.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base/checksum.hpp"
#include "codec/bzip2/code_lengths.hpp"
#include "codec/bzip2/rotations.hpp"
#include "codec/transform/bzip2_coded.hpp"
#include "codec/transform/unfinished.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::squares_bytes;
using ssmz::test::text_bytes;
using test::Bytes;

Bytes stream_of(unsigned level, const Bytes& plain) {
  Bytes stream;
  EXPECT_TRUE(append_bzip2(level, plain, 2 * plain.size() + 1000, stream));
  return stream;
}

std::optional<Bzip2Content> read(const Bytes& stream, std::size_t most = most_stream_plain) {
  std::size_t work = 0;
  return read_bzip2(stream, most, work);
}

// bzip2 1.0.8.
TEST(Bzip2, WritesWhatLibbz2Does) {
  EXPECT_EQ(stream_of(9, bytes_of("hello\n")),
            (Bytes{0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xc1, 0xc0, 0x80, 0xe2,
                   0x00, 0x00, 0x01, 0x41, 0x00, 0x00, 0x10, 0x02, 0x44, 0xa0, 0x00, 0x30, 0xcd, 0x00,
                   0xc3, 0x46, 0x29, 0x97, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0xc1, 0xc0, 0x80, 0xe2}));
  const Bytes plain = squares_bytes(250000);
  EXPECT_EQ(checksum(stream_of(1, plain)), 0x22dae4904250d9e9u) << "three blocks";
  EXPECT_EQ(checksum(stream_of(9, plain)), 0x5911e75de9ce901au);
  Bytes runs;
  for (unsigned i = 0; i < 1500; ++i) runs.insert(runs.end(), i % 700, static_cast<std::uint8_t>(65 + i % 5));
  EXPECT_EQ(checksum(stream_of(1, runs)), 0xd45f6b73c41a6becu) << "runs of all lengths";
}

TEST(Bzip2, ComesBack) {
  Bytes periodic;
  for (unsigned i = 0; i < 300; ++i) periodic = joined({periodic, {1, 2, 1, 3}});
  for (const Bytes& plain : {Bytes{7}, Bytes(300000, 9), random_bytes(120000), text_bytes(5000), periodic}) {
    const Bytes stream = stream_of(1, plain);
    const auto content = read(joined({stream, {1, 2, 3}}));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->size, stream.size());
    EXPECT_EQ(content->plain, plain);
    EXPECT_FALSE(read(stream, plain.size() - 1));
    EXPECT_FALSE(read(Bytes(stream.begin(), stream.end() - 1)));
    Bytes little;
    EXPECT_FALSE(append_bzip2(1, plain, stream.size() - 1, little));
  }
}

TEST(Bzip2, RotationsComeBackSorted) {
  for (const Bytes& bytes :
       {bytes_of("banana"), bytes_of("abab"), Bytes{0}, Bytes(100, 0), random_bytes(3000),
        squares_bytes(5000), joined({Bytes(500, 1), {0}, Bytes(500, 1)})}) {
    const SortedRotations sorted = sort_rotations(bytes);
    EXPECT_EQ(unsort_rotations(sorted.last, sorted.first), bytes);
    std::vector<Bytes> rotations;
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 600) && bytes.size() < 1100; ++i) {
      Bytes rotation = bytes;
      std::rotate(rotation.begin(), rotation.begin() + static_cast<std::ptrdiff_t>(i), rotation.end());
      rotations.push_back(rotation);
    }
    if (rotations.size() != bytes.size()) continue;
    std::sort(rotations.begin(), rotations.end());
    for (std::size_t i = 0; i < rotations.size(); ++i) EXPECT_EQ(rotations[i].back(), sorted.last[i]);
  }
  EXPECT_EQ(sort_rotations(bytes_of("banana")).last, bytes_of("nnbaaa"));
  EXPECT_EQ(sort_rotations(bytes_of("abab")).first, 1u) << "the last of equal ones";
  EXPECT_FALSE(unsort_rotations(bytes_of("nnbaaa"), 6));
}

TEST(Bzip2, CodesAreNotTooLong) {
  std::vector<std::uint32_t> frequencies;
  for (std::uint32_t i = 0, a = 1, b = 1; i < 30; ++i) {
    frequencies.push_back(a);
    b += a;
    std::swap(a, b);
  }
  bzip2::Lengths lengths{};
  bzip2::find_code_lengths(frequencies, lengths);
  double room = 0;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    EXPECT_LE(lengths[i], bzip2::longest_written);
    room += 1.0 / (1u << lengths[i]);
  }
  EXPECT_EQ(room, 1.0);
}

TEST(Bzip2, ReadsNoStreamOfDamagedBytes) {
  const Bytes stream = stream_of(1, squares_bytes(8000));
  unsigned read_again = 0;
  for (std::size_t at = 0; at < stream.size(); at += 1 + at / 100) {
    for (const unsigned change : {1u, 0x80u}) {
      Bytes damaged = stream;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ change);
      std::size_t work = 0;
      (void)bzip2_size(damaged, work);
      const auto content = read(damaged);
      if (!content) continue;
      ++read_again;  // a checksum, or a code for another: what is written is other bytes
      Bytes written;
      const bool same = append_bzip2(bzip2_level(damaged), content->plain, stream.size(), written) &&
                        written.size() == content->size &&
                        std::equal(written.begin(), written.end(), damaged.begin());
      EXPECT_FALSE(same) << at;
    }
  }
  EXPECT_GT(read_again, 0u);
  for (const Bytes& no_header :
       {Bytes{}, bytes_of("BZh91AY&S"), bytes_of("BZh01AY&SY"), bytes_of("BZi91AY&SY")})
    EXPECT_EQ(bzip2_level(no_header), 0u);
}

TEST(Bzip2, HasLayoutsInRangeOnly) {
  TransformLayout layout{.transform = Transform::bzip2, .line = 9, .plain_size = most_stream_plain};
  EXPECT_TRUE(valid_transform_layout(layout.packed()));
  EXPECT_EQ(TransformLayout::unpacked(layout.packed()), layout);
  for (const unsigned line : {0u, 10u}) {
    layout.line = static_cast<std::uint16_t>(line);
    EXPECT_FALSE(valid_transform_layout(layout.packed()));
  }
  layout.line = 9, layout.crlf = true;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
}

TEST(Bzip2, StreamsAreFoundInFiles) {
  const Bytes stream = stream_of(9, text_bytes(40000)), noise = random_bytes(3000);
  Bytes other = stream;
  ++other[11];  // a checksum that is wrong
  const Bytes file = joined({noise, stream, stream, noise, other, noise});
  const std::vector<WrittenPart> parts = find_written_parts(file);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].at, noise.size());
  EXPECT_EQ(parts[1].at, noise.size() + stream.size());
  EXPECT_EQ(parts[1].size, stream.size());
  EXPECT_LT(packed_size(file), file.size() - stream.size());
  EXPECT_EQ(unfinished_from(std::span(file).first(noise.size() + 2 * stream.size() - 9)),
            noise.size() + stream.size());
}

}  // namespace
}  // namespace ssmz::codec
