// SPDX-License-Identifier: Apache-2.0
// The range coder gives back every decision and pays what the probabilities say.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "codec/range/range_decoder.hpp"
#include "codec/range/range_encoder.hpp"

namespace ssmz::codec {
namespace {

struct Decision {
  unsigned bit;
  std::uint32_t p1;
};

std::vector<std::uint8_t> encode(const std::vector<Decision>& decisions) {
  std::vector<std::uint8_t> out;
  RangeEncoder encoder(out);
  for (const Decision& d : decisions) encoder.encode(d.bit, d.p1);
  encoder.finish();
  return out;
}

double ideal_bits(const std::vector<Decision>& decisions) {
  double bits = 0;
  for (const Decision& d : decisions) {
    const double p1 = static_cast<double>(d.p1) / probability_one;
    bits -= std::log2(d.bit != 0 ? p1 : 1 - p1);
  }
  return bits;
}

void expect_round_trip(const std::vector<Decision>& decisions) {
  const std::vector<std::uint8_t> coded = encode(decisions);
  RangeDecoder decoder(coded);
  for (std::size_t i = 0; i < decisions.size(); ++i)
    ASSERT_EQ(decoder.decode(decisions[i].p1), decisions[i].bit) << i;
  EXPECT_FALSE(decoder.exhausted());
  EXPECT_TRUE(decoder.finished());
  EXPECT_LE(static_cast<double>(coded.size()), ideal_bits(decisions) / 8 * 1.0001 + 2.0);
}

/// Decisions of all kinds of certainty, drawn by their own probability unless `wrong` percent of the time.
std::vector<Decision> random_decisions(unsigned seed, std::size_t count, unsigned wrong) {
  std::mt19937 engine(seed);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  std::vector<Decision> decisions(count);
  for (Decision& d : decisions) {
    const std::uint32_t limit = probability_one >> (random() % (probability_bits - 1));
    const std::uint32_t rare = 1 + random() % (limit - 1);
    d.p1 = random() % 2 != 0 ? rare : probability_one - rare;
    d.bit = random() % probability_one < d.p1 ? 1 : 0;
    if (random() % 100 < wrong) d.bit ^= 1u;
  }
  return decisions;
}

TEST(RangeCoder, GivesBackNothingFromNothingWithoutAByte) { EXPECT_TRUE(encode({}).empty()); }

TEST(RangeCoder, GivesBackRandomDecisionsAtTheirIdealCost) {
  for (unsigned seed = 0; seed < 50; ++seed) expect_round_trip(random_decisions(seed, 1 + seed * 97, 0));
  expect_round_trip(random_decisions(99, 200000, 0));
}

TEST(RangeCoder, GivesBackDecisionsItPredictedBadly) {
  for (unsigned seed = 0; seed < 50; ++seed) expect_round_trip(random_decisions(seed, 3000, 30));
}

TEST(RangeCoder, GivesBackEveryShortString) {
  for (const std::uint32_t p1 : {1u, 77u, probability_one / 2, probability_one - 77, probability_one - 1}) {
    for (unsigned bits = 0; bits < 1024; ++bits) {
      std::vector<Decision> decisions;
      for (unsigned i = 0; i < 10; ++i) decisions.push_back({(bits >> i) & 1u, p1});
      expect_round_trip(decisions);
    }
  }
}

TEST(RangeCoder, CarriesThroughLongRunsOfFullBytes) {
  // Certain zeros push low to just under a power of two; a one or a zero at the end decides the carry.
  for (unsigned last = 0; last < 2; ++last) {
    std::vector<Decision> decisions(300, Decision{0, 1});
    for (unsigned i = 0; i < 300; ++i) decisions.push_back({0, probability_one / 2});
    decisions.push_back({last, probability_one - 1});
    decisions.push_back({0, probability_one - 1});
    expect_round_trip(decisions);
  }
}

TEST(RangeCoder, PaysAlmostNothingForCertainDecisions) {
  EXPECT_LE(encode(std::vector<Decision>(1000000, Decision{1, probability_one - 1})).size(), 1u);
  EXPECT_LE(encode(std::vector<Decision>(1000000, Decision{0, 1})).size(), 2u);
}

TEST(RangeCoder, NoticesWhenTheInputIsFarTooShort) {
  std::vector<std::uint8_t> coded = encode(random_decisions(5, 10000, 0));
  coded.resize(coded.size() / 2);
  RangeDecoder decoder(coded);
  for (int i = 0; i < 10000; ++i) static_cast<void>(decoder.decode(probability_one / 2));
  EXPECT_TRUE(decoder.exhausted());
}

// A change that leaves all decisions as they were must be
// noticed at the end, as must bytes too many or too few.
TEST(RangeCoder, NoticesEveryChangeThatDecidesNothing) {
  unsigned harmless = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    const auto decisions = random_decisions(seed, 40, 10);
    const auto coded = encode(decisions);
    const auto finishes = [&](const std::vector<std::uint8_t>& bytes) {
      RangeDecoder decoder(bytes);
      bool same = true;
      for (const Decision& d : decisions) same &= decoder.decode(d.p1) == d.bit;
      harmless += same;
      return same && decoder.finished();
    };
    ASSERT_TRUE(finishes(coded));
    for (std::size_t at = 0; at < coded.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        auto changed = coded;
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1u << bit);
        ASSERT_FALSE(finishes(changed)) << seed;
      }
    }
    auto longer = coded;
    longer.push_back(0);
    ASSERT_FALSE(finishes(longer)) << seed;
    longer.back() = 1;
    ASSERT_FALSE(finishes(longer)) << seed;
  }
  EXPECT_GT(harmless, 600u);  // each seed's own, and some that only the end can tell
}

TEST(RangeCoder, AppendsAfterWhatIsThere) {
  std::vector<std::uint8_t> out = {0, 0, 0};
  RangeEncoder encoder(out);
  encoder.finish();
  EXPECT_GE(out.size(), 3u);
}

}  // namespace
}  // namespace ssmz::codec
