// SPDX-License-Identifier: Apache-2.0
// ZIP archives: members and the central directory are found, left out where they follow, and made again.
#include "codec/transform/zip.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/written_parts.hpp"
#include "tests/zip_archive_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::expect_something_or_nothing;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::part_of;
using ssmz::test::random_bytes;
using ssmz::test::record_bytes;
using ssmz::test::text_bytes;
using ssmz::test::zip_file;
using ssmz::test::Zipped;

void find(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts) {
  std::uint64_t plain_left = ~std::uint64_t{0};
  find_zips(content, parts, plain_left);
}
constexpr auto parts_in = ssmz::test::parts_by<find>;

/// The plain bytes of the part that is all of `file` but the last `left` bytes.
Bytes expect_found(const Bytes& file, std::size_t left = 0) {
  const auto parts = parts_in(joined({text_bytes(99), file, text_bytes(50)}));
  EXPECT_EQ(parts.size(), 1u);
  if (parts.size() != 1) return {};
  EXPECT_EQ(parts[0].at, 99u);
  EXPECT_EQ(parts[0].size, file.size() - left);
  const std::span<const std::uint8_t> raw(file.data(), file.size() - left);
  const std::optional<Bytes> plain = plain_of(parts[0].layout, raw, parts[0].corrections);
  EXPECT_TRUE(plain) << "plain_of() compares what it gives with the content";
  EXPECT_EQ(plain, plain_of(parts[0].layout, raw)) << "without what is known";
  return plain.value_or(Bytes());
}

std::vector<Zipped> usual(unsigned count = 6) {
  std::vector<Zipped> members;
  for (unsigned i = 0; i < count; ++i) members.push_back({text_bytes(300 + 170 * (i % 9), i)});
  return members;
}

std::size_t content_size(const std::vector<Zipped>& members) {
  std::size_t sum = 0;
  for (const Zipped& is : members) sum += is.content.size();
  return sum;
}

TEST(Zip, ArchivesAreFoundAndComeBack) {
  const Bytes plain = expect_found(zip_file(usual()));
  EXPECT_LT(plain.size(), content_size(usual()) + 6 * 45);
  const std::optional<ZipFront> front = zip_front(plain);
  ASSERT_TRUE(front);
  EXPECT_EQ(front->directory + front->corrections + content_size(usual()), plain.size());
}

TEST(Zip, MembersOfManyFormsComeBack) {
  std::vector<Zipped> members = usual(14);
  members[1].deflate = false;
  members[2].descriptor = 16;
  members[3].descriptor = 12;
  members[4].descriptor = 16, members[4].filled = true;
  members[5].wide = true;
  members[6].time_extra = 2;
  members[7].time_extra = 1;
  members[8].comment = "seen";
  members[9].content.clear(), members[9].deflate = false;
  members[10].wide = true, members[10].deflate = false;
  members[11].wide = true, members[11].time_extra = 2;
  members[12].content = random_bytes(5000);
  members[13].content = text_bytes(8);
  const Bytes file = zip_file(members, {.gap = 100, .prefix = 7777, .comment = "all of them"});
  EXPECT_LT(expect_found(file).size(), content_size(members) + 14 * 50 + 300);
}

TEST(Zip, MembersThatSayOtherwiseAreTold) {
  std::vector<Zipped> members = usual();
  members[1].crc_change = 1;
  members[2].flags = 1;  // encrypted
  members[3].method = 4;
  members[4].deflate = false, members[4].crc_change = 5;
  members[5].flags = 1, members[5].descriptor = 16, members[5].filled = true;
  expect_found(zip_file(members));
}

TEST(Zip, WithoutCentralDirectoryMembersAreAPart) {
  const Bytes file = zip_file(usual(9));
  const auto sign = joined({{'P', 'K', 1, 2}});
  const auto rows = std::search(file.begin(), file.end(), sign.begin(), sign.end());
  const Bytes cut(file.begin(), rows + 60);
  expect_found(cut, 60);
  Bytes other = file;
  other[other.size() - 10] ^= 1;
  expect_found(other, static_cast<std::size_t>(file.end() - rows));
  const Bytes few = zip_file(usual(3));
  EXPECT_TRUE(parts_in(Bytes(few.begin(), few.end() - 1)).empty());
}

TEST(Zip, StreamsThatNobodyIsKnownToWriteStayThemselves) {
  std::vector<Zipped> members = usual();
  Bytes stream;
  for (unsigned i = 0; i < 9; ++i) {  // stored blocks, of a byte each
    const Bytes block = {static_cast<std::uint8_t>(i == 8), 1, 0, 0xFE, 0xFF,
                         static_cast<std::uint8_t>(65 + i)};
    stream.insert(stream.end(), block.begin(), block.end());
  }
  members[2] = {stream, false};
  Bytes kept = zip_file(members);
  // Says that it is deflated, and what it holds.
  const std::uint32_t crc = crc32(ssmz::test::bytes_of("ABCDEFGHI"));
  for (const bool central : {false, true}) {
    const Bytes sign = central ? Bytes{'P', 'K', 1, 2} : Bytes{'P', 'K', 3, 4};
    auto at = kept.begin();
    for (unsigned i = 0; i < 3; ++i)
      at = std::search(i == 0 ? at : at + 1, kept.end(), sign.begin(), sign.end());
    const std::ptrdiff_t method = central ? 10 : 8, values = central ? 16 : 14;
    at[method] = 8;
    for (int k = 0; k < 4; ++k) at[values + k] = static_cast<std::uint8_t>(crc >> 8 * k);
    at[values + 8] = 9, at[values + 9] = 0;
  }
  expect_found(kept);
}

