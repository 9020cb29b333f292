// SPDX-License-Identifier: Apache-2.0
// Fading counts, and what they say against the vocabulary.
#include "codec/text/recency.hpp"

#include <algorithm>
#include <bit>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

// Half-lives in tokens, log2. Three of 100, 800, 6,400 instead: -0.08 against -0.11 % (enwik8's first 150,000
// bytes at -9 without SSM).
constexpr std::array<unsigned, Recency::half_lives> half_lives_log2 = {6, 9, 12, 15};
constexpr unsigned steps_log2 = 6;  // of a half-life in which counts fade
// Bits that the vocabulary's expectation stands for. 3: -0.04, 1: -0.09, 0.3: -0.11 % (likewise).
constexpr float prior_count = 0.3f;
constexpr float confidence_offset = 0.5f;
constexpr float linear_scale = 4.0f;

// 2^(-i / 64).
constexpr auto fractions = [] {
  std::array<float, 1u << steps_log2> table{};
  double value = 1.0;
  for (float& entry : table) {
    entry = static_cast<float>(value);
    value *= 0.98922801319397548;
  }
  return table;
}();

float power_of_half(std::uint32_t steps) {
  const std::uint32_t whole = steps >> steps_log2;
  if (whole > 64) return 0.0f;
  return fractions[steps % fractions.size()] * std::bit_cast<float>((127u - whole) << 23);
}

}  // namespace

void Recency::predict(std::uint32_t node, unsigned prior, std::uint32_t now, float* out) noexcept {
  Entry& entry = entries_[node];
  last_ = &entry;
  const float expected = static_cast<float>(prior) * (1.0f / 65536.0f);
  for (unsigned k = 0; k < half_lives; ++k) {
    const unsigned step_log2 = half_lives_log2[k] - steps_log2;
    const std::uint32_t steps = (now - entry.faded[k]) >> step_log2;
    auto& [zeros, ones] = entry.counts[k];
    if (steps) {
      const float share = power_of_half(steps);
      zeros *= share;
      ones *= share;
      entry.faded[k] += steps << step_log2;
    }
    const float total = zeros + ones;
    const float p = (ones + prior_count * expected) / (total + prior_count);
    const auto place =
        std::min(static_cast<unsigned>(p * static_cast<float>(1u << stretch_bits)), (1u << stretch_bits) - 1);
    out[2 * k] = stretch_table()[place] * (total / (total + confidence_offset));
    out[2 * k + 1] = (p - expected) * linear_scale;
  }
}

void Recency::update(unsigned bit) noexcept {
  for (auto& counts : last_->counts) counts[bit] += 1.0f;
}

}  // namespace ssmz::codec
