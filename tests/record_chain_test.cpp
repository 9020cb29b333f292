// SPDX-License-Identifier: Apache-2.0
// Records of type and length are found where there are some, and nowhere else.
#include "codec/bytes/record_chain.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

constexpr unsigned columns = 23;

void append(Bytes& bytes, unsigned value) {
  bytes.push_back(static_cast<std::uint8_t>(value));
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
}

/// A table as spreadsheets write it: per cell type, length, row, column and 1..8 bytes of a value.
Bytes cells(unsigned rows) {
  std::mt19937 random(3);
  Bytes bytes;
  for (unsigned row = 0; row < rows; ++row) {
    for (unsigned column = 0; column < columns; ++column) {
      const auto size = static_cast<unsigned>(random() % 3);
      append(bytes, 2 + size);
      append(bytes, 4 + (1u << size));
      append(bytes, row);
      append(bytes, column);
      for (unsigned i = 0; i < 1u << size; ++i) bytes.push_back(static_cast<std::uint8_t>(random() >> 9));
    }
  }
  return bytes;
}

struct Follower {
  RecordChain chain;
  std::vector<std::uint8_t> ring = std::vector<std::uint8_t>(1 << 16);
  std::uint64_t position = 0;
  void push(std::uint8_t byte) {
    ring[position++ % ring.size()] = byte;
    chain.push(ring, position);
  }
  [[nodiscard]] unsigned at(std::uint64_t where) const { return ring[where % ring.size()]; }
};

/// Bytes of `data` that come while a chain is followed.
std::size_t followed(const Bytes& data) {
  Follower run;
  std::size_t count = 0;
  for (const std::uint8_t byte : data) {
    run.push(byte);
    count += run.chain.active() ? 1 : 0;
  }
  return count;
}

TEST(RecordChain, FollowsRecordsOfTypeAndLength) {
  const Bytes data = cells(20);
  EXPECT_GT(followed(data), data.size() * 9 / 10);
}

TEST(RecordChain, FindsThemBehindOtherData) {
  const Bytes data = cells(20);
  EXPECT_GT(followed(test::joined({test::random_bytes(10001), data})), data.size() * 9 / 10);
}

TEST(RecordChain, LeavesThemWhenOtherDataComes) {
  Follower run;
  for (const std::uint8_t byte : cells(20)) run.push(byte);
  ASSERT_TRUE(run.chain.active());
  for (const std::uint8_t byte : test::random_bytes(400000)) run.push(byte);
  EXPECT_FALSE(run.chain.active());
}

TEST(RecordChain, TakesNothingElseForOne) {
  EXPECT_LT(followed(test::random_bytes(300000)), 3000u);
  EXPECT_EQ(followed(test::text_bytes(300000)), 0u);
  EXPECT_EQ(followed(test::record_bytes(300000)), 0u);
  for (const unsigned filler : {0u, 1u, 2u, 4u, 8u, 255u})
    EXPECT_EQ(followed(Bytes(100000, static_cast<std::uint8_t>(filler))), 0u) << filler;
}

TEST(RecordChain, KnowsTheCellAboveFromTheColumn) {
  Follower run;
  const Bytes data = cells(20);
  unsigned compared = 0;
  for (const std::uint8_t byte : data) {
    run.push(byte);
    const RecordChain& chain = run.chain;
    if (!chain.active() || chain.offset() != 8 || run.position < data.size() / 2) continue;
    const unsigned row = run.at(run.position - 4);
    const unsigned column = run.at(run.position - 2);
    ASSERT_EQ(chain.word(0), row + 1);
    ASSERT_EQ(chain.word(1), column + 1);
    ASSERT_EQ(run.at(chain.like(1) - 2), column);
    ASSERT_EQ(run.at(chain.like(1) - 4), row - 1);
    ASSERT_EQ(run.at(chain.like(4) - 4), row - 2);
    ++compared;
  }
  EXPECT_GT(compared, 200u);
}

TEST(RecordChain, ExpectsTheCellAboveBeforeTheColumnIsKnown) {
  Follower run;
  const Bytes data = cells(20);
  unsigned compared = 0;
  for (const std::uint8_t byte : data) {
    run.push(byte);
    if (run.position == data.size()) break;
    if (!run.chain.active() || run.chain.offset() != 0 || run.position < data.size() / 2) continue;
    ASSERT_EQ(run.at(run.chain.like(1) + 6), data[run.position + 6]);
    ++compared;
  }
  EXPECT_GT(compared, 200u);
}

}  // namespace
}  // namespace ssmz::codec
