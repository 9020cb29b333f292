// SPDX-License-Identifier: Apache-2.0
// What the objects of model/ say they take in memory, against what the allocator says.
#include <gtest/gtest.h>

#include <list>

#include "model/inference/prefix_cache.hpp"
#include "tests/allocated.hpp"
#include "tests/inference_rig.hpp"

namespace ssmz::model {
namespace {

constexpr const char* kStack = "s6 | mlp | s6 | mlp";
constexpr std::size_t kWidth = 128;

class ModelObjects : public testing::Test {
 protected:
  void SetUp() override {
    if (!allocated()) GTEST_SKIP() << "the allocator does not say what it has given out";
  }

  /// What make() gives holds within 3 % (and `small` bytes) of what it says.
  template <class Make, class Says>
  void expect_said(const Make& make, const Says& says, double small = 6000) {
    make();  // what is made once for all
    const std::uint64_t before = allocated().value();
    const auto object = make();
    const auto taken = static_cast<double>(allocated().value() - before);
    const auto said = static_cast<double>(says(object));
    EXPECT_LE(taken, said * 1.03 + small);
    EXPECT_GE(taken, said * 0.97 - small);
  }
};

TEST_F(ModelObjects, OnlineModelTakesAtMostWhatItNeeds) {
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = kStack;
  config.d_model = kWidth;
  config.embedding_rows = config.head_nodes = 1000;
  config.replay = 0;  // what it keeps for replay comes with the stream
  const std::uint64_t before = allocated().value();
  const auto online = std::move(OnlineModel::create(config).value());
  const auto taken = static_cast<double>(allocated().value() - before);
  const auto said = static_cast<double>(OnlineModel::memory_needed(config));
  EXPECT_LE(taken, said * 1.02 + 100000);
  EXPECT_GE(taken, said * 0.8);  // what is kept of a chunk grows with its targets
}

TEST_F(ModelObjects, ModelTakesTheFileAndWhatItSays) {
  const std::vector<std::uint8_t> file = trained(kStack, kWidth)->save_weights();
  expect_said([&] { return Model::from_bytes(file, {.layers = all_layers()}).value(); },
              [&](const auto& model) { return model->own_memory() + file.size(); }, 20000);
}

TEST_F(ModelObjects, ModelIn8BitsTakesWhatItSaysAndPlacesThatAreNeverTouched) {
  const auto floats = opened(*trained(kStack, kWidth));
  expect_said([&] { return floats->quantised().value(); },
              [](const auto& model) {
                return model->own_memory() + model->stack().sizes().parameters * sizeof(float);
              },
              20000);
}

TEST_F(ModelObjects, SessionsTakeWhatTheySay) {
  const auto model = opened(*trained(kStack, kWidth));
  expect_said([&] { return std::vector<Session>(50, model->start()); },
              [](const auto& sessions) { return sessions.size() * sessions[0].memory(); });
}

TEST_F(ModelObjects, RunnerTakesWhatItSaysHoweverItWasUsed) {
  const auto floats = opened(*trained(kStack, kWidth));
  for (const auto& model : {floats, floats->quantised({.activations = true}).value()}) {
    expect_said(
        [&] {
          Runner runner(model);
          std::vector<Session> sessions = sessions_of_all_ages(runner, *model);
          EXPECT_TRUE(runner.step(batch_of(sessions), tokens(sessions.size(), 2)));
          EXPECT_LT(runner.best(sessions[0]), kTokens);
          return runner;
        },
        [](const Runner& runner) { return runner.memory(); });
  }
}

TEST_F(ModelObjects, FreedSessionsMakeRoomForLaterOnes) {
  std::list<AlignedVector<float>> kept;
  std::list<std::size_t> between;
  const std::uint64_t before = allocated_and_free().value();
  for (std::size_t i = 0; i < 1000; ++i) {
    AlignedVector<float> state(20000), end(20000);
    state.swap(end);
    kept.push_front(state);
    between.push_back(i);
    if (kept.size() > 20) kept.pop_back();
  }
  EXPECT_LT(allocated_and_free().value() - before, 2 * kept.size() * kept.front().size() * sizeof(float));
}

TEST_F(ModelObjects, PrefixCacheKeepsTheSessionsItWasAllowed) {
  const auto model = opened(*trained(kStack, kWidth));
  Runner runner(model);
  const std::uint64_t room = 20 * model->start().memory();
  expect_said(
      [&] {
        PrefixCache cache(room);
        for (std::uint64_t i = 0; i < 30; ++i) {
          bool valid = false;
          static_cast<void>(cache.prefill(runner, tokens(40, i), valid));
          EXPECT_TRUE(valid);
        }
        return cache;
      },
      [](const PrefixCache& cache) { return cache.memory(); }, 20000);
}

}  // namespace
}  // namespace ssmz::model
