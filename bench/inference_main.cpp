// SPDX-License-Identifier: Apache-2.0
// Times inference by processor time, in pairs run in turn: batches against single steps, chunks against
// steps, drafted tokens against greedy steps; and counts what a prefix cache saves on a made load.
//
//   ssmz-inference [--stack "s6 | mlp | s6 | mlp"] [--widths 64 256 768] [--tokens 2000]
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

#include "model/base/random.hpp"
#include "model/inference/prefix_cache.hpp"
#include "model/inference/runner.hpp"
#include "model/kernels/kernels.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::model {
namespace {

using Tokens = std::vector<std::uint32_t>;

constexpr std::uint32_t vocabulary = 256;

double seconds_of(const std::function<void()>& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// The least time of each of some ways to do the same, taken in turn so that a busy machine hits all alike.
std::vector<double> best_times(const std::vector<std::function<void()>>& ways, int rounds = 3) {
  std::vector<double> best(ways.size(), 1e30);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) best[i] = std::min(best[i], seconds_of(ways[i]));
  }
  return best;
}

std::shared_ptr<const Model> model_of(const std::string& stack, std::size_t width) {
  const ScopedFloatMode mode;
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = stack;
  config.d_model = width;
  config.embedding_rows = config.head_nodes = vocabulary;
  config.replay = 0;
  const auto online = OnlineModel::create(config);
  if (!online.ok()) throw std::runtime_error(online.failure().message);
  // The head starts at zeros: a few chunks make tokens differ.
  Random random(2);
  for (std::uint32_t t = 0; t < 200; ++t) {
    const std::uint32_t row = random.below(vocabulary);
    if (!online.value()->step({&row, 1})) break;
    for (int i = 0; i < 8; ++i) online.value()->record(random.below(vocabulary), random.below(2));
  }
  return Model::from_bytes(online.value()->save_weights(), {.layers = all_layers()}).value();
}

Tokens random_tokens(std::size_t count, Random& random) {
  Tokens tokens(count);
  for (std::uint32_t& token : tokens) token = random.below(vocabulary);
  return tokens;
}

/// Bytes per second of one core that reads an array larger than the caches.
double read_bandwidth() {
  const std::vector<float> array(std::size_t{1} << 26, 1.0f);
  volatile float sink = 0.0f;
  const auto read = [&] { sink = sink + kernels().optimiser.sum_squares(array.data(), array.size()); };
  return static_cast<double>(array.size() * sizeof(float)) / best_times({read})[0];
}

void steps(const std::shared_ptr<const Model>& model, std::size_t count, double bandwidth) {
  Runner runner(model);
  Random random(1);
  const Tokens tokens = random_tokens(count, random);
  const auto singly = [&] {
    Session session = model->start();
    for (const std::uint32_t token : tokens) (void)runner.step(session, token);
  };
  const auto chunks = [&] {
    Session session = model->start();
    (void)runner.prefill(session, tokens);
  };
  const auto batch_of = [&](std::size_t size) {
    return [&, size] {
      std::vector<Session> sessions(size, model->start());
      std::vector<Session*> all;
      for (Session& session : sessions) all.push_back(&session);
      for (std::size_t t = 0; t + size <= count; t += size)
        (void)runner.step(all, std::span(tokens).subspan(t, size));
    };
  };
  const auto times = best_times({singly, batch_of(4), batch_of(16), batch_of(64), chunks});
  const auto parameters = static_cast<double>(model->stack().sizes().parameters);
  const bool floats = model->maps().empty();
  const double bytes = floats ? parameters * sizeof(float) : static_cast<double>(model->maps().memory());
  const double n = static_cast<double>(count);
  std::printf("| %zu | %s | %.0f |", model->width(), floats ? "F32" : "8 bits", bytes / 1000);
  for (const double time : times) std::printf(" %.0f |", n / time);
  std::printf(" %.0f | %.1f | %.1f |\n", bandwidth / bytes, bytes * n / times[0] / 1e9,
              parameters * n / times[4] / 1e9);
  std::fflush(stdout);
}

