// SPDX-License-Identifier: Apache-2.0
// Models in 8 bits: every kind of layer gives the numbers of its rounded weights, batches and files agree to
// the bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "model/inference/runner.hpp"
#include "tests/inference_rig.hpp"

namespace ssmz::model {
namespace {

/// The same model in floats that are what 8 bits stand for.
std::shared_ptr<const Model> rounded_floats(OnlineModel& from) {
  WeightFile file = std::move(decode_weights(from.save_weights()).value());
  const auto model = opened(from);
  const auto round = [](Tensor& tensor) {
    const std::size_t rows = tensor.shape[0], cols = tensor.shape[1];
    const Int8Map map = Int8Map::of(tensor.values.data(), rows, cols);
    for (std::size_t i = 0; i < rows * cols; ++i) tensor.values[i] = map.value(i / cols, i % cols);
  };
  for (const ParameterSpec& spec : model->stack().parameters().specs()) {
    if (!spec.map || spec.shape[0] < kInt8Group) continue;
    for (Tensor& tensor : file.tensors) {
      if (tensor.name == spec.name) round(tensor);
    }
  }
  return Model::from_bytes(encode_weights(file), {.layers = all_layers(), .chunk = 16}).value();
}

std::vector<float> logits_after(const std::shared_ptr<const Model>& model,
                                const std::vector<std::uint32_t>& text, bool chunks = false) {
  Runner runner(model);
  Session session = model->start();
  if (chunks) {
    EXPECT_TRUE(runner.prefill(session, text));
  }
  for (std::size_t i = 0; i < text.size() && !chunks; ++i) EXPECT_TRUE(runner.step(session, text[i]));
  std::vector<float> logits(model->nodes());
  runner.logits(session, logits);
  for (std::uint32_t node = 0; node < model->nodes(); ++node)
    EXPECT_NEAR(runner.logit(session, node), logits[node], 1e-4f);
  return logits;
}

TEST(ModelQuantised, EveryKindGivesTheNumbersOfItsRoundedWeights) {
  for (const LayerKind* kind : all_layers()) {
    SCOPED_TRACE(std::string(kind->name));
    const std::string name(kind->name);
    const auto online = trained(name == "gmu" ? "s6 | gmu" : name.c_str(), 64);
    const auto exact = opened(*online);
    const auto small = exact->quantised({.tables = false}).value();
    EXPECT_FALSE(small->maps().empty());
    const auto text = tokens(24, 3);
    const auto expected = logits_after(rounded_floats(*online), text);
    const auto got = logits_after(small, text), by_chunks = logits_after(small, text, true);
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_NEAR(got[i], expected[i], 1e-3f);
      EXPECT_NEAR(by_chunks[i], expected[i], 2e-3f);
    }
    const auto whole = logits_after(exact->quantised({.activations = true}).value(), text);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(whole[i], expected[i], 0.2f);
  }
}

TEST(ModelQuantised, TakesThreeTenthsOfTheMemory) {
  const auto online = trained("s6 | mlp | gdn:dk16", 128);
  const auto exact = opened(*online);
  const auto small = exact->quantised().value();
  const double floats =
      static_cast<double>(exact->stack().sizes().parameters + 2 * kTokens * 128) * sizeof(float);
  EXPECT_LT(static_cast<double>(small->own_memory()), 0.32 * floats);
  EXPECT_LT(static_cast<double>(small->save().size()), 0.32 * floats);
}

TEST(ModelQuantised, BatchesAndTreesGiveTheBitsOfSingleSteps) {
  for (const bool activations : {false, true}) {
    const auto model = opened(*trained(kEveryKind))->quantised({.activations = activations}).value();
    Runner runner(model);
    std::vector<Session> single = sessions_of_all_ages(runner, *model);
    std::vector<Session> batch = single;
    const std::vector<Session*> pointers = batch_of(batch);
    const auto next = tokens(single.size(), 100);
    for (std::size_t i = 0; i < single.size(); ++i) ASSERT_TRUE(runner.step(single[i], next[i]));
    ASSERT_TRUE(runner.step(pointers, next));
    for (std::size_t i = 0; i < single.size(); ++i) {
      EXPECT_EQ(batch[i].hidden, single[i].hidden) << i;
      EXPECT_EQ(batch[i].state, single[i].state) << i;
    }
    Session steps = single[0], tree = steps;
    const std::uint32_t greedy = runner.best(steps);
    ASSERT_TRUE(runner.step(steps, greedy));
    const std::vector<Draft> drafts = {{greedy, -1}};
    bool valid = false;
    EXPECT_EQ(runner.accept(tree, drafts, valid).size(), 1u);
    EXPECT_EQ(tree.hidden, steps.hidden);
  }
}

TEST(ModelQuantised, AllPathsGiveEqualBits) {
  const auto model = opened(*trained("s6 | mlp | swa:w9", 64))->quantised({.activations = true}).value();
  const auto hidden_on = [&](const char* path) {
    Runner runner(model, kernels_for(path));
    Session session = model->start();
    EXPECT_TRUE(runner.prefill(session, tokens(30, 8)));
    return session.hidden;
  };
  for (const char* path : {"avx2", "avx512", "neon"}) {
    if (kernels_for(path) != nullptr) {
      EXPECT_EQ(hidden_on(path), hidden_on("scalar")) << path;
    }
  }
}

TEST(ModelQuantised, FilesGiveTheModelBackToTheBit) {
  const auto online = trained("s6 | mlp | s4d", 48);
  for (const Quantisation& what : {Quantisation{}, Quantisation{false, false}, Quantisation{true, true}}) {
    const auto model = opened(*online)->quantised(what).value();
    const auto again = Model::from_bytes(model->save(), {.layers = all_layers(), .chunk = 16});
    ASSERT_TRUE(again.ok()) << again.failure().message;
    EXPECT_EQ(again.value()->int8_activations(), what.activations);
    EXPECT_EQ(logits_after(again.value(), tokens(20, 4)), logits_after(model, tokens(20, 4)));
    EXPECT_EQ(again.value()->save(), model->save());
  }
  const auto floats = opened(*online);
  EXPECT_EQ(logits_after(Model::from_bytes(floats->save(), {.layers = all_layers()}).value(), tokens(20, 4)),
            logits_after(floats, tokens(20, 4)));
}

TEST(ModelQuantised, RefusesDamagedFilesAndTraining) {
  const auto online = trained("s6", 32);
  const auto bytes = opened(*online)->quantised().value()->save();
  EXPECT_TRUE(online->load_weights(bytes).has_value());
  const auto opens = [](std::vector<std::uint8_t> file) {
    return Model::from_bytes(std::move(file), {.layers = all_layers()}).ok();
  };
  const auto without = [&](const std::string& name) {
    auto file = bytes;
    const auto at = std::search(file.begin(), file.end(), name.begin(), name.end());
    if (at == file.end()) return bytes;
    *at = 'X';
    return file;
  };
  EXPECT_TRUE(opens(bytes));
  for (const char* name :
       {"embedding.scales", "head.weight.scales", "blocks.0.s6.in.scales", "blocks.0.s6.in\""})
    EXPECT_FALSE(opens(without(name))) << name;
  Random random(4);
  for (int i = 0; i < 300; ++i) {  // whatever comes of it, no crash
    auto file = bytes;
    file[random.below(static_cast<std::uint32_t>(std::min<std::size_t>(file.size(), 3000)))] =
        static_cast<std::uint8_t>(random.below(256));
    opens(std::move(file));
  }
  for (std::size_t cut = 0; cut < bytes.size(); cut += 97)
    EXPECT_FALSE(opens(std::vector<std::uint8_t>(bytes.begin(), bytes.begin() + static_cast<int>(cut))));
}

}  // namespace
}  // namespace ssmz::model
