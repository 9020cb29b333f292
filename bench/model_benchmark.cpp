// SPDX-License-Identifier: Apache-2.0
// Micro-benchmarks of the model: each kernel in multiply-adds per second beside the machine's peak, and a
// token's step and training.
#include <benchmark/benchmark.h>

#include <string>

#include "model/online_model.hpp"

namespace {

using namespace ssmz::model;  // NOLINT: a program of one file

/// One token of a stack, inline: with training (one replay) or the step form alone. Twelve decisions a token.
void token(benchmark::State& state, const std::string& stack, std::size_t width, bool learning) {
  const ScopedFloatMode mode;
  OnlineConfig config;
  config.stack = stack;
  config.d_model = width;
  config.embedding_rows = 4096;
  config.head_nodes = 4096;
  auto model = OnlineModel::create(config);
  model.value()->set_learning(learning);
  Random random(1);
  for (auto _ : state) {
    const std::uint32_t rows[] = {random.below(2048), 2048 + random.below(2048)};
    model.value()->step(rows);
    for (std::uint32_t i = 0; i < 12; ++i) {
      const std::uint32_t node = (1u << i) + random.below(1u << i);
      benchmark::DoNotOptimize(model.value()->logit(node));
      model.value()->record(node, i & 1u);
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void register_tokens() {
  for (const char* stack :
       {"s6 | s6", "gdn:ladder | gdn:ladder", "ssd | ssd", "gdn:ladder | mlp | gdn:ladder | mlp"}) {
    for (const std::size_t width : {64, 128}) {
      const std::string name = std::string("token/") + stack + "/d" + std::to_string(width);
      for (const bool learning : {false, true}) {
        benchmark::RegisterBenchmark((name + (learning ? "/step+training" : "/step")).c_str(),
                                     [=](benchmark::State& s) { token(s, stack, width, learning); })
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

const bool kRegistered = (register_tokens(), true);

}  // namespace
