// SPDX-License-Identifier: Apache-2.0
// Small trained models for the tests of inference.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "model/base/random.hpp"
#include "model/inference/model.hpp"
#include "model/inference/runner.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::model {

inline constexpr std::size_t kTokens = 50;
inline constexpr const char* kEveryKind =
    "s6:n4 | mlp:48 | gdn:dk16 | ssd:n16 | swa:w9 | mamba3:n16 | s4d | s5:n16 | gka:dk16 | hymba:w8,n4 | "
    "mom:dk16,dv16 | bmojo:w8,m4,n4 | s6:polar | pool:m5,s16 | gmu";

/// An online model of `kTokens` rows and nodes after some training, so that no weight is 0 or 1.
inline std::unique_ptr<OnlineModel> trained(const char* stack, std::size_t d = 32) {
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = stack;
  config.d_model = d;
  config.embedding_rows = config.head_nodes = kTokens;
  config.chunk = 8;
  auto model = std::move(OnlineModel::create(config).value());
  Random random(3);
  for (std::uint32_t t = 0; t < 120; ++t) {
    const std::uint32_t row = random.below(kTokens);
    EXPECT_TRUE(model->step({&row, 1}));
    for (int i = 0; i < 6; ++i) model->record(random.below(kTokens), random.below(2));
  }
  return model;
}

inline std::shared_ptr<const Model> opened(OnlineModel& from, std::size_t chunk = 16) {
  auto model = Model::from_bytes(from.save_weights(), {.layers = all_layers(), .chunk = chunk});
  EXPECT_TRUE(model.ok()) << model.failure().message;
  return model.value();
}

inline std::vector<std::uint32_t> tokens(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint32_t> out(n);
  for (auto& token : out) token = random.below(kTokens);
  return out;
}

/// Five sessions after 0, 3, 6, 9 and 12 tokens.
inline std::vector<Session> sessions_of_all_ages(Runner& runner, const Model& model) {
  std::vector<Session> sessions(5, model.start());
  for (std::size_t i = 0; i < sessions.size(); ++i)
    EXPECT_TRUE(runner.prefill(sessions[i], tokens(3 * i, i)));
  return sessions;
}

inline std::vector<Session*> batch_of(std::vector<Session>& sessions) {
  std::vector<Session*> pointers;
  for (Session& session : sessions) pointers.push_back(&session);
  return pointers;
}

}  // namespace ssmz::model
