// SPDX-License-Identifier: Apache-2.0
// The model without the compressor: trains a stack on a text online, byte by byte, saves the weights, loads
// them into a second model, and lets that one write on from a prompt.
//
//   ssmz-generate TEXT [--stack "gdn:ladder | mlp | gdn:ladder | mlp"] [--width 64] [--bytes 1000000] [--save
//   FILE]
//                 [--load FILE] [--prompt TEXT] [--length 400] [--temperature 0.8] [--seed 1]
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "model/base/math.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace {

using ssmz::model::OnlineConfig;
using ssmz::model::OnlineModel;

struct Arguments {
  std::string text, save, load, prompt = "The ";
  OnlineConfig config;
  std::size_t bytes = 1000000, length = 400;
  float temperature = 0.8f;
};

void declare(CLI::App& app, Arguments& out) {
  out.config.stack = "gdn:ladder | mlp | gdn:ladder | mlp";
  out.config.layers = ssmz::model::all_layers();
  out.config.d_model = 64;
  out.config.embedding_rows = 256 + 65536;  // bytes, then pairs of bytes
  out.config.head_nodes = 256;
  out.config.threads = 2;
  app.add_option("TEXT", out.text, "the text to learn");
  app.add_option("--stack", out.config.stack, "layers, as below");
  app.add_option("--width", out.config.d_model, "numbers of the stream between layers, a multiple of 16");
  app.add_option("--bytes", out.bytes, "only the first so many bytes of the text");
  app.add_option("--save", out.save, "write the weights to this file");
  app.add_option("--load", out.load, "read weights instead of learning");
  app.add_option("--prompt", out.prompt, "what to go on from");
  app.add_option("--length", out.length, "bytes to write");
  app.add_option("--temperature", out.temperature, "divides the logits")->check(CLI::PositiveNumber);
  app.add_option("--seed", out.config.seed, "of the first weights and of what is drawn");
  app.footer("Layers of --stack:\n" + ssmz::model::layer_help(ssmz::model::all_layers()));
}

bool read_file(const std::string& name, std::vector<std::uint8_t>& out) {
  std::ifstream file(name, std::ios::binary);
  out.assign(std::istreambuf_iterator<char>(file), {});
  return !file.bad() && file.is_open();
}

/// Tells the model a byte, and which it followed.
void feed(OnlineModel& model, std::uint8_t before, std::uint8_t byte) {
  const std::uint32_t rows[] = {byte, 256u + before * 256u + byte};
  model.step(rows);
}

/// Predicts and learns `text`, eight decisions a byte; returns bits per byte.
double train(OnlineModel& model, const std::vector<std::uint8_t>& text) {
  double bits = 0;
  std::uint8_t before = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint32_t node = 1;
    for (int shift = 7; shift >= 0; --shift) {
      const unsigned bit = text[i] >> shift & 1u;
      const double p = ssmz::model::sigmoid(model.logit(node));
      bits -= std::log2(std::max(bit != 0 ? p : 1 - p, 1e-6));
      model.record(node, bit);
      node = node * 2 + bit;
    }
    feed(model, before, text[i]);
    before = text[i];
    if ((i + 1) % 100000 == 0)
      std::fprintf(stderr, "%zu bytes: %.3f bits/byte\n", i + 1, bits / static_cast<double>(i + 1));
  }
  return bits / static_cast<double>(text.size());
}

/// Draws `length` bytes after the prompt, logits divided by the temperature.
std::string generate(OnlineModel& model, const Arguments& arguments) {
  ssmz::model::Random random(arguments.config.seed + 1);
  model.set_learning(false);
  model.reset_state();
  std::string out = arguments.prompt;
  std::uint8_t before = 0;
  for (const char c : out) {
    feed(model, before, static_cast<std::uint8_t>(c));
    before = static_cast<std::uint8_t>(c);
  }
  for (std::size_t i = 0; i < arguments.length; ++i) {
    std::uint32_t node = 1;
    while (node < 256) {
      const float p = ssmz::model::sigmoid(model.logit(node) / arguments.temperature);
      node = node * 2 + (random.uniform(0.0f, 1.0f) < p ? 1 : 0);
    }
    const auto byte = static_cast<std::uint8_t>(node);
    out += static_cast<char>(byte);
    feed(model, before, byte);
    before = byte;
  }
  return out;
}

int fail(const std::string& what) {
  std::fprintf(stderr, "ssmz-generate: %s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Learns a text byte by byte and writes on from a prompt."};
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  if (arguments.text.empty() == arguments.load.empty()) return fail("give either a TEXT or --load");
  std::vector<std::uint8_t> text, weights;
  auto created = OnlineModel::create(arguments.config);
  if (!created.ok()) return fail(created.failure().message);
  if (arguments.load.empty()) {
    if (!read_file(arguments.text, text)) return fail("cannot read " + arguments.text);
    text.resize(std::min(text.size(), arguments.bytes));
    if (text.empty()) return fail(arguments.text + " is empty");
    std::fprintf(stderr, "%.3f bits/byte over %zu bytes\n", train(*created.value(), text), text.size());
    weights = created.value()->save_weights();
  } else if (!read_file(arguments.load, weights)) {
    return fail("cannot read " + arguments.load);
  }
  if (!arguments.save.empty()) {
    std::ofstream file(arguments.save, std::ios::binary);
    file.write(reinterpret_cast<const char*>(weights.data()), static_cast<std::streamsize>(weights.size()));
    if (!file.flush()) return fail("cannot write " + arguments.save);
  }
  auto loaded = OnlineModel::create(arguments.config);
  if (!loaded.ok()) return fail(loaded.failure().message);
  if (const auto failure = loaded.value()->load_weights(weights)) return fail(failure->message);
  std::printf("%s\n", generate(*loaded.value(), arguments).c_str());
  return 0;
}
