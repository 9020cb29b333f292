// SPDX-License-Identifier: Apache-2.0
// Prints what a model file predicts: a line of all logits after each of the tokens given.
//
//   ssmz-logits WEIGHTS [--prefill] TOKEN...
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "model/inference/runner.hpp"
#include "model/zoo/all_layers.hpp"

int main(int argc, char** argv) {
  using namespace ssmz::model;  // NOLINT: a program of one file
  CLI::App app{"Prints the logits of a model file after each token."};
  std::string path;
  std::vector<std::uint32_t> tokens;
  bool prefill = false;
  app.add_option("WEIGHTS", path, "a file that model/convert.py or ssmz-generate --save wrote")->required();
  app.add_option("TOKENS", tokens, "token numbers")->required();
  app.add_flag("--prefill", prefill, "process all tokens at once and print the last line only");
  CLI11_PARSE(app, argc, argv);
  const auto model = Model::open(path, {.layers = all_layers()});
  if (!model.ok()) return std::fprintf(stderr, "ssmz-logits: %s\n", model.failure().message.c_str()), 1;
  Runner runner(model.value());
  Session session = runner.model().start();
  std::vector<float> logits(runner.model().nodes());
  const std::size_t pass = prefill ? tokens.size() : 1;
  for (std::size_t at = 0; at < tokens.size(); at += pass) {
    const bool known = prefill ? runner.prefill(session, tokens) : runner.step(session, tokens[at]);
    if (!known) return std::fprintf(stderr, "ssmz-logits: a token is out of range\n"), 1;
    runner.logits(session, logits);
    for (const float logit : logits) std::printf("%.9g ", static_cast<double>(logit));
    std::printf("\n");
  }
  return 0;
}
