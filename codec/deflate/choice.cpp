// SPDX-License-Identifier: Apache-2.0
// Logistic mixing, M. Mahoney, "Adaptive weighing of context models" (2005).
#include "codec/deflate/choice.hpp"

namespace ssmz::codec {
namespace {

// FORMAT.
constexpr float first_weight = 0.3f, rate = 0.02f;
constexpr std::size_t most_inputs = 8;

}  // namespace

MixedChoice::MixedChoice(std::initializer_list<std::size_t> sizes, std::size_t sets)
    : weights_(sets * sizes.size(), first_weight) {
  for (const std::size_t size : sizes) maps_.emplace_back(size, choice_limit);
}

bool MixedChoice::code(DecisionIo& io, bool bit, std::span<const std::size_t> contexts, std::size_t set) {
  std::array<float, most_inputs> inputs{};
  float* const weights = weights_.data() + set * maps_.size();
  float sum = 0.0f;
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    inputs[i] = stretch_table()[maps_[i].probability(contexts[i]) >> (16 - stretch_bits)];
    sum += weights[i] * inputs[i];
  }
  const float p = squash_near(sum);
  const bool is = io.code(bit, coder_probability(p), {}) != 0;
  const float step = ((is ? 1.0f : 0.0f) - p) * rate;
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    weights[i] += step * inputs[i];
    maps_[i].update(contexts[i], is);
  }
  return is;
}

}  // namespace ssmz::codec
