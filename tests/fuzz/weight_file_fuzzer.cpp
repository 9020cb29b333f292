// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of weights: what reads is written and read again the same, and a model takes it or says
// why not.
#include <cstring>

#include "model/online/online_model.hpp"
#include "model/online/weight_file.hpp"
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_read_again({data, size});
  static const std::unique_ptr<ssmz::model::OnlineModel> model = [] {
    ssmz::model::OnlineConfig config;
    config.stack = "s6:e16,n16";
    config.d_model = 16;
    config.embedding_rows = 4;
    config.head_nodes = 4;
    config.chunk = 4;
    config.replay = 0;
    auto made = ssmz::model::OnlineModel::create(config);
    require(made.ok(), "no model");
    return std::move(made.value());
  }();
  static const std::vector<std::uint8_t> good = model->save_weights();
  static_cast<void>(model->load_weights({data, size}));
  // The model's own file, altered where the input says: its header of names and shapes as well as its
  // numbers.
  ssmz::fuzz::Input input(data, size);
  std::vector<std::uint8_t> altered = good;
  for (unsigned edits = input.choice() % 8u; edits > 0; --edits) {
    const unsigned high = input.choice();
    const std::size_t at = (std::size_t{high} * 256 + input.choice()) % altered.size();
    altered[at] = static_cast<std::uint8_t>(altered[at] ^ input.choice());
  }
  check_read_again(altered);
  static_cast<void>(model->load_weights(altered));
  require(!model->load_weights(good), "the model no longer takes its own weights");
  return 0;
}
