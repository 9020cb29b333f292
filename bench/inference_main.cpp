// SPDX-License-Identifier: Apache-2.0
// Times inference by processor time, in pairs run in turn: batches against single steps, chunks against
// steps, drafted tokens against greedy steps; several threads against one, by the clock on the wall; and
// counts what a prefix cache saves on a made load.
//
//   ssmz-inference [--stack "s6 | mlp | s6 | mlp"] [--widths 64 256 768] [--tokens 2000] [--threads 2]
//   [--only threads]
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>

#include "bench/guarded_main.hpp"
#include "model/base/random.hpp"
#include "model/inference/prefix_cache.hpp"
#include "model/inference/runner.hpp"
#include "model/kernels/kernels.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

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

/// The least time by the clock on the wall of each of some ways, which are taken in turn, ten times each, for
/// `seconds`: of so many single passes some meet free processors even on a busy machine.
std::vector<double> best_walls(const std::vector<std::function<void()>>& ways, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  std::vector<double> best(ways.size(), 1e30);
  for (const Clock::time_point start = Clock::now(); since(start) < seconds;) {
    for (std::size_t i = 0; i < 10 * ways.size(); ++i) {
      const Clock::time_point begin = Clock::now();
      ways[i / 10]();
      best[i / 10] = std::min(best[i / 10], since(begin));
    }
  }
  return best;
}

OnlineConfig config_of(const std::string& stack, std::size_t width) {
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = stack;
  config.d_model = width;
  config.embedding_rows = config.head_nodes = vocabulary;
  config.replay = 0;
  return config;
}

std::shared_ptr<const Model> in_8_bits(const std::shared_ptr<const Model>& model) {
  return model->quantised({.activations = true}).value();
}

