// SPDX-License-Identifier: Apache-2.0
// First values: the embedded file is the format version's, a damaged one is refused, models begin with what
// one says.
#include "codec/predict/first_values.hpp"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <memory>
#include <string_view>
#include <vector>

#include "codec/base/little_endian.hpp"
#include "codec/predict/decision_model.hpp"
#include "codec/predict/history_chain.hpp"
#include "codec/predict/match_model.hpp"
#include "codec/predict/slot_table.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr unsigned phases = 2, contexts = 3, sets = 2, finals = 1, stages = 2, attributes = 2, classes = 4;
constexpr std::size_t inputs = 3 * contexts + 1;

void append_vector(unsigned exponent, const std::vector<int>& weights, Bytes& out) {
  out.push_back(static_cast<std::uint8_t>(exponent));
  for (const int w : weights) out.push_back(static_cast<std::uint8_t>(w));
}

void seal(Bytes& file) { append_little_endian(XXH3_64bits(file.data(), file.size()), 8, file); }

// One model, "m", of two phases, three contexts and two weight sets. A phase's weights are 1 + phase, a set's
// 0.25 * set; histories are worth 1, the second context's half more, of which the second phase takes none.
// The constants of two stages of chains are 1 + 2 * phase + stage sixteenths more than usual, the weights of
// their logits a quarter less.
Bytes sample() {
  constexpr std::string_view head = "ssmzfst3\1\1m";
  Bytes file(head.begin(), head.end());
  for (const unsigned field : {phases, contexts, ContextBank::map_size, 0u, FollowerBank::entries_per_context,
                               0u, 0u, stages, attributes, classes})
    append_little_endian(field, 2, file);
  for (int i = 0; i < static_cast<int>(attributes * classes); ++i)
    file.push_back(static_cast<std::uint8_t>(i - 2));
  file.push_back(1), file.push_back(0);
  file.insert(file.end(), phases * ContextBank::map_size, 16);
  for (unsigned i = 0; i < contexts; ++i) file.insert(file.end(), ContextBank::map_size, i == 1 ? 8 : 0);
  file[file.size() - contexts * ContextBank::map_size - 1] = 0x80;  // the last kind of the second phase
  for (unsigned p = 0; p < phases; ++p)
    file.insert(file.end(), ContextBank::map_size, static_cast<std::uint8_t>(1 + 2 * p));
  for (unsigned i = 0; i < stages; ++i)
    file.insert(file.end(), ContextBank::map_size, static_cast<std::uint8_t>(i));
  file.insert(file.end(), stages * ContextBank::map_size, 0x100 - FirstValues::chain_logit_steps / 4);
  file.push_back(1);
  for (const unsigned field : {contexts, 0u, 0u, 0u, sets, finals}) append_little_endian(field, 2, file);
  for (unsigned p = 0; p < phases; ++p)
    append_vector(0, std::vector<int>(inputs, static_cast<int>(p) + 1), file);
  for (unsigned s = 0; s < sets; ++s) append_vector(2, std::vector<int>(inputs, static_cast<int>(s)), file);
  for (unsigned p = 0; p < phases; ++p) append_vector(1, {-1, 3}, file);
  seal(file);
  return file;
}

DecisionModelShape shape_with(const FirstValues* first, unsigned model_contexts = contexts) {
  DecisionModelShape shape;
  shape.contexts = model_contexts;
  shape.phases = phases;
  shape.set_rows = {4, 4};
  shape.final_rows = {4};
  shape.first = first;
  return shape;
}

// Codes one decision of `phase`, selecting row 1 everywhere.
struct Io {
  unsigned code(bool bit, std::uint32_t, const Position&) { return bit; }
};
void decide(DecisionModel& model, unsigned phase) {
  Io io;
  model.begin_symbol([](std::uint32_t) { return SymbolPath{}; }, [] { return 1u; });
  DecisionContexts chosen;
  chosen.sets.fill(1), chosen.finals.fill(1);
  model.decide(
      io, true, Position{}, phase, [&] { return chosen; }, [](unsigned) { return NextDecision{}; });
}

TEST(FirstValues, EmbeddedFileIsTheOneOfTheFormatVersion) {
  // The library takes them for whole.
  EXPECT_TRUE(FirstValuesFile::parse(FirstValuesFile::builtin_bytes()));
  EXPECT_EQ(FirstValuesFile::builtin().hash(), 0x06bbee67ea810511u) << "see data/FIRST_VALUES.md";
}

