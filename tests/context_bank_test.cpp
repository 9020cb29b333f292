// SPDX-License-Identifier: Apache-2.0
// What contexts have seen is found again, also after it parts ways, and the least evidence is given up first.
#include "codec/predict/context_bank.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace ssmz::codec {
namespace {

constexpr unsigned tree = 1;

/// One context, symbols of `bits`, first decision first.
class Rig {
 public:
  explicit Rig(std::uint64_t table_bytes = 1u << 20) : table_(table_bytes), bank_(table_, 1, 1) {}

  /// Codes a symbol; gives for each decision the direct input.
  std::vector<float> code(std::uint64_t context, const std::vector<unsigned>& bits) {
    std::vector<float> inputs;
    found_.clear();
    bank_.set(0, hash_mix(context, 7));
    bank_.start(tree);
    for (const unsigned bit : bits) {
      std::array<float, ContextBank::inputs_per_context> in{};
      const unsigned seen = bank_.find(0);
      bank_.predict(in.data());
      EXPECT_EQ(seen == 1, bank_.found(0));
      found_.push_back(bank_.found(0));
      inputs.push_back(seen ? in[1] : 0.0f);
      bank_.update(bit, found_.size() < bits.size());
    }
    bank_.finish();
    return inputs;
  }

  /// Whether the context had seen each decision of the last symbol.
  [[nodiscard]] const std::vector<bool>& found() const { return found_; }