/// Greedy decoding by steps, and by chains of `length` drafted tokens of which each is right with the
/// probability given; both give the same tokens.
void speculation(const std::shared_ptr<const Model>& model, std::size_t count, std::size_t length,
                 double right) {
  Runner runner(model);
  Tokens greedy;
  const auto by_steps = [&] {
    greedy.clear();
    Session session = model->start();
    (void)runner.step(session, 1);
    while (greedy.size() < count) {
      greedy.push_back(runner.best(session));
      (void)runner.step(session, greedy.back());
    }
  };
  bool equal = true;
  std::uint64_t passes = 0;
  const auto by_drafts = [&] {
    Random random(5);
    Session session = model->start();
    (void)runner.step(session, 1);
    passes = 0;
    for (std::size_t at = 0; at < count;) {
      // What the model says next is known and leads the draft.
      std::vector<Draft> drafts = {{runner.best(session), -1}};
      for (std::size_t i = 1; i <= length && at + i < count; ++i) {
        const bool good = random.uniform(0, 1) < static_cast<float>(right);
        drafts.push_back(
            {good ? greedy[at + i] : (greedy[at + i] + 1) % vocabulary, static_cast<int>(i) - 1});
      }
      bool valid = false;
      const Tokens accepted = runner.accept(session, drafts, valid);
      equal = equal && valid && std::equal(accepted.begin(), accepted.end(), greedy.begin() + at);
      at += accepted.size();
      ++passes;
    }
  };
  const auto times = best_times({by_steps, by_drafts});
  std::printf("| %zu | %zu | %.2f | %.2f | %.2f | %s |\n", model->width(), length, right,
              static_cast<double>(count) / static_cast<double>(passes), times[0] / times[1],
              equal ? "equal" : "DIFFERENT");
}

/// Conversations of some turns, each behind one of eight instructions of 400 tokens, the k-th as frequent as
/// 1/k; a turn's prompt is all before it and 20 to 80 tokens more.
void cache_load(const std::shared_ptr<const Model>& model, std::uint64_t sessions_kept) {
  Runner runner(model);
  PrefixCache cache(sessions_kept * model->start().memory());
  Random random(7);
  std::vector<Tokens> instructions, open;
  for (int i = 0; i < 8; ++i) instructions.push_back(random_tokens(400, random));
  for (int prompt = 0; prompt < 400; ++prompt) {
    if (open.size() < 12) {
      std::uint32_t chosen = 0;
      for (float rest = random.uniform(0, 2.718f);
           chosen < 7 && rest > 1.0f / static_cast<float>(chosen + 1);)
        rest -= 1.0f / static_cast<float>(++chosen);
      open.push_back(instructions[chosen]);
    }
    const std::size_t place = random.below(static_cast<std::uint32_t>(open.size()));
    const Tokens more = random_tokens(20 + random.below(61), random);
    open[place].insert(open[place].end(), more.begin(), more.end());
    bool valid = false;
    (void)cache.prefill(runner, open[place], valid);
    if (open[place].size() > 800) open.erase(open.begin() + static_cast<std::ptrdiff_t>(place));
  }
  const PrefixCache::Counts& counts = cache.counts();
  const auto share = [](std::uint64_t part, std::uint64_t all) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(all);
  };
  std::printf("| %llu | %llu | %.1f %% | %.1f %% | %llu |\n", static_cast<unsigned long long>(sessions_kept),
              static_cast<unsigned long long>(cache.memory()), share(counts.prompts_hit, counts.prompts),
              share(counts.tokens_saved, counts.tokens), static_cast<unsigned long long>(counts.evictions));
}

int run(int argc, char** argv) {
  CLI::App app("Times inference and counts what a prefix cache saves; prints tables in Markdown.");
  std::string stack = "s6 | mlp | s6 | mlp";
  std::vector<std::size_t> widths = {64, 256, 768};
  std::size_t count = 1920;
  app.add_option("--stack", stack, "layers");
  app.add_option("--widths", widths, "d_model of each model");
  app.add_option("--tokens", count, "tokens of a timing");
  CLI11_PARSE(app, argc, argv);
  try {
    const double bandwidth = read_bandwidth();
    std::printf("`%s`, %s kernels, one core reads %.1f GB/s.\n\n", stack.c_str(), kernels().name,
                bandwidth / 1e9);
    std::printf(
        "| width | weights | kB | step | batch 4 | 16 | 64 | prefill | all from memory | step: GB/s | "
        "prefill: G "
        "multiply-adds/s |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    std::vector<std::shared_ptr<const Model>> models;
    for (const std::size_t width : widths) models.push_back(model_of(stack, width));
    for (const auto& model : models) {
      steps(model, count, bandwidth);
      steps(model->quantised({.activations = true}).value(), count, bandwidth);
    }
    std::printf(
        "\n| width | drafted | right | tokens a pass | speed against steps | output "
        "|\n|---:|---:|---:|---:|---:|---|\n");
    for (const auto& model : models) {
      for (const double right : {0.5, 0.8, 0.95}) speculation(model, count / 4, right < 0.7 ? 3 : 8, right);
    }
    std::printf(
        "\n| sessions kept | bytes | prompts hit | tokens saved | evictions |\n|---:|---:|---:|---:|---:|\n");
    for (const std::uint64_t kept : {8u, 24u, 64u}) cache_load(models.front(), kept);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ssmz-inference: %s\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace ssmz::model

int main(int argc, char** argv) { return ssmz::model::run(argc, argv); }