TEST(FirstValues, DamagedFilesAreRefused) {
  const Bytes good = sample();
  ASSERT_TRUE(FirstValuesFile::parse(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(FirstValuesFile::parse(std::span(good).first(size))) << size;
  for (std::size_t at = 0; at < good.size(); at += 7) {
    Bytes bad = good;
    bad[at] ^= 0x41u;
    EXPECT_FALSE(FirstValuesFile::parse(bad)) << at;
  }
  Bytes longer = good;
  longer.resize(longer.size() - 8);
  longer.push_back(0);
  seal(longer);
  EXPECT_FALSE(FirstValuesFile::parse(longer));
}

TEST(FirstValues, AttributesHaveALogitForEachDecisionAndClass) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  const FirstValues& values = *file->find("m");
  EXPECT_EQ(values.attributes, attributes);
  EXPECT_EQ(values.attribute_classes, classes);
  ASSERT_EQ(values.attribute_logits.size(), std::size_t{attributes * classes});
  EXPECT_EQ(static_cast<std::int8_t>(values.attribute_logits[0]), -2);
  EXPECT_EQ(static_cast<std::int8_t>(values.attribute_logits[classes]), 2);
}

TEST(FirstValues, HistoriesBeginWithTheSumOfPhaseAndContext) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  SlotTable table(std::size_t{1} << 18), other_table(std::size_t{1} << 18);
  const DecisionModel model(shape_with(file->find("m")), table);
  const DecisionModel plain(shape_with(nullptr), other_table);
  const ContextBank& bank = model.contexts();
  EXPECT_EQ(bank.history_probability(0, 5, 0), first_probability(16));
  EXPECT_EQ(bank.history_probability(0, 5, 1), first_probability(24));
  EXPECT_EQ(bank.history_probability(1, 5, 1), first_probability(16));
  constexpr unsigned unknown = ContextBank::map_size - 1;
  EXPECT_EQ(bank.history_probability(1, unknown, 0), plain.contexts().history_probability(1, unknown, 0));
}

TEST(FirstValues, ChainsBeginWithTheSumOfPhaseAndStage) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  HistoryChain chain(stages, phases), other(stages + 1, phases);
  chain.start_from(*file->find("m"));
  for (unsigned row = 0; row < phases * stages; ++row) {
    const std::size_t i = row * ContextBank::map_size + 300;
    const HistoryChain::Weights first = chain.weights(i);
    EXPECT_FLOAT_EQ(first.constant, HistoryChain::usual(i).constant + static_cast<float>(1 + row) / 16.0f);
    EXPECT_FLOAT_EQ(first.logit, HistoryChain::usual(i).logit - 0.25f);
  }
  other.start_from(*file->find("m"));
  EXPECT_EQ(other.weights(300).constant, HistoryChain::usual(300).constant) << "other stages";
}

TEST(FirstValues, RowsBeginWithTheSumOfPhaseAndSetOfTheDecisionThatSelectsThem) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  SlotTable table(std::size_t{1} << 18);
  DecisionModel model(shape_with(file->find("m")), table);
  decide(model, 1);
  // The contexts have seen nothing, so their weights have not moved.
  EXPECT_EQ(model.mixer().selected(0)[0], 2.0f);
  EXPECT_EQ(model.mixer().selected(1)[0], 2.25f);
}

TEST(FirstValues, RowsOfAPhaseThatTrainingDoesNotKnowBeginAsThoseOfTheOneItIsLike) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  DecisionModelShape shape = shape_with(file->find("m"));
  shape.like_phases = {1, 0};
  shape.phases = phases + 2;
  const auto first_weight = [&](unsigned phase) {
    SlotTable table(std::size_t{1} << 18);
    DecisionModel model(shape, table);
    decide(model, phase);
    EXPECT_EQ(model.contexts().history_probability(phases, 5, 0), ContextBank::usual_probability(5));
    return model.mixer().selected(1)[0];
  };
  EXPECT_EQ(first_weight(2), 2.25f);
  EXPECT_EQ(first_weight(3), 1.25f);
}

TEST(FirstValues, WhatFinalMixersReadBesideTheSetsHasNoWeightAtFirst) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  for (const FirstValues* const first : {file->find("m"), static_cast<const FirstValues*>(nullptr)}) {
    DecisionModelShape shape = shape_with(first);
    shape.extra_inputs = 2;
    SlotTable table(std::size_t{1} << 18), other_table(std::size_t{1} << 18);
    const DecisionModel without(shape, table);
    shape.finals_read_extra = true;
    const DecisionModel with(shape, other_table);
    const std::size_t outputs = shape.set_rows.size();
    for (std::size_t i = 0; i < outputs; ++i)
      EXPECT_EQ(with.finals().selected(0)[i], without.finals().selected(0)[i]);
    for (std::size_t i = outputs; i < with.finals().padded(); ++i)
      EXPECT_EQ(with.finals().selected(0)[i], 0.0f);
  }
}

TEST(FirstValues, AModelWithOtherContextsTakesWhatItShares) {
  const Bytes bytes = sample();
  const auto file = FirstValuesFile::parse(bytes);
  const FirstValues& values = *file->find("m");
  EXPECT_EQ(file->find("other"), nullptr);
  EXPECT_NE(values.mixer_for(contexts, 3), nullptr);
  EXPECT_EQ(values.mixer_for(contexts + 1, 0), nullptr) << "more than an eighth apart";
  SlotTable table(std::size_t{1} << 18);
  const DecisionModel model(shape_with(&values, contexts + 1), table);
  const ContextBank& bank = model.contexts();
  EXPECT_EQ(bank.history_probability(0, 5, 1), first_probability(24));
  EXPECT_EQ(bank.history_probability(0, 5, contexts), first_probability(16));
}

}  // namespace
}  // namespace ssmz::codec