 private:
  std::vector<bool> found_;
  SlotTable table_;
  ContextBank bank_;
};

std::vector<unsigned> bits_of(unsigned value, unsigned count) {
  std::vector<unsigned> bits;
  for (unsigned i = 0; i < count; ++i) bits.push_back(value >> i & 1);
  return bits;
}

TEST(ContextBank, KnowsNothingOfANewContextAndAllOfASymbolSeenOnce) {
  for (const unsigned length : {1u, 2u, 3u, 4u, 8u, 15u, 16u, 17u, 30u}) {
    Rig rig;
    const std::vector<unsigned> symbol = bits_of(0x2d2c6a5bu, length);
    for (const float input : rig.code(1, symbol)) EXPECT_EQ(input, 0.0f);
    for (const float input : rig.code(2, symbol)) EXPECT_EQ(input, 0.0f);
    const std::vector<float> again = rig.code(1, symbol);
    for (unsigned i = 0; i < length; ++i)
      EXPECT_GT(symbol[i] ? again[i] : -again[i], 0.0f) << length << ' ' << i;
  }
}

TEST(ContextBank, IsSurerEachTimeASymbolComesAgain) {
  Rig rig;
  const std::vector<unsigned> symbol = bits_of(0x1b5u, 9);
  rig.code(1, symbol);
  std::vector<float> before = rig.code(1, symbol);
  for (unsigned times = 0; times < 300; ++times) {
    const std::vector<float> now = rig.code(1, symbol);
    for (unsigned i = 0; i < 9; ++i)
      EXPECT_GE(symbol[i] ? now[i] : -now[i], symbol[i] ? before[i] : -before[i]);
    before = now;
  }
  for (unsigned i = 0; i < 9; ++i) EXPECT_GT(symbol[i] ? before[i] : -before[i], 4.0f);
}

TEST(ContextBank, KnowsBothWaysWhereTwoSymbolsPart) {
  for (unsigned parting = 0; parting < 20; ++parting) {
    Rig rig;
    const std::vector<unsigned> one = bits_of(0x6d2e9u, 20);
    std::vector<unsigned> other = one;
    other[parting] ^= 1;
    for (unsigned i = parting + 1; i < 20; ++i) other[i] = i % 3 == 0;
    for (unsigned times = 0; times < 3; ++times) rig.code(1, one);
    const std::vector<float> parted = rig.code(1, other);
    for (unsigned i = parting + 1; i < 20; ++i) EXPECT_EQ(parted[i], 0.0f) << parting << ' ' << i;
    for (const std::vector<unsigned>& symbol : {one, other}) {
      const std::vector<float> known = rig.code(1, symbol);
      for (unsigned i = 0; i < 20; ++i) {
        EXPECT_TRUE(rig.found()[i]) << parting << ' ' << i;
        if (i == parting) continue;
        EXPECT_GT(symbol[i] ? known[i] : -known[i], 0.0f) << parting << ' ' << i;
      }
    }
  }
}

// A trie kept as plain counts says what must be found; a large table replaces nothing.
TEST(ContextBank, FindsExactlyWhatWasSeenAmongRandomSymbols) {
  Rig rig(std::uint64_t{64} << 20);
  std::mt19937 random(5);
  std::vector<bool> seen(std::size_t{64} << 12);
  for (unsigned symbol = 0; symbol < 4000; ++symbol) {
    const auto context = static_cast<unsigned>(random() % 64);
    const std::vector<unsigned> bits = bits_of(static_cast<unsigned>(random() & random()), 11);
    rig.code(context, bits);
    unsigned node = 1;
    for (unsigned i = 0; i < 11; ++i) {
      const std::size_t at = std::size_t{context} << 12 | node;
      EXPECT_EQ(rig.found()[i], seen[at]) << symbol << ' ' << i;
      seen[at] = true;
      node = node * 2 + bits[i];
    }
  }
}

TEST(SlotLine, GivesUpEmptySlotsThenTheLeastEvidenceInTurn) {
  SlotLine line{};
  for (std::uint16_t i = 0; i < SlotLine::slots; ++i) insert_slot(line, i + 1, 0, 9, i % 2 == 0);
  for (std::uint16_t i = 0; i < SlotLine::slots; ++i) EXPECT_EQ(find_slot(line, i + 1), i);
  EXPECT_EQ(line.runs, 0x555);
  line.states[3] = line.states[7] = 2;
  EXPECT_EQ(victim_slot(line), 3u);
  insert_slot(line, 100, 0, 2, true);
  EXPECT_EQ(victim_slot(line), 7u);
  insert_slot(line, 101, 0, 2, true);
  EXPECT_EQ(victim_slot(line), 3u);
  EXPECT_EQ(find_slot(line, 100), 3);
  EXPECT_EQ(find_slot(line, 101), 7);
  EXPECT_EQ(find_slot(line, 4), -1);
}

// A 0, then what was coded without it: the context meets it there, and learns it there.
TEST(ContextBank, GoesOnAsIfTheFirstDecisionHadNotBeen) {
  for (const bool skip_first : {false, true}) {
    SlotTable table(1u << 20);
    ContextBank bank(table, 1, 1);
    const auto code = [&](unsigned attributes, unsigned count, unsigned path) {
      std::array<float, ContextBank::inputs_per_context> in{};
      unsigned seen = 0;
      bank.set(0, hash_mix(1, 7));
      bank.start(0);
      for (unsigned i = 0; i < count; ++i) {
        bank.find(0);
        bank.predict(in.data());
        bank.update(attributes >> i & 1, i + 1 < count);
      }
      bank.enter(tree, skip_first && count == 3);
      for (unsigned i = 0; i < 8; ++i) {
        seen += bank.find(0);
        bank.predict(in.data());
        bank.update(path >> i & 1, i + 1 < 8);
      }
      bank.finish();
      return seen;
    };
    EXPECT_EQ(code(0b11, 2, 0x5a), 0u);
    EXPECT_EQ(code(0b11, 2, 0x5a), 8u);
    EXPECT_EQ(code(0b110, 3, 0x5a), skip_first ? 8u : 0u);
    EXPECT_EQ(code(0b110, 3, 0xa5), 1u) << "they part at the first decision";
    EXPECT_EQ(code(0b11, 2, 0xa5), skip_first ? 8u : 1u);
  }
}

TEST(ContextBank, LearnsNothingOfSymbolsThatAContextIsLeftOutOf) {
  SlotTable table(1u << 20);
  ContextBank bank(table, 2, 1);
  const std::vector<unsigned> symbol = bits_of(0x5a, 8);
  const auto seen_in = [&](bool second) {
    std::vector<unsigned> seen;
    bank.set(0, hash_mix(1, 7));
    if (second)
      bank.set(1, hash_mix(2, 7));
    else
      bank.leave_out(1);
    bank.start(tree);
    for (std::size_t i = 0; i < symbol.size(); ++i) {
      std::array<float, 2 * ContextBank::inputs_per_context> in{};
      seen.push_back(bank.find(0));
      bank.predict(in.data());
      EXPECT_TRUE(second || (in[1] == 0.0f && in[3] == 0.0f && in[5] == 0.0f));
      bank.update(symbol[i], i + 1 < symbol.size());
    }
    bank.finish();
    return seen;
  };
  const auto all = [](unsigned count) { return std::vector<unsigned>(8, count); };
  EXPECT_EQ(seen_in(false), all(0));
  EXPECT_EQ(seen_in(true), all(1));  // the second met it for the first time
  EXPECT_EQ(seen_in(false), all(1));
  EXPECT_EQ(seen_in(true), all(2));
}

}  // namespace
}  // namespace ssmz::codec