std::shared_ptr<const Model> model_of(const std::string& stack, std::size_t width) {
  const ScopedFloatMode mode;
  const auto online = OnlineModel::create(config_of(stack, width));
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

/// A step and a prefill of 64 tokens by one thread and by several.
void threads_inside(const std::shared_ptr<const Model>& model, std::size_t threads) {
  Runner alone(model), together(model, nullptr, threads);
  Random random(1);
  const Tokens prompt = random_tokens(64, random);
  std::vector<Session> sessions(2, model->start());
  const auto step_of = [&](Runner& runner, Session& session) {
    return [&] { (void)runner.step(session, prompt[session.position % prompt.size()]); };
  };
  const auto prefill_of = [&](Runner& runner, Session& session) {
    return [&] { (void)runner.prefill(session, prompt); };
  };
  const auto step = best_walls({step_of(alone, sessions[0]), step_of(together, sessions[1])}, 3);
  const auto prefill = best_walls({prefill_of(alone, sessions[0]), prefill_of(together, sessions[1])}, 3);
  const bool equal = sessions[0].state == sessions[1].state && sessions[0].hidden == sessions[1].hidden;
  std::printf("| %zu | %s |", model->width(), model->maps().empty() ? "F32" : "8 bits");
  for (const auto& [times, n] : {std::pair{step, 1.0}, std::pair{prefill, 64.0}})
    std::printf(" %.0f | %.0f | %.2f |", n / times[0], n / times[1], times[0] / times[1]);
  std::printf(" %s |\n", equal ? "equal" : "DIFFERENT");
  std::fflush(stdout);
}

/// Bytes of the process's pages in memory; 0 where the system does not say.
double resident() {
  unsigned long long all = 0, pages = 0;
  if (std::ifstream statm("/proc/self/statm"); !(statm >> all >> pages)) return 0;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// What make() gives says it takes, against what the process grows by.
template <class Make, class Says>
auto memory_row(const char* name, const Make& make, const Says& says) {
  const double before = resident();
  auto object = make();
  const double taken = resident() - before, said = static_cast<double>(says(object));
  std::printf("| %s | %.0f | %.0f | %.2f |\n", name, said / 1000, taken / 1000, taken / said);
  return object;
}

/// Sessions by themselves and in a cache.
void sessions_memory(const std::shared_ptr<const Model>& model) {
  Random random(3);
  memory_row(
      "200 `Session`s", [&] { return std::vector<Session>(200, model->start()); },
      [](const auto& sessions) { return sessions.size() * sessions[0].memory(); });
  Runner runner(model);
  Session first = model->start();
  (void)runner.prefill(first, random_tokens(100, random));  // its scratch is no part of the cache
  memory_row(
      "`PrefixCache` with 64 sessions",
      [&] {
        PrefixCache cache(64 * model->start().memory());
        for (int i = 0; i < 100; ++i) {
          bool valid = false;
          (void)cache.prefill(runner, random_tokens(100, random), valid);
        }
        return cache;
      },
      [](const PrefixCache& cache) { return cache.memory(); });
}

void memory_table(const std::string& stack, std::size_t width) {
  // Arrays above 128 kB come from the system and go back: the heap's reserves do not blur what is measured.
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  mallopt(M_TRIM_THRESHOLD, 0);
#endif
  std::printf("\n| object, width %zu | says, kB | takes, kB | ratio |\n|---|---:|---:|---:|\n", width);
  OnlineConfig config = config_of(stack, width);
  {
    Random random(1);
    memory_row(
        "`OnlineModel`, after 200 tokens",
        [&] {
          auto online = OnlineModel::create(config).value();
          for (int t = 0; t < 200; ++t) {
            const std::uint32_t row = random.below(vocabulary);
            (void)online->step({&row, 1});
            online->record(row, 1);
          }
          return online;
        },
        [&](const auto&) { return OnlineModel::memory_needed(config); });
  }
  std::vector<std::uint8_t> bytes = OnlineModel::create(config).value()->save_weights();
  const std::uint64_t file = bytes.size();
  const auto model = memory_row(
      "`Model` of a file's bytes (with them)",
      [&] { return Model::from_bytes(bytes, {.layers = all_layers()}).value(); },
      [&](const auto& made) { return made->own_memory() + file; });
  memory_row(
      "`Model::quantised`", [&] { return in_8_bits(model); },
      [](const auto& made) { return made->own_memory(); });
  Random random(2);
  const Tokens tokens = random_tokens(64, random);
  std::vector<Session> sessions(64, model->start());
  std::vector<Session*> all;
  for (Session& session : sessions) all.push_back(&session);
  memory_row(
      "`Runner`, after a prefill, a batch of 64, all logits",
      [&] {
        Runner runner(model);
        (void)runner.prefill(sessions[0], tokens);
        (void)runner.step(all, tokens);
        (void)runner.best(sessions[0]);
        return runner;
      },
      [](const Runner& runner) { return runner.memory(); });
  sessions_memory(model);
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

using Models = std::vector<std::shared_ptr<const Model>>;

void steps_table(const Models& models, std::size_t count) {
  const double bandwidth = read_bandwidth();
  std::printf("\nOne core reads %.1f GB/s.\n\n", bandwidth / 1e9);
  std::printf(
      "| width | weights | kB | step | batch 4 | 16 | 64 | prefill | all from memory | step: GB/s | prefill: "
      "G "
      "multiply-adds/s |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const auto& model : models) {
    steps(model, count, bandwidth);
    steps(in_8_bits(model), count, bandwidth);
  }
}

void threads_table(const Models& models, std::size_t threads) {
  std::printf(
      "\n| width | weights | step: 1 thread | %zu | ratio | prefill: 1 thread | %zu | ratio | bits "
      "|\n|---:|---|---:|---:|---:|---:|---:|---:|---|\n",
      threads, threads);
  for (const auto& model : models) {
    threads_inside(model, threads);
    threads_inside(in_8_bits(model), threads);
  }
}

void drafts_table(const Models& models, std::size_t count) {
  std::printf(
      "\n| width | drafted | right | tokens a pass | speed against steps | output "
      "|\n|---:|---:|---:|---:|---:|---|\n");
  for (const auto& model : models) {
    for (const double right : {0.5, 0.8, 0.95}) speculation(model, count / 4, right < 0.7 ? 3 : 8, right);
  }
}

void cache_table(const std::shared_ptr<const Model>& model) {
  std::printf(
      "\n| sessions kept | bytes | prompts hit | tokens saved | evictions |\n|---:|---:|---:|---:|---:|\n");
  for (const std::uint64_t kept : {8u, 24u, 64u}) cache_load(model, kept);
}

int run(int argc, char** argv) {
  CLI::App app("Times inference and counts what a prefix cache saves; prints tables in Markdown.");
  std::string stack = "s6 | mlp | s6 | mlp";
  std::vector<std::size_t> widths = {64, 256, 768};
  std::size_t count = 1920, threads = 2;
  std::string only;
  app.add_option("--stack", stack, "layers");
  app.add_option("--widths", widths, "d_model of each model");
  app.add_option("--tokens", count, "tokens of a timing");
  app.add_option("--threads", threads, "threads inside a step, against one");
  app.add_option("--only", only, "one table: steps, threads, drafts, cache or memory")
      ->check(CLI::IsMember({"steps", "threads", "drafts", "cache", "memory"}));
  CLI11_PARSE(app, argc, argv);
  if (only == "memory") return memory_table(stack, widths.front()), 0;
  const auto wanted = [&](const char* table) { return only.empty() || only == table; };
  std::vector<std::shared_ptr<const Model>> models;
  for (const std::size_t width : widths) models.push_back(model_of(stack, width));
  std::printf("`%s`, %s kernels.\n", stack.c_str(), kernels().name);
  if (wanted("steps")) steps_table(models, count);
  if (wanted("threads")) threads_table(models, threads);
  if (wanted("drafts")) drafts_table(models, count);
  if (wanted("cache")) cache_table(models.front());
  return 0;
}

}  // namespace
}  // namespace ssmz::model

int main(int argc, char** argv) { return ssmz::guarded_main("ssmz-inference", ssmz::model::run, argc, argv); }
