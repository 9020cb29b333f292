// SPDX-License-Identifier: Apache-2.0
// Uses the installed model: opens weights that `ssmz-generate --save` wrote, reads a prompt, goes on in three
// ways.
#include <cstdio>
#include <ssmz/model/base/math.hpp>
#include <ssmz/model/base/random.hpp>
#include <ssmz/model/inference/runner.hpp>
#include <ssmz/model/zoo/all_layers.hpp>
#include <string>

using ssmz::model::Random;
using ssmz::model::Runner;
using ssmz::model::Session;

// A byte is eight decisions; its rows are the byte itself, and the pair with the byte before.
static unsigned draw(const Runner& runner, const Session& session, Random& random) {
  unsigned node = 1;
  while (node < 256)
    node = node * 2 + (random.uniform(0, 1) < ssmz::model::sigmoid(runner.logit(session, node)));
  return node - 256;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto model = ssmz::model::Model::open(argv[1], {.layers = ssmz::model::all_layers()});
  if (!model.ok()) return std::fprintf(stderr, "%s\n", model.failure().message.c_str()), 1;
  Runner runner(model.value());
  Session prompt = runner.model().start();
  unsigned before = 0;
  const auto feed = [&](Session& session, unsigned byte) {
    const std::uint32_t rows[] = {byte, 256 + before * 256 + byte};
    before = byte;
    return runner.step(session, rows);
  };
  for (const char* c = argv[2]; *c != 0; ++c)
    if (!feed(prompt, static_cast<unsigned char>(*c))) return 1;
  const unsigned last = before;
  for (const unsigned seed : {1u, 2u, 3u}) {
    Session fork = prompt;
    Random random(seed);
    std::string text;
    for (before = last; text.size() < 60; feed(fork, static_cast<unsigned char>(text.back())))
      text += static_cast<char>(draw(runner, fork, random));
    std::printf("%s%s\n", argv[2], text.c_str());
  }
}
