// SPDX-License-Identifier: Apache-2.0
// The SSM of bytes predicts what contexts alone do not, begins when it is told, and goes on in copies.
#include "codec/bytes/byte_ssm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "codec/bytes/byte_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/range/range_common.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

// Adds up what each decision costs.
struct Meter {
  double bits = 0.0;
  unsigned code(bool bit, std::uint32_t p, const Position&) {
    const double one = static_cast<double>(p) / probability_one;
    bits -= std::log2(bit ? one : 1.0 - one);
    return bit;
  }
};

// Each byte is one of two, and which of two alphabets it is from was said three bytes ago: no context of the
// model below reads that.
Bytes of_long_reach(std::size_t size) {
  std::mt19937 random(5);
  Bytes bytes(3, 0);
  while (bytes.size() < size) {
    const unsigned alphabet = bytes[bytes.size() - 3] & 1u;
    bytes.push_back(static_cast<std::uint8_t>(alphabet * 0x50 + 0x20 + (random() >> 7 & 1u)));
  }
  return bytes;
}

// Most bytes are that of four before with its low bit the other.
Bytes of_fourth_last(std::size_t size) {
  std::mt19937 random(9);
  Bytes bytes(4, 0);
  while (bytes.size() < size) {
    const std::uint8_t fourth = bytes[bytes.size() - 4];
    const auto other = static_cast<std::uint8_t>(random() >> 7 & 0x3fu);
    bytes.push_back(random() % 8 == 0 ? other : static_cast<std::uint8_t>(fourth ^ 1u));
  }
  return bytes;
}

ByteModelOptions small_options(unsigned width) {
  ByteModelOptions options;
  options.contexts = 1;  // order 1
  options.follower_contexts = 0;
  options.matches = 0;
  options.sets = 1;
  options.finals = 0;
  options.apms = 0;
  options.preconditioner_rank = 0;
  options.history_log2 = 12;
  options.ssm.d_model = width;
  return options;
}

double cost(ByteModel& model, std::span<const std::uint8_t> bytes) {
  Meter meter;
  for (std::size_t i = 0; i < bytes.size(); ++i) model.code(meter, bytes.subspan(i));
  return meter.bits;
}

double cost(const ByteModelOptions& options, std::span<const std::uint8_t> bytes) {
  const model::ScopedFloatMode mode;
  SlotTable table(1u << 20);
  ByteModel model(table, options);
  return cost(model, bytes);
}

TEST(ByteSsm, PredictsWhatNoContextReads) {
  const Bytes bytes = of_long_reach(6000);
  const double without = cost(small_options(0), bytes), with = cost(small_options(32), bytes);
  EXPECT_GT(without, 1.5 * 6000);
  EXPECT_LT(with, 0.8 * without);
}

TEST(ByteSsm, ASecondOneReadsBytesFurtherBack) {
  const Bytes bytes = of_fourth_last(6000);
  ByteModelOptions options = small_options(32);
  const double with_one = cost(options, bytes);
  options.second_ssm = true;
  EXPECT_LT(cost(options, bytes), 0.9 * with_one);
}

TEST(ByteSsm, TakesItsMemoryTwiceWhereThereAreTwo) {
  ByteModelOptions options = small_options(32);
  const std::uint64_t one = ByteModel::memory(options);
  options.second_ssm = true;
  EXPECT_GE(ByteModel::memory(options), one + ByteSsm::memory(options.ssm, ByteSsmReads::followers));
}

TEST(ByteSsm, ChangesNothingBeforeItBegins) {
  const Bytes bytes = of_long_reach(600);
  const auto cost_before = [&](unsigned bytes_before) {
    ByteModelOptions options = small_options(32);
    options.bytes_before_ssm = bytes_before;
    return cost(options, bytes);
  };
  EXPECT_EQ(cost_before(600), cost_before(100000));
  EXPECT_NE(cost_before(300), cost_before(600));
}

TEST(ByteSsm, GoesOnInCopies) {
  const model::ScopedFloatMode mode;
  const Bytes bytes = of_long_reach(3000);
  const std::span<const std::uint8_t> all(bytes), head = all.first(1000), tail = all.subspan(1000);
  SlotTable table(1u << 20);
  ByteModelOptions options = small_options(16);
  options.second_ssm = true;
  ByteModel model(table, options);
  cost(model, head);
  SlotTable other_table(table);
  ByteModel copy(model);
  copy.move_to(other_table);
  const double first = cost(copy, tail);
  EXPECT_EQ(first, cost(model, tail));
}

}  // namespace
}  // namespace ssmz::codec
