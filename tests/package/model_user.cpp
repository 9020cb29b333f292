// SPDX-License-Identifier: Apache-2.0
// Uses the installed model: opens weights that ssmz-generate saved, reads a prompt, goes on in three ways.
#include <cstdio>
#include <ssmz/model/base/math.hpp>
#include <ssmz/model/base/random.hpp>
#include <ssmz/model/inference/runner.hpp>
#include <ssmz/model/zoo/all_layers.hpp>
#include <string>

using ssmz::model::Model, ssmz::model::Runner, ssmz::model::Session, ssmz::model::sigmoid;

// The model's rows are bytes, then pairs of bytes; a token is the sum of two.
static std::vector<std::uint32_t> rows_of(const std::string& text, std::size_t from) {
  std::vector<std::uint32_t> rows;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = from; i < text.size(); ++i)
    rows.insert(rows.end(), {byte(i), 256u + (i > 0 ? byte(i - 1) : 0u) * 256u + byte(i)});
  return rows;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto model = Model::open(argv[1], {.layers = ssmz::model::all_layers()});
  if (!model.ok()) return std::fprintf(stderr, "%s\n", model.failure().message.c_str()), 1;
  Runner runner(model.value());
  Session prompt = runner.model().start();
  if (!runner.prefill(prompt, rows_of(argv[2], 0), 2)) return 1;
  for (const unsigned seed : {1u, 2u, 3u}) {
    Session fork = prompt;
    ssmz::model::Random random(seed);
    std::string text = argv[2];
    while (text.size() < 80) {
      unsigned node = 1;  // a byte is eight decisions, each a node of a tree
      while (node < 256) node = node * 2 + (random.uniform(0, 1) < sigmoid(runner.logit(fork, node)));
      text += static_cast<char>(node);
      if (!runner.step(fork, rows_of(text, text.size() - 1))) return 1;
    }
    std::puts(text.c_str());
  }
}
