// SPDX-License-Identifier: Apache-2.0
// Inference: sessions agree with the online model, chunks with steps, batches and trees with single steps to
// the bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "model/base/random.hpp"
#include "model/base/team.hpp"
#include "model/inference/prefix_cache.hpp"
#include "model/inference/runner.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"
#include "tests/inference_rig.hpp"

namespace ssmz::model {
namespace {

TEST(ModelInference, SessionGivesTheLogitsOfTheOnlineModel) {
  const auto online = trained(kEveryKind);
  const auto model = opened(*online);
  online->set_learning(false);
  online->reset_state();
  Runner runner(model);
  Session session = model->start();
  for (const std::uint32_t token : tokens(40, 1)) {
    ASSERT_TRUE(runner.step(session, token));
    ASSERT_TRUE(online->step({&token, 1}));
    for (std::uint32_t node = 0; node < kTokens; ++node)
      EXPECT_NEAR(runner.logit(session, node), online->logit(node), 1e-5f);
  }
}

TEST(ModelInference, OnlineModelIsASessionThatOthersContinue) {
  const auto online = trained("s6 | gdn:dk16");
  const auto model = opened(*online);
  Runner runner(model);
  Session session = online->session();
  const Session before = session;
  EXPECT_EQ(session.position, 120u);
  EXPECT_LT(session.memory(), 40000u);
  online->set_learning(false);
  for (const std::uint32_t token : tokens(20, 6)) {
    ASSERT_TRUE(runner.step(session, token));
    ASSERT_TRUE(online->step({&token, 1}));
  }
  EXPECT_EQ(online->session().state, session.state);
  EXPECT_EQ(online->session().hidden, session.hidden);
  // Back to the fork: other tokens, then the same ones as from the copy.
  ASSERT_TRUE(online->resume(before));
  EXPECT_EQ(online->position(), 120u);
  for (const std::uint32_t token : tokens(20, 6)) ASSERT_TRUE(online->step({&token, 1}));
  EXPECT_EQ(online->session().hidden, session.hidden);
  for (std::uint32_t node = 0; node < kTokens; ++node)
    EXPECT_NEAR(runner.logit(session, node), online->logit(node), 1e-5f);
  EXPECT_FALSE(online->resume(opened(*trained("s6"))->start()));
  EXPECT_EQ(online->position(), 140u);
}

TEST(ModelInference, OnlineModelLearnsOnFromASession) {
  const auto one = trained("s6 | mlp"), other = trained("s6 | mlp");
  const Session start = one->session();
  const auto learn = [](OnlineModel& model) {
    for (const std::uint32_t token : tokens(30, 9)) {
      ASSERT_TRUE(model.step({&token, 1}));
      ASSERT_TRUE(model.record(token, 1));
    }
  };
  for (OnlineModel* model : {one.get(), other.get()}) ASSERT_TRUE(model->resume(start));
  learn(*one);
  learn(*other);
  EXPECT_EQ(one->save_weights(), other->save_weights());
  EXPECT_NE(one->save_weights(), trained("s6 | mlp")->save_weights());
}

TEST(ModelInference, PrefillSumsTheRowsOfATokenAsStepsDo) {
  const auto online = trained("s6 | mlp");
  const auto model = opened(*online);
  Runner runner(model);
  Session one = model->start(), many = model->start();
  const auto rows = tokens(2 * 37, 2);
  for (std::size_t t = 0; t < 37; ++t) ASSERT_TRUE(runner.step(one, std::span(rows).subspan(2 * t, 2)));
  ASSERT_TRUE(runner.prefill(many, rows, 2));
  EXPECT_EQ(many.position, one.position);
  for (std::size_t i = 0; i < one.hidden.size(); ++i) EXPECT_NEAR(many.hidden[i], one.hidden[i], 1e-3f);
  EXPECT_FALSE(runner.prefill(many, std::span(rows).first(3), 2));
  EXPECT_FALSE(runner.prefill(many, rows, 0));
}

TEST(ModelInference, PrefillByChunksAgreesWithSteps) {
  const auto online = trained(kEveryKind);
  const auto model = opened(*online);
  Runner runner(model);
  Session one = model->start(), many = model->start();
  const auto prompt = tokens(37, 2);
  for (const std::uint32_t token : prompt) ASSERT_TRUE(runner.step(one, token));
  ASSERT_TRUE(runner.prefill(many, prompt));
  EXPECT_EQ(many.position, one.position);
  std::vector<float> expected(kTokens), got(kTokens);
  runner.logits(one, expected);
  runner.logits(many, got);
  for (std::size_t i = 0; i < kTokens; ++i) EXPECT_NEAR(got[i], expected[i], 1e-3f);
}

TEST(ModelInference, CopiesAndSnapshotsGoOnAlike) {
  const auto online = trained("s6 | gdn:dk16");
  const auto model = opened(*online);
  Runner runner(model);
  Session session = model->start();
  ASSERT_TRUE(runner.prefill(session, tokens(20, 4)));
  Session fork = session;
  const auto bytes = model->snapshot(session);
  Session restored = model->restore(bytes).value();
  for (const std::uint32_t token : tokens(9, 5)) {
    for (Session* one : {&session, &fork, &restored}) ASSERT_TRUE(runner.step(*one, token));
  }
  EXPECT_EQ(fork.hidden, session.hidden);
  EXPECT_EQ(restored.hidden, session.hidden);
  EXPECT_EQ(restored.state, session.state);
  for (std::size_t cut : {std::size_t{0}, std::size_t{7}, std::size_t{31}, bytes.size() - 1})
    EXPECT_FALSE(model->restore(std::span(bytes).first(cut)).ok());
  EXPECT_FALSE(opened(*trained("s6"))->restore(bytes).ok());
}

TEST(ModelInference, ThreadsInsideAStepGiveTheBitsOfOne) {
  const auto exact = opened(*trained("s6 | mlp:720 | gdn:dk16", 208));
  for (const auto& model :
       {exact, exact->quantised().value(), exact->quantised({.activations = true}).value()}) {
    Runner alone(model);
    for (const std::size_t threads : {2u, 3u, 64u, 100u}) {
      Runner together(model, nullptr, threads);
      std::vector<Session> ends;
      for (Runner* runner : {&alone, &together}) {
        std::vector<Session> sessions = sessions_of_all_ages(*runner, *model);
        ASSERT_TRUE(runner->step(batch_of(sessions), tokens(sessions.size(), 100)));
        for (Session& session : sessions) ASSERT_TRUE(runner->step(session, 7));
        ends.insert(ends.end(), sessions.begin(), sessions.end());
      }
      const std::size_t half = ends.size() / 2;
      for (std::size_t i = 0; i < half; ++i) {
        EXPECT_EQ(ends[i].hidden, ends[half + i].hidden) << threads << ", " << i;
        EXPECT_EQ(ends[i].state, ends[half + i].state) << threads << ", " << i;
      }
    }
  }
}

TEST(ModelInference, ThreadsShareAWideHead) {
  OnlineConfig config;
  config.d_model = 64;
  config.stack = "s6";
  config.embedding_rows = 4;
  config.head_nodes = 3000;
  config.chunk = 8;
  const auto online = std::move(OnlineModel::create(config).value());
  for (int t = 0; t < 40; ++t) {
    const std::uint32_t row = 1;
    ASSERT_TRUE(online->step({&row, 1}));
    online->record(77, 1);
  }
  const auto exact = opened(*online);
  for (const auto& model : {exact, exact->quantised().value()}) {
    Runner alone(model), together(model, nullptr, 2);
    Session session = model->start();
    ASSERT_TRUE(alone.step(session, 2));
    std::vector<float> expected(3000), got(3000);
    alone.logits(session, expected);
    together.logits(session, got);
    EXPECT_EQ(got, expected);
    EXPECT_NE(got[77], got[78]);
    for (const std::uint32_t node : {0u, 77u, 2998u, 2999u})
      EXPECT_NEAR(together.logit(session, node), expected[node], 1e-5f);
    EXPECT_EQ(together.best(session), alone.best(session));
  }
}

TEST(Team, ThreadsDoEveryPartOncePerRun) {
  for (const std::size_t threads : {0u, 1u, 2u, 5u, 1000u}) {
    Team team(threads);
    EXPECT_GE(team.size(), 1u);
    EXPECT_LE(team.size(), 64u);
    std::vector<int> done(team.size(), 0);
    for (int round = 1; round <= 200; ++round) {
      if (round % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));  // until members sleep
      team.run([&](std::size_t part) { ++done[part]; });
      EXPECT_EQ(done, std::vector<int>(team.size(), round));
    }
  }
}

TEST(ModelInference, BatchOfSessionsGivesTheBitsOfSingleSteps) {
  const auto online = trained(kEveryKind);
  const auto model = opened(*online);
  Runner runner(model);
  std::vector<Session> single = sessions_of_all_ages(runner, *model);
  std::vector<Session> batch = single;
  const std::vector<Session*> pointers = batch_of(batch);
  for (int t = 0; t < 12; ++t) {
    const auto next = tokens(single.size(), 100 + t);
    for (std::size_t i = 0; i < single.size(); ++i) ASSERT_TRUE(runner.step(single[i], next[i]));
    ASSERT_TRUE(runner.step(pointers, next));
  }
  for (std::size_t i = 0; i < single.size(); ++i) {
    EXPECT_EQ(batch[i].hidden, single[i].hidden) << i;
    EXPECT_EQ(batch[i].state, single[i].state) << i;
    EXPECT_EQ(batch[i].position, single[i].position);
  }
}

TEST(ModelInference, AcceptsOfADraftedTreeWhatGreedyStepsGive) {
  const auto online = trained(kEveryKind);
  const auto model = opened(*online);
  Runner runner(model);
  Session steps = model->start();
  ASSERT_TRUE(runner.prefill(steps, tokens(11, 7)));
  Session tree = steps;
  std::vector<std::uint32_t> greedy;
  for (int i = 0; i < 4; ++i) {
    greedy.push_back(runner.best(steps));
    if (i < 3) {
      ASSERT_TRUE(runner.step(steps, greedy.back()));
    }
  }
  const auto other = [](std::uint32_t token) { return static_cast<std::uint32_t>((token + 1) % kTokens); };
  // Two wrong branches, the right path of three among them, then a wrong end.
  const std::vector<Draft> drafts = {{other(greedy[0]), -1}, {greedy[0], -1},      {greedy[1], 0},
                                     {other(greedy[1]), 1},  {greedy[1], 1},       {greedy[2], 4},
                                     {greedy[2], 3},         {other(greedy[3]), 5}};
  bool valid = false;
  EXPECT_EQ(runner.accept(tree, drafts, valid),
            std::vector<std::uint32_t>(greedy.begin(), greedy.begin() + 3));
  EXPECT_TRUE(valid);
  EXPECT_EQ(tree.hidden, steps.hidden);
  EXPECT_EQ(tree.state, steps.state);
  EXPECT_EQ(tree.position, steps.position);
  const Draft forward{0, 0};
  EXPECT_TRUE(runner.accept(tree, {&forward, 1}, valid).empty());
  EXPECT_FALSE(valid);
}

TEST(ModelInference, RefusesRowsOutOfRange) {
  const auto online = trained("s6");
  const auto model = opened(*online);
  Runner runner(model);
  Session session = model->start();
  const std::uint32_t bad[] = {1, kTokens};
  EXPECT_FALSE(runner.step(session, kTokens));
  EXPECT_FALSE(runner.prefill(session, bad));
  EXPECT_EQ(session.position, 0u);
  EXPECT_TRUE(std::isnan(runner.logit(session, kTokens)));
  EXPECT_FALSE(online->step(bad));
  EXPECT_TRUE(std::isnan(online->logit(kTokens)));
  EXPECT_FALSE(online->record(kTokens, 1));
}

TEST(ModelInference, CacheSavesWhatPromptsShare) {
  const auto online = trained("s6 | mlp");
  const auto model = opened(*online);
  Runner runner(model);
  PrefixCache cache(1u << 20, 8);
  const auto shared = tokens(40, 1);
  bool valid = false;
  for (std::uint64_t i = 0; i < 10; ++i) {
    auto prompt = shared;
    const auto own = tokens(10, 50 + i);
    prompt.insert(prompt.end(), own.begin(), own.end());
    const Session cached = cache.prefill(runner, prompt, valid);
    ASSERT_TRUE(valid);
    Session fresh = model->start();
    ASSERT_TRUE(runner.prefill(fresh, prompt));
    for (std::size_t j = 0; j < fresh.hidden.size(); ++j)
      EXPECT_NEAR(cached.hidden[j], fresh.hidden[j], 1e-3f);
    EXPECT_EQ(cached.position, prompt.size());
  }
  EXPECT_EQ(cache.counts().prompts_hit, 8u);  // the second prompt shows what is shared, later ones use it
  EXPECT_EQ(cache.counts().tokens_saved, 8u * 40);
}

TEST(ModelInference, CacheKeepsToItsMemory) {
  const auto online = trained("s6");
  const auto model = opened(*online);
  Runner runner(model);
  const std::uint64_t one = model->start().memory();
  PrefixCache cache(3 * one, 8);
  bool valid = false;
  for (std::uint64_t i = 0; i < 6; ++i) {
    (void)cache.prefill(runner, tokens(12, i), valid);
    EXPECT_LE(cache.memory(), 3 * one);
  }
  EXPECT_EQ(cache.counts().evictions, 3u);
  (void)cache.prefill(runner, tokens(12, 5), valid);
  EXPECT_EQ(cache.counts().tokens_saved, 12u);
  (void)cache.prefill(runner, tokens(12, 0), valid);
  EXPECT_EQ(cache.counts().tokens_saved, 12u);
}

TEST(ModelInference, MapsAFileAndUsesItsNumbersWhereTheyAre) {
  const auto online = trained("s6:n4 | ssd:n16 | mlp:48");
  const auto path = std::filesystem::temp_directory_path() / "ssmz_model_inference_test.safetensors";
  const auto bytes = online->save_weights();
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  {
    const auto model = Model::open(path, {.layers = all_layers()});
    ASSERT_TRUE(model.ok()) << model.failure().message;
    // Only what is derived from the weights is the model's own.
    EXPECT_EQ(model.value()->own_memory(),
              sizeof(Model) + sizeof(float) * model.value()->stack().sizes().prepared);
    Runner mapped(model.value()), copied(opened(*online));
    Session a = mapped.model().start(), b = copied.model().start();
    ASSERT_TRUE(mapped.step(a, 3) && copied.step(b, 3));
    EXPECT_EQ(a.hidden, b.hidden);
  }
  std::filesystem::remove(path);
  EXPECT_NE(Model::open(path).failure().message.find("cannot open"), std::string::npos);
}

TEST(ModelInference, RefusesDamagedWeightsAndNeverCrashes) {
  const auto online = trained("s6:n4 | bmojo:w8,m4,n4", 16);
  const auto good = online->save_weights();
  Random random(9);
  for (int i = 0; i < 600; ++i) {
    auto bytes = good;
    const std::size_t header = 8 + (good[8 - 8] | good[1] << 8);
    for (std::uint32_t j = 0; j <= random.below(4); ++j) {
      const std::size_t reach = random.below(2) != 0 ? header : bytes.size();
      bytes[random.below(static_cast<std::uint32_t>(reach))] = static_cast<std::uint8_t>(random.below(256));
    }
    if (random.below(3) == 0) bytes.resize(random.below(static_cast<std::uint32_t>(bytes.size())));
    const auto model = Model::from_bytes(bytes, {.layers = all_layers(), .memory_limit = 1u << 26});
    if (!model.ok()) {
      EXPECT_FALSE(model.failure().message.empty());
      continue;
    }
    Runner runner(model.value());
    Session session = model.value()->start();
    if (model.value()->rows() > 2) {
      EXPECT_TRUE(runner.prefill(session, std::vector<std::uint32_t>(20, 1)));
    }
    (void)runner.best(session);
  }
}

TEST(ModelInference, HoldsToItsMemoryLimit) {
  const auto online = trained("s6");
  EXPECT_FALSE(
      Model::from_bytes(online->save_weights(), {.layers = all_layers(), .memory_limit = 1000}).ok());
}

}  // namespace
}  // namespace ssmz::model
