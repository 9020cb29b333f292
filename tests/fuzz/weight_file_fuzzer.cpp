// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of weights, in floats and in 8 bits: what reads is written and read again the same, and
// a model takes it or says why not.
#include <cstring>

#include "model/inference/runner.hpp"
#include "model/online/online_model.hpp"
#include "model/online/weight_file.hpp"
#include "model/zoo/all_layers.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::fuzz::require;

void check_read_again(std::span<const std::uint8_t> bytes) {
  auto first = ssmz::model::decode_weights(bytes);
  if (!first.ok()) return;
  const auto written = ssmz::model::encode_weights(first.value());
  auto second = ssmz::model::decode_weights(written);
  require(second.ok(), "what was written does not read");
  require(first.value().tensors.size() == second.value().tensors.size(), "other tensors");
  for (std::size_t i = 0; i < first.value().tensors.size(); ++i) {
    const auto& a = first.value().tensors[i].values;
    const auto& b = second.value().tensors[i].values;
    require(
        a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0),
        "other numbers");
  }
}

using Bytes = std::vector<std::uint8_t>;

/// A small model, untrained.
std::unique_ptr<ssmz::model::OnlineModel> make_model(const char* stack, std::size_t width) {
  ssmz::model::OnlineConfig config;
  config.stack = stack;
  config.d_model = width;
  config.embedding_rows = 4;
  config.head_nodes = 4;
  config.chunk = 4;
  config.replay = 0;
  auto made = ssmz::model::OnlineModel::create(config);
  require(made.ok(), "no model");
  return std::move(made.value());
}

/// A model for inference that opens runs, and is written as bytes that open as the same.
void check_inference(Bytes bytes) {
  const ssmz::model::ModelOptions options{
      .layers = ssmz::model::all_layers(), .chunk = 4, .memory_limit = 1 << 22};
  const auto model = ssmz::model::Model::from_bytes(std::move(bytes), options);
  if (!model.ok()) return require(!model.failure().message.empty(), "a failure that does not say why");
  ssmz::model::Runner runner(model.value());
  ssmz::model::Session session = model.value()->start();
  require(runner.step(session, 0), "a model without its first row");
  require(!runner.step(session, static_cast<std::uint32_t>(model.value()->rows())), "a row too many");
  const Bytes saved = model.value()->save();
  const auto again = ssmz::model::Model::from_bytes(saved, {.layers = ssmz::model::all_layers(), .chunk = 4});
  require(again.ok() && again.value()->save() == saved, "what was saved opens as another");
}

/// `good` altered where the input says: its header of names and shapes as well as its numbers.
Bytes altered(Bytes good, std::span<const std::uint8_t> input_bytes) {
  ssmz::fuzz::Input input(input_bytes.data(), input_bytes.size());
  for (unsigned edits = input.choice() % 8u; edits > 0; --edits) {
    const unsigned high = input.choice();
    const std::size_t at = (std::size_t{high} * 256 + input.choice()) % good.size();
    good[at] = static_cast<std::uint8_t>(good[at] ^ input.choice());
  }
  return good;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  check_read_again(input);
  check_inference(Bytes(input.begin(), input.end()));
  static const auto model = make_model("s6:e16,n16", 16);
  static const Bytes good = model->save_weights();
  static_cast<void>(model->load_weights(input));
  const Bytes edited = altered(good, input);
  check_read_again(edited);
  check_inference(edited);
  static_cast<void>(model->load_weights(edited));
  require(!model->load_weights(good), "the model no longer takes its own weights");
  static const Bytes small = [] {
    const auto floats = ssmz::model::Model::from_bytes(make_model("mlp:32", 32)->save_weights());
    return floats.value()->quantised({.activations = true}).value()->save();
  }();
  const Bytes edited_small = altered(small, input);
  check_inference(edited_small);
  require(model->load_weights(edited_small).has_value(), "the model learns from weights in 8 bits");
  return 0;
}
