// SPDX-License-Identifier: Apache-2.0
// Finding how long records are, also where positions no longer fit 32 bits.
#include <gtest/gtest.h>

#include <cstdint>

#include "codec/bytes/byte_state.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned length = 24;

// Bytes of records from position `first` on: a counter in the first two, then always the same.
void push_records(RecordFinder& finder, std::uint64_t first, unsigned count) {
  unsigned before = 0;
  for (std::uint64_t i = 0; i < std::uint64_t{count} * length; ++i) {
    const auto column = static_cast<unsigned>(i % length);
    const unsigned byte = column < 2 ? static_cast<unsigned>(i / length >> 8 * column & 0xffu) : 100 + column;
    finder.push(first + i + 1, before << 8 | byte);
    before = byte;
  }
}

TEST(RecordFinder, FindsTheLength) {
  RecordFinder finder;
  push_records(finder, 0, 200);
  EXPECT_EQ(finder.length(0), length);
}

TEST(RecordFinder, GoesOnWherePositionsPass32Bits) {
  RecordFinder finder;
  push_records(finder, (std::uint64_t{1} << 32) - 100 * length, 200);
  EXPECT_EQ(finder.length(0), length);
}

TEST(RecordFinder, TakesOldPairsForNoRecords) {
  RecordFinder finder;
  for (std::uint64_t i = 1; i < 200; ++i) finder.push(i * 100'000 * 512, 7);
  EXPECT_EQ(finder.length(0), 0u);
}

}  // namespace
}  // namespace ssmz::codec
