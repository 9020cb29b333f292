// SPDX-License-Identifier: Apache-2.0
// Trees of bytes lead to every byte, frequent ones lie near the root, and blocks say which tree they are
// coded by.
#include "codec/bytes/byte_tree.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

#include "codec/block/block_coder.hpp"
#include "codec/bytes/byte_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/range/range_common.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

constexpr ModelParameters fast{.level = 1, .table_log2 = 20};

struct Counter {
  std::size_t decisions = 0;
  unsigned code(bool bit, std::uint32_t p, const Position&) {
    EXPECT_GT(p, 0u);
    EXPECT_LT(p, probability_one);
    ++decisions;
    return bit;
  }
};

// Walks to each byte by its path.
void expect_sound(const ByteTree& tree) {
  std::set<unsigned> nodes;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const SymbolPath& path = tree.path(byte);
    EXPECT_LE(path.depth, ByteTree::greatest_depth);
    unsigned node = tree.root();
    for (unsigned i = 0; i < path.depth; ++i) {
      ASSERT_GE(node, 1u);
      ASSERT_LT(node, ByteTree::leaf);
      nodes.insert(node);
      node = tree.child(node, path.bits >> i & 1u);
    }
    EXPECT_EQ(node, ByteTree::leaf + byte);
  }
  EXPECT_EQ(nodes.size(), 255u);  // each bound once
}

Bytes digits(std::size_t size) {
  std::mt19937 random(3);
  Bytes bytes;
  while (bytes.size() < size) bytes.push_back(static_cast<std::uint8_t>('0' + (random() >> 9) % 10));
  return bytes;
}

double decisions_a_byte(const Bytes& bytes) {
  const model::ScopedFloatMode mode;
  SlotTable table(table_bytes(fast));
  ByteModel model(table, byte_options(fast, 1));
  Counter counter;
  model.begin_block(counter, bytes, bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) model.code(counter, std::span(bytes).subspan(i));
  return static_cast<double>(counter.decisions) / static_cast<double>(bytes.size());
}

TEST(ByteTree, OfEqualFrequenciesIsThatOfBits) {
  const ByteTree tree;
  expect_sound(tree);
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned node = tree.root();
    EXPECT_EQ(tree.path(byte).depth, 8u);
    for (unsigned i = 0; i < 8; ++i) {
      EXPECT_EQ(node, (256u | byte) >> (8 - i));
      EXPECT_EQ(byte_level(node), i);
      EXPECT_EQ(tree.path(byte).bits >> i & 1u, byte >> (7 - i) & 1u);
      node = tree.child(node, byte >> (7 - i) & 1u);
    }
  }
}

TEST(ByteTree, LeadsToEveryByteWhateverTheFrequencies) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 50; ++round) {
    ByteFrequencies frequencies{};
    for (std::uint8_t& frequency : frequencies)
      frequency = static_cast<std::uint8_t>(round % 2                   ? (random() >> 8) % byte_classes
                                            : (random() >> 8) % 64 == 0 ? 4
                                                                        : 0);
    expect_sound(ByteTree(frequencies));
  }
  for (unsigned frequent = 0; frequent < 256; ++frequent) {
    ByteFrequencies frequencies{};
    frequencies[frequent] = byte_classes - 1;
    const ByteTree tree(frequencies);
    expect_sound(tree);
    EXPECT_LE(tree.path(frequent).depth, 3u);
  }
}

TEST(ByteTree, IsTakenOnlyWhereItSavesDecisions) {
  const auto for_digits = frequencies_for(digits(20000), 68);
  ASSERT_TRUE(for_digits);
  EXPECT_LE(ByteTree(*for_digits).path('5').depth, 5u);
  Bytes all;
  for (unsigned i = 0; i < 20000; ++i) all.push_back(static_cast<std::uint8_t>(i * 7));
  EXPECT_FALSE(frequencies_for(all, 68));
}

TEST(ByteTree, FrequenciesComeBack) {
  const auto known = frequencies_for(digits(20000), 68);
  Bytes coded;
  EncodeIo out(coded);
  EXPECT_EQ(code_frequencies(out, known), known);
  EXPECT_EQ(code_frequencies(out, std::optional<ByteFrequencies>()), std::nullopt);
  out.finish();
  EXPECT_LT(coded.size(), 40u);
  DecodeIo in(coded);
  EXPECT_EQ(code_frequencies(in, std::optional<ByteFrequencies>()), known);
  EXPECT_EQ(code_frequencies(in, std::optional<ByteFrequencies>()), std::nullopt);
}

TEST(ByteTree, SavesDecisionsFromThatBlockOnThatIsLongEnough) {
  EXPECT_GE(decisions_a_byte(digits(16383)), 8.0);
  EXPECT_LT(decisions_a_byte(digits(16384)), 5.0);
}

TEST(ByteTree, BlocksComeBackBeforeAndAfterOneThatSaysATree) {
  const std::vector<Bytes> blocks = {digits(3000), digits(20000), test::random_bytes(3000), digits(17000)};
  auto encoder = BlockCoder::create(fast, Vocabulary::builtin());
  auto decoder = BlockCoder::create(fast, Vocabulary::builtin());
  for (const Bytes& block : blocks) {
    Bytes coded, raw;
    ASSERT_TRUE(encoder.value()->encode(BlockKind::bytes, block, coded, {}).ok());
    ASSERT_TRUE(decoder.value()->decode(BlockKind::bytes, coded, block.size(), raw, {}).ok());
    EXPECT_EQ(raw, block);
  }
}

}  // namespace
}  // namespace ssmz::codec
