// SPDX-License-Identifier: Apache-2.0
// Micro-benchmarks of the model: a token's step and training for each kind of layer, and forward, backward
// and update of the default stack beside what its multiply-adds would take at the machine's peak.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

#include "bench/fma_peak.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace {

using namespace ssmz::model;  // NOLINT: a program of one file

constexpr std::size_t chunk_tokens = 32;

/// One token of a stack, inline: with training (one replay) or the step form alone. Twelve decisions a token,
/// whose nodes and bits depend on the token, as some are more frequent than others: random ones would drive
/// the weights where no text does.
void token(benchmark::State& state, const std::string& stack, std::size_t width, bool learning) {
  const ScopedFloatMode mode;
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = stack;
  config.d_model = width;
  config.embedding_rows = 4096;
  config.head_nodes = 4096;
  config.chunk = chunk_tokens;
  auto model = OnlineModel::create(config);
  if (!model.ok()) return state.SkipWithError(model.failure().message.c_str());
  model.value()->set_learning(learning);
  Random random(1);
  for (auto _ : state) {
    const std::uint32_t symbol = random.below(1 + random.below(1 + random.below(2047)));
    const std::uint32_t rows[] = {symbol, 2048 + random.below(16)};
    model.value()->step(rows);
    for (std::uint32_t i = 0; i < 12; ++i) {
      const std::uint32_t node = (1u << i) + (symbol >> (11 - std::min(i, 11u))) % (1u << i);
      benchmark::DoNotOptimize(model.value()->logit(node));
      model.value()->record(node, symbol >> (10 - std::min(i, 10u)) & 1u);
    }
  }
  state.SetItemsProcessed(state.iterations());
}

/// Multiplications, additions or fused pairs of them per token, as kernels_benchmark.cpp counts them.
struct Work {
  double maps;  ///< Of the maps and of the recurrence itself, an exponential being one of them.
  double all;   ///< And of exponentials, activations, norms and the update.
};

/// Of one S6 layer at its usual sizes: forward, backward, and Adam's share of a token of the chunk.
Work s6_work(double d, double parameters) {
  const double e = 2 * d, n = 16, rank = d / 16, mix = 48, maps = d * 2 * e + e * mix + rank * e + e * d;
  const double update = parameters * (1 + 16) / chunk_tokens;
  Work work{};
  work.maps = 3 * maps + 3 * 4 * e + n * e * (5 + 12) + update;
  work.all = 3 * maps + (18 + 26) * e + n * e * (14 + 21) + (21 + 14 + 15 + 19) * e + (3 + 7) * d + update;
  return work;
}

/// Of a SwiGLU layer of the usual hidden width, 2 d.
double mlp_parameters(double d) { return 3 * d * (2 * d); }

/// Of one such layer, likewise.
Work mlp_work(double d) {
  const double hidden = 2 * d, parameters = mlp_parameters(d);
  const double maps = 3 * parameters, update = parameters * (1 + 16) / chunk_tokens;
  return {maps + update, maps + (15 + 19) * hidden + (3 + 7) * d + update};
}

/// Of "s6 | s6" or "s6 | mlp".
Work pass_work(const std::string& text, double d, double parameters) {
  const bool mlp = text == "s6 | mlp";
  const Work first = s6_work(d, mlp ? parameters - mlp_parameters(d) : parameters / 2);
  const Work second = mlp ? mlp_work(d) : first;
  return {first.maps + second.maps, first.all + second.all};
}

