// SPDX-License-Identifier: Apache-2.0
// Streams that a window ends within wait for the next one, and are whole then.
#include "codec/transform/unfinished.hpp"

#include <gtest/gtest.h>

#include "codec/frame/plan.hpp"
#include "codec/transform/png.hpp"
#include "tests/gzip_file.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"
#include "tests/zip_archive_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::gzip_file;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::Bytes;

TEST(Unfinished, BeginsWhereItsHeaderStands) {
  const Bytes file = gzip_file(text_bytes(60000)), noise = random_bytes(5000);
  const Bytes content = joined({noise, file, noise, file});
  const std::size_t second = 2 * noise.size() + file.size();
  EXPECT_EQ(unfinished_from(content), content.size());
  EXPECT_EQ(unfinished_from(std::span(content).first(content.size() - 100)), second);
  EXPECT_EQ(unfinished_from(std::span(content).first(second + 2000)), second);
  EXPECT_EQ(unfinished_from(std::span(content).first(second)), second);
  EXPECT_EQ(unfinished_from(std::span(content).first(noise.size() + 3000)), noise.size());
  EXPECT_EQ(unfinished_from({}), 0u);
  // Damage ends a stream; it does not make it longer.
  Bytes damaged = content;
  for (std::size_t i = 0; i < 40; ++i) damaged[second + 1000 + i] = 0xFF;
  EXPECT_EQ(unfinished_from(std::span(damaged).first(damaged.size() - 100)), damaged.size() - 100);
}

TEST(Unfinished, IsAPictureUpToItsLastChunk) {
  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  png = joined({png, Bytes(17), {0, 0, 4, 0, 'I', 'D', 'A', 'T'}, random_bytes(1028)});
  const Bytes end = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};
  const Bytes whole = joined({png, end}), noise = random_bytes(2000);
  EXPECT_EQ(png_file_size(whole), whole.size());
  EXPECT_EQ(unfinished_from(joined({noise, whole, noise})), 2 * noise.size() + whole.size());
  EXPECT_EQ(unfinished_from(joined({noise, png})), noise.size());
  EXPECT_EQ(unfinished_from(joined({noise, Bytes(whole.begin(), whole.end() - 1)})), noise.size());
}

TEST(Unfinished, IsAnArchiveUpToItsEnd) {
  std::vector<ssmz::test::Zipped> members;
  for (unsigned i = 0; i < 6; ++i) members.push_back({text_bytes(2000, i), i != 2, i == 3 ? 16u : 0u});
  const Bytes file = ssmz::test::zip_file(members), noise = random_bytes(2000);
  const Bytes content = joined({noise, file, noise});
  EXPECT_EQ(unfinished_from(content), content.size());
  for (std::size_t size = noise.size() + 100; size < noise.size() + file.size(); size += 17)
    EXPECT_EQ(unfinished_from(std::span(content).first(size)), noise.size()) << size;
  const Bytes before = random_bytes(plan_window - 9000);
  const Bytes cut = joined({before, file, random_bytes(90000, 2)});
  EXPECT_LT(packed_size(cut), packed_size(file) + cut.size() - file.size() + 100);
}

TEST(Unfinished, IsAMemberOfALongArchive) {
  const std::vector<ssmz::test::Zipped> members = {{text_bytes(2000)},
                                                   {random_bytes(9u << 20), false},
                                                   {random_bytes(9u << 20), false},
                                                   {text_bytes(3000)}};
  const Bytes file = ssmz::test::zip_file(members);
  const std::size_t last = unfinished_from(std::span(file).first(longest_window));
  EXPECT_GT(last, 9u << 20);
  EXPECT_LT(last, (9u << 20) + 3000);
  EXPECT_EQ(file[last], 'P');
  EXPECT_EQ(file[last + 2], 3);
}

TEST(Unfinished, WaitsForTheNextWindow) {
  const Bytes file = gzip_file(text_bytes(200000)), before = random_bytes(plan_window - 2000);
  const Bytes one = joined({before, file, random_bytes(3000, 2)});
  EXPECT_LT(packed_size(one), one.size() - file.size() / 4);
  // At the end of a window that waited, too.
  const Bytes two = joined({before, file, random_bytes(plan_window - file.size(), 3), file, random_bytes(9)});
  EXPECT_LT(packed_size(two), two.size() - file.size() / 4 - file.size() * 3 / 4);
}

}  // namespace
}  // namespace ssmz::codec
