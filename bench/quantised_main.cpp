// SPDX-License-Identifier: Apache-2.0
// What inference in 8 bits costs and gives: trains stacks online on a text, byte by byte, then predicts what
// follows in the text with the weights as floats, in 8 bits, and with activations in 8 bits too. Speeds are
// the best of three rounds of all forms in turn.
//
//   ssmz-quantised TEXT [--bytes 1000000] [--test 100000] [--width 64] [--stack "s6 | mlp" ...]
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>

#include "bench/guarded_main.hpp"
#include "model/base/math.hpp"
#include "model/inference/runner.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::model {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Calls visit(node, bit) for the eight decisions that name a byte.
template <class Visit>
void decisions(std::uint8_t byte, Visit visit) {
  std::uint32_t node = 1;
  for (int shift = 7; shift >= 0; --shift) {
    const unsigned bit = byte >> shift & 1u;
    visit(node, bit);
    node = node * 2 + bit;
  }
}

std::shared_ptr<const Model> trained(const std::string& stack, std::size_t width,
                                     std::span<const std::uint8_t> text) {
  const ScopedFloatMode mode;
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = stack;
  config.d_model = width;
  config.replay = 0;
  config.decay_chunks = 300;  // the last weights are to stand for the whole text
  const auto online = OnlineModel::create(config);
  if (!online.ok()) throw std::runtime_error(online.failure().message);
  for (const std::uint8_t byte : text) {
    decisions(byte, [&](std::uint32_t node, unsigned bit) { online.value()->record(node, bit); });
    const std::uint32_t row = byte;
    online.value()->step({&row, 1});
  }
  return Model::from_bytes(online.value()->save_weights(), {.layers = all_layers()}).value();
}

/// Bits a byte of `text` after `before`, and tokens per second of processor time.
std::pair<double, double> predict(const std::shared_ptr<const Model>& model,
                                  std::span<const std::uint8_t> before, std::span<const std::uint8_t> text) {
  Runner runner(model);
  Session session = model->start();
  const std::vector<std::uint32_t> prompt(before.begin(), before.end());
  (void)runner.prefill(session, prompt);
  std::vector<float> logits(model->nodes());
  double bits = 0;
  const std::clock_t begin = std::clock();
  for (const std::uint8_t byte : text) {
    runner.logits(session, logits);
    decisions(byte, [&](std::uint32_t node, unsigned bit) {
      const double p = sigmoid(std::clamp(logits[node], -kMaxLogit, kMaxLogit));
      bits -= std::log2(std::max(bit != 0 ? p : 1 - p, 1e-6));
    });
    (void)runner.step(session, byte);
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const auto count = static_cast<double>(text.size());
  return {bits / count, count / seconds};
}

void row(const std::string& stack, std::size_t width, const Bytes& text, std::size_t bytes,
         std::size_t test) {
  const auto all = std::span<const std::uint8_t>(text);
  const auto model = trained(stack, width, all.first(bytes));
  std::string name = stack;
  for (std::size_t at = 0; (at = name.find('|', at)) != std::string::npos; at += 2) name.insert(at, "\\");
  std::printf("| `%s` |", name.c_str());
  const auto before =
      all.subspan(bytes - std::min<std::size_t>(bytes, 10000), std::min<std::size_t>(bytes, 10000));
  const auto small = [&](bool tables, bool activations) {
    return model->quantised({.tables = tables, .activations = activations}).value();
  };
  const std::vector<std::shared_ptr<const Model>> forms = {model, small(false, false), small(true, false),
                                                           small(true, true)};
  std::vector<std::pair<double, double>> best(forms.size());
  for (int round = 0; round < 3; ++round) {  // in turn, so that a busy machine hits all alike
    for (std::size_t i = 0; i < forms.size(); ++i) {
      const auto [bits, speed] = predict(forms[i], before, all.subspan(bytes, test));
      best[i] = {bits, std::max(best[i].second, speed)};
    }
  }
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const double kb = static_cast<double>(forms[i]->save().size()) / 1000;
    std::printf(" %.4f | %.0f | %.0f |", best[i].first, kb, best[i].second);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  CLI::App app(
      "Bits per byte, size and speed of inference in floats and in 8 bits; prints a table in Markdown.");
  std::string file;
  std::vector<std::string> stacks;
  std::size_t bytes = 1000000, test = 100000, width = 64;
  app.add_option("TEXT", file, "learned from, and behind that predicted")->required();
  app.add_option("--bytes", bytes, "bytes to learn");
  app.add_option("--test", test, "bytes behind them to predict");
  app.add_option("--width", width, "d_model");
  app.add_option("--stack", stacks, "layers; else each kind and an MLP");
  CLI11_PARSE(app, argc, argv);
  const Bytes text = read_file(file);
  if (bytes == 0 || test == 0 || bytes + test > text.size()) throw std::runtime_error(file + " is too short");
  if (stacks.empty()) {
    for (const LayerKind* kind : all_layers()) {
      const std::string name(kind->name);
      stacks.push_back(name == "mlp" || name == "pool" || name == "gmu" ? "s6 | " + name : name + " | mlp");
    }
  }
  std::printf(
      "| stack | F32: bits/byte | kB | tokens/s | maps: bits/byte | kB | tokens/s | and tables | kB | "
      "tokens/s | and activations | kB | tokens/s |\n|---|%s\n",
      "---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
  for (const std::string& stack : stacks) row(stack, width, text, bytes, test);
  return 0;
}

}  // namespace
}  // namespace ssmz::model

int main(int argc, char** argv) { return ssmz::guarded_main("ssmz-quantised", ssmz::model::run, argc, argv); }
