// SPDX-License-Identifier: Apache-2.0
// A packed table is the same as a spread one but for where its lines are, and takes memory for what it holds.
#include "codec/predict/slot_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <vector>

#include "codec/predict/context_bank.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t bytes = 2 * SlotTable::largest_spread;

/// Two banks over one table, of which the second is asked now and then.
class Rig {
 public:
  explicit Rig(SlotTable& table)
      : table_(table), banks_{ContextBank(table, 3, 1), ContextBank(table, 3, 1)} {}

  /// What all decisions of symbols from `random` on have for inputs. Before symbol `spread` the table is
  /// spread out.
  std::vector<float> code(unsigned symbols, unsigned spread) {
    std::mt19937 random(3);
    std::vector<float> all;
    for (unsigned symbol = 0; symbol < symbols; ++symbol) {
      if (symbol == spread) table_.spread();
      ContextBank& bank = banks_[symbol % 7 == 0];
      const auto context = random() % 50;
      for (unsigned i = 0; i < 3; ++i) bank.set(i, hash_mix(context, i));
      bank.start(1);
      const auto bits = random() & random();
      for (unsigned i = 0; i < 12; ++i) {
        std::array<float, 3 * ContextBank::inputs_per_context> inputs{};
        bank.find(0);
        bank.predict(inputs.data());
        all.insert(all.end(), inputs.begin(), inputs.end());
        bank.update(bits >> i & 1, i < 11);
      }
      bank.finish();
    }
    return all;
  }

 private:
  SlotTable& table_;
  std::array<ContextBank, 2> banks_;
};

TEST(SlotTable, GivesThePackedThePredictionsOfTheSpread) {
  SlotTable packed(bytes), between(bytes), spread(between);  // a copy is spread out
  EXPECT_EQ(spread.moves(), 0u);
  const std::vector<float> expected = Rig(spread).code(2000, ~0u);
  EXPECT_EQ(Rig(packed).code(2000, ~0u), expected);
  EXPECT_EQ(packed.moves(), 0u);
  // In the midst, when the other bank has insertions to come.
  EXPECT_EQ(Rig(between).code(2000, 1002), expected);
  EXPECT_EQ(between.moves(), 1u);
}

TEST(SlotTable, PacksWhatWasAskedForSideBySide) {
  SlotTable packed(bytes);
  std::mt19937_64 random(1);
  std::set<const SlotLine*> pairs;
  std::vector<std::uint64_t> hashes;
  for (unsigned i = 0; i < 5000; ++i) hashes.push_back(random());
  for (const std::uint64_t hash : hashes) pairs.insert(packed.pair(hash));
  for (const std::uint64_t hash : hashes) EXPECT_EQ(packed.seen_pair(hash), packed.pair(hash));
  EXPECT_EQ(*pairs.rbegin() - *pairs.begin(), static_cast<std::ptrdiff_t>(2 * (pairs.size() - 1)));
}

TEST(SlotTable, IsCrowdedBeforeItsIndexOutgrowsItAndThenSpreadsByItself) {
  SlotTable table(bytes);
  ContextBank bank(table, 1, 1);
  std::mt19937_64 random(1);
  unsigned asked = 0;
  for (; !table.crowded() && asked < bytes / sizeof(SlotLine); ++asked) table.pair(random())->clock = 1;
  EXPECT_LT(asked, bytes / sizeof(SlotLine) / 2);
  EXPECT_GT(asked, bytes / sizeof(SlotLine) / 8);
  bank.set(0, 5);
  bank.start(1);
  EXPECT_FALSE(table.crowded());
  EXPECT_EQ(table.moves(), 1u);
  EXPECT_EQ(table.pair(std::mt19937_64(1)())->clock, 1) << "what it held is still there";
}

TEST(SlotTable, ThatFitsItsInputSpreadsEarly) {
  SlotTable table(bytes, true);
  std::mt19937_64 random(1);
  std::uint64_t asked = 0;
  for (; !table.crowded() && asked < bytes / sizeof(SlotLine); ++asked) table.pair(random());
  EXPECT_LT(asked, bytes / sizeof(SlotLine) / 16);
  EXPECT_GT(asked, bytes / sizeof(SlotLine) / 64);
}

TEST(SlotTable, FrozenOrCopiedKeepsWhatItHeldPacked) {
  SlotTable packed(bytes);
  SlotLine* const line = packed.pair(99) + 1;  // as models hold them from before
  packed.pair(~std::uint64_t{0});
  line->clock = 5;
  SlotTable copy(packed);
  EXPECT_EQ((copy.pair(99) + 1)->clock, 5);
  EXPECT_EQ(copy.counterpart(line, packed), copy.pair(99) + 1);
  packed.freeze();
  SlotTable of_frozen(packed);
  EXPECT_EQ((of_frozen.pair(99) + 1)->clock, 5);
  EXPECT_EQ(of_frozen.counterpart(line, packed), of_frozen.pair(99) + 1);
  EXPECT_EQ(of_frozen.counterpart(nullptr, packed), nullptr);
}

}  // namespace
}  // namespace ssmz::codec
