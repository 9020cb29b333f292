// SPDX-License-Identifier: Apache-2.0
// Any text as a description of layers: a mistake with its place in the text, or a stack that steps.
#include "model/base/aligned.hpp"
#include "model/base/random.hpp"
#include "model/layers/stack.hpp"
#include "model/zoo/all_layers.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::fuzz::require;

constexpr std::size_t width = 16;
constexpr std::size_t most_elements = std::size_t{1} << 20;  // Larger stacks are made but not run.

void step(const ssmz::model::Stack<float>& stack) {
  const ssmz::model::StackSizes& sizes = stack.sizes();
  if (sizes.parameters + sizes.state + sizes.prepared + sizes.step_scratch > most_elements) return;
  ssmz::model::AlignedVector<float> parameters(sizes.parameters);
  ssmz::model::AlignedVector<float> prepared(sizes.prepared);
  ssmz::model::AlignedVector<float> state(sizes.state);
  ssmz::model::AlignedVector<float> scratch(sizes.step_scratch);
  ssmz::model::AlignedVector<float> x(width, 0.5f);
  ssmz::model::AlignedVector<float> h(width);
  const auto& kernels = ssmz::model::kernels();
  ssmz::model::Random random(1);
  stack.initialise(random, parameters.data());
  stack.prepare(kernels, parameters.data(), prepared.data());
  stack.reset(state.data());
  for (std::uint64_t position = 0; position < 3; ++position) {
    stack.step(kernels, {parameters.data(), prepared.data()}, state.data(), x.data(), h.data(),
               scratch.data(), position, 1.0f);
    for (const float value : h) require(value == value, "not a number");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 200));
  auto stack = ssmz::model::Stack<float>::create(text, width, 4, ssmz::model::all_layers());
  if (stack.ok()) step(stack.value());
  return 0;
}