/// Forward, backward, Adam step and preparation of a stack that pass_work() knows, without head and
/// embedding: what a level spends per token and pass.
void pass(benchmark::State& state, const std::string& text, std::size_t d) {
  const ScopedFloatMode mode;
  const Kernels& kernels = ssmz::model::kernels();
  const Stack<float> stack = Stack<float>::create(text, d, chunk_tokens, all_layers()).value();
  const StackSizes& sizes = stack.sizes();
  AlignedVector<float> weights(sizes.parameters), mean(sizes.parameters), square(sizes.parameters),
      gradient(sizes.parameters), prepared(sizes.prepared), start(sizes.state), scratch(sizes.chunk_scratch),
      tape(sizes.tape), x(chunk_tokens * d), h(chunk_tokens * d), dh(chunk_tokens * d), dx(chunk_tokens * d);
  Random random(1);
  stack.initialise(random, weights.data());
  stack.reset(start.data());
  for (auto* array : {&x, &dh}) {
    for (float& value : *array) value = random.normal();
  }
  const AdamStep step{0.9f, 0.99f, 1e-7f, 1.0f, 1e-16f, 1e-3f};
  const double peak = ssmz::bench::fma_peak(kernels.name), begin = ssmz::bench::processor_seconds();
  for (auto _ : state) {
    stack.prepare(kernels, weights.data(), prepared.data());
    const StackChunk<float> chunk{&kernels, scratch.data(), tape.data(), chunk_tokens, 0, nullptr};
    const LayerWeights<float> view{weights.data(), prepared.data()};
    stack.forward(chunk, view, start.data(), nullptr, x.data(), h.data());
    stack.backward(chunk, view, start.data(), dh.data(), dx.data(), gradient.data());
    benchmark::DoNotOptimize(kernels.optimiser.sum_squares(gradient.data(), gradient.size()));
    kernels.optimiser.adam(step, weights.data(), mean.data(), square.data(), gradient.data(), weights.size());
  }
  const double seconds = ssmz::bench::processor_seconds() - begin;
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(chunk_tokens));
  const Work work = pass_work(text, static_cast<double>(d), static_cast<double>(sizes.parameters));
  if (peak == 0.0) return;
  ssmz::bench::count_peak_times(state, "x_peak", seconds, chunk_tokens * work.all, peak);
  ssmz::bench::count_peak_times(state, "x_peak_of_maps", seconds, chunk_tokens * work.maps, peak);
}

void register_tokens() {
  const auto add = [](const std::string& stack, std::size_t width, bool learning) {
    const std::string name = "token/" + stack + "/d" + std::to_string(width);
    benchmark::RegisterBenchmark((name + (learning ? "/step+training" : "/step")).c_str(),
                                 [=](benchmark::State& s) { token(s, stack, width, learning); })
        ->Unit(benchmark::kMicrosecond);
  };
  for (const std::size_t width : {64, 128}) {
    for (const char* stack : {"s6 | s6", "s6 | mlp"}) {
      for (const bool learning : {false, true}) add(stack, width, learning);
      benchmark::RegisterBenchmark(("pass/" + std::string(stack) + "/d" + std::to_string(width)).c_str(),
                                   [=](benchmark::State& s) { pass(s, stack, width); })
          ->Unit(benchmark::kMicrosecond);
    }
  }
  // The stacks of bench/layers.
  for (const char* kind : {"gdn:dk16", "ssd", "mamba3:n32", "mamba3:n16,r2", "s4d:n64", "s5", "swa:w64",
                           "gka:dk16", "hymba:w64", "mom:dk16,dv16", "bmojo"}) {
    add(std::string(kind) + " | " + kind, 64, true);
  }
  for (const char* stack :
       {"gdn:dk16 | s6", "s6 | gdn:dk16", "mamba3:n32 | s6", "mamba3:n32 | gdn:dk16", "ssd | gdn:dk16",
        "mamba3:n32 | swa:w64", "mamba3:n32 | gdn:dk16 | swa:w64", "gdn:dk16 | mlp", "s6 | gmu", "s6 | pool",
        "s6 | pool:share | s6 | pool:cross", "s6 | gdn:dk16 | swa:w64", "mamba3:n32 | gdn:dk16 | s6"}) {
    add(stack, 64, true);
  }
}

const bool kRegistered = (register_tokens(), true);

}  // namespace