TEST(Zip, BecomesSmaller) {
  std::vector<Zipped> members = usual(60);
  const Bytes file = zip_file(members);
  Bytes content;
  for (const Zipped& is : members) content.insert(content.end(), is.content.begin(), is.content.end());
  EXPECT_LT(packed_size(file), packed_size(content) + 60 * 5 + 100);
}

TEST(Zip, HoldsContentsOfAllKinds) {
  Bytes picture = ssmz::test::bytes_of("P5\n128 96\n255\n");
  for (unsigned i = 0; i < 128 * 96; ++i) picture.push_back(static_cast<std::uint8_t>(i % 128 + i / 300));
  std::vector<Zipped> members = usual();
  members.push_back({picture});
  members.push_back({zip_file(usual(9)), false});
  members.push_back({record_bytes(20000)});
  members.push_back(
      {zip_file({{ssmz::test::gzip_file(joined({picture, text_bytes(3000)}))}, {text_bytes(500)}})});
  packed_size(joined({text_bytes(5000), zip_file(members), text_bytes(900, 3)}));
  packed_size(ssmz::test::gzip_file(zip_file(members)));
}

TEST(Zip, CopiesFromNearDoNotPartIt) {
  std::vector<Zipped> members = usual(20);
  for (unsigned i = 0; i < 3; ++i) members.push_back({record_bytes(60000)});
  const Bytes file = zip_file(members);
  Bytes content;
  for (const Zipped& is : members) content.insert(content.end(), is.content.begin(), is.content.end());
  EXPECT_LT(packed_size(file), packed_size(content) + 300);
}

TEST(Zip, DamagedArchivesComeBackOrAreLeftAlone) {
  std::vector<Zipped> members = usual(5);
  members[1].descriptor = 16;
  members[2].wide = true;
  members[3].time_extra = 2;
  const Bytes file = zip_file(members);
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes damaged = file;
    damaged[at] ^= 0x41;
    for (const WrittenPart& part : parts_in(damaged))
      EXPECT_TRUE(plain_of(part.layout, part_of(damaged, part), part.corrections)) << at;
  }
  for (std::size_t size = 0; size < file.size(); size += 3) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    for (const WrittenPart& part : parts_in(cut))
      EXPECT_TRUE(plain_of(part.layout, part_of(cut, part), part.corrections)) << size;
  }
}

TEST(Zip, DamagedPlainBytesGiveSomethingOrNothing) {
  std::vector<Zipped> members = usual(5);
  members[1].descriptor = 16;
  members[2].wide = true;
  members[3].time_extra = 2;
  members[4].flags = 1;
  const Bytes file = zip_file(members, {.comment = "all"});
  const TransformLayout layout{.transform = Transform::zip};
  const std::optional<Bytes> plain = plain_of(layout, file);
  ASSERT_TRUE(plain);
  expect_something_or_nothing(layout, *plain, file.size(), 2);
  for (std::size_t size = 0; size < plain->size(); size += 5) {
    Bytes raw;
    EXPECT_FALSE(append_written(
        layout, Bytes(plain->begin(), plain->begin() + static_cast<std::ptrdiff_t>(size)), file.size(), raw));
  }
}

TEST(Zip, PlainBytesThatSayMuchCostLittle) {
  // As many members as may be, which all share an extra field of 65,535 bytes.
  Bytes told;
  append_varint(65535, told);
  told.push_back(0);
  told.push_back(16);
  told.resize(told.size() + 65534);
  told.resize(told.size() + 65535);      // contents
  told.insert(told.end(), 65535, '\n');  // names
  append_varint(65535, told);
  told.resize(told.size() + 65535);
  Bytes plain;
  append_varint(told.size(), plain);
  plain.push_back(0);
  plain.insert(plain.end(), told.begin(), told.end());
  Bytes raw;
  EXPECT_FALSE(append_written({.transform = Transform::zip}, plain, 1u << 20, raw));
  EXPECT_LT(raw.size(), 2u << 20);
}

TEST(Zip, FalseHeadersCostLittle) {
  // Each says that all that follows is its data.
  Bytes content;
  constexpr std::size_t count = 20000;
  for (std::size_t i = 0; i < count; ++i) {
    append_little_endian(0x04034b50, 4, content);
    content.resize(content.size() + 14);
    append_little_endian(30 * (count - i - 1), 4, content);
    append_little_endian(30 * (count - i - 1), 4, content);
    content.resize(content.size() + 4);
  }
  EXPECT_TRUE(parts_in(content).empty());
}

TEST(Zip, LayoutsOfOtherFormsAreRefused) {
  TransformLayout layout{.transform = Transform::zip, .plain_size = 100};
  EXPECT_TRUE(valid_transform_layout(layout.packed()));
  layout.line = 1;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
  layout.line = 0, layout.crlf = true;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
  layout.crlf = false, layout.row = 1;
  EXPECT_FALSE(valid_transform_layout(layout.packed()));
}

}  // namespace
}  // namespace ssmz::codec
