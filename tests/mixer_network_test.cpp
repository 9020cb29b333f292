// SPDX-License-Identifier: Apache-2.0
// A network of mixers: what it predicts, what it learns, and a second one beside the first.
#include "codec/predict/mixer_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "codec/levels/level_models.hpp"
#include "codec/predict/decision_model.hpp"

namespace ssmz::codec {
namespace {

DecisionModelShape small_shape(unsigned finals) {
  DecisionModelShape shape;
  shape.extra_inputs = 15;
  shape.set_rows = {1, 2, 1};
  shape.final_rows.assign(finals, 1);
  return shape;
}

constexpr DecisionContexts rows{.sets = {0, 1, 0}, .finals = {}, .apms = {}};

float mix(MixerNetwork& network) {
  network.select(0, rows);
  return network.mix();
}

TEST(MixerNetwork, BeginsWithTheMeanOfItsSets) {
  for (const unsigned finals : {0u, 1u, 2u}) {
    MixerNetwork network(small_shape(finals), 0, 0.5f);
    std::fill_n(network.inputs(), 16, 0.25f);
    // All weights of a set are alike and sum up to 5.
    EXPECT_NEAR(mix(network), 5.0f * 0.25f, 1e-5f) << finals;
  }
}

TEST(MixerNetwork, LearnsAndReadsWhatAnotherReads) {
  MixerNetwork network(small_shape(1), 0, 0.5f), beside(small_shape(1), 0, 0.5f);
  std::fill_n(network.inputs(), 16, 0.25f);
  beside.read(network);
  const float before = mix(network);
  EXPECT_EQ(mix(beside), before);
  for (int i = 0; i < 20; ++i) {
    (void)mix(network);
    network.update(0, 0.5f);
  }
  EXPECT_LT(mix(network), before - 0.1f);
  EXPECT_EQ(mix(beside), before);
}

// Adds up what decisions cost.
struct Cost {
  double bits = 0.0;
  unsigned code(bool bit, std::uint32_t p, const Position&) {
    const double one = p / static_cast<double>(1u << 22);
    bits -= std::log2(bit ? one : 1.0 - one);
    return bit;
  }
};

// A bit that four of five times is what one of fifteen inputs says: with two networks, each of which learns,
// What decisions cost of which one of fifteen inputs says four of five.
double cost_with(float second_joint_share) {
  DecisionModelShape shape = small_shape(1);
  shape.second_joint_share = second_joint_share;
  SlotTable table(1u << 12);
  DecisionModel model(shape, table);
  Cost cost;
  unsigned random = 1;
  for (unsigned i = 0; i < 4000; ++i) {
    random = random * 1103515245u + 12345u;
    const bool said = random >> 16 & 1u, bit = said != ((random >> 17) % 5 == 0);
    model.begin_symbol([](std::uint32_t) { return SymbolPath{}; }, [] { return 1u; });
    model.decide(
        cost, bit, Position{}, 0,
        [&] {
          for (unsigned k = 0; k < 15; ++k) model.extra()[k] = (random >> (k + 8) & 1u) ? 0.3f : -0.3f;
          model.extra()[7] = said ? 1.0f : -1.0f;
          return rows;
        },
        [](unsigned) { return NextDecision{}; });
    model.end_symbol(bit);
  }
  return cost.bits;
}

TEST(MixerNetwork, ASecondOneTakesPart) {
  const double one = cost_with(0.0f), two = cost_with(0.3f);
  EXPECT_NE(one, two);
  EXPECT_LT(two, 4000.0);
  EXPECT_LT(std::fabs(two - one), 0.1 * one);
}

TEST(MixerNetwork, BytesHaveTwoAtTheLastTwoLevelsAlone) {
  for (int level = min_level; level <= max_level; ++level) {
    const ModelParameters parameters = *parameters_for(level, 100000, 0);
    EXPECT_EQ(byte_options(parameters, 1).second_network, level >= 8) << level;
  }
  DecisionModelShape shape = small_shape(1);
  const std::uint64_t one = DecisionModel::memory(shape);
  shape.second_joint_share = 0.5f;
  EXPECT_GT(DecisionModel::memory(shape), one);
}

}  // namespace
}  // namespace ssmz::codec
