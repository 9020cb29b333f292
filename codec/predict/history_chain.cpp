// SPDX-License-Identifier: Apache-2.0
// Refining by two weights of each history, and learning them.
#include "codec/predict/history_chain.hpp"

#include <algorithm>
#include <span>

#include "codec/predict/logistic.hpp"
#include "codec/predict/mixer.hpp"

namespace ssmz::codec {
namespace {

constexpr float logit_bound = 10.0f;
// First weights: so much of the logit, and so much of what the history says alone.
constexpr float first_share = 0.8f, first_constant = 0.6f;
// Rate of the constant, which falls with an entry's number of updates as MixerRate; the logit's is less.
constexpr MixerRate rate{0.02f, 0.002f, 30.0f};
constexpr float logit_rate = 0.2f;

}  // namespace

HistoryChain::HistoryChain(unsigned stages, unsigned phases)
    : stages_(stages), weights_(std::size_t{phases} * stages * ContextBank::map_size), used_(stages) {
  weights_.expect_use_of_all();
}

HistoryChain::Weights HistoryChain::usual(std::size_t i) noexcept {
  const unsigned p = ContextBank::usual_probability(static_cast<unsigned>(i % ContextBank::map_size));
  return {first_share, first_constant * stretch_table()[p >> (16 - stretch_bits)], 0.0f};
}

void HistoryChain::start_from(const FirstValues& first) noexcept {
  const bool fits = first.kinds == ContextBank::map_size && first.chain_stages == stages_;
  first_ = fits ? &first : nullptr;
}

HistoryChain::Weights HistoryChain::first_weights(std::size_t i) const noexcept {
  constexpr std::size_t kinds = ContextBank::map_size;
  Weights weights = usual(i);
  const std::size_t kind = i % kinds, row = i / kinds;
  if (!first_ || row >= std::size_t{first_->phases} * stages_) return weights;
  constexpr float logit_step = 1.0f / FirstValues::chain_logit_steps;
  const auto value = [](std::span<const std::uint8_t> values, std::size_t at) {
    return static_cast<float>(static_cast<std::int8_t>(values[at]));
  };
  const std::size_t of_stage = row % stages_ * kinds + kind;
  const float constant =
      value(first_->chain_phases, row / stages_ * kinds + kind) + value(first_->chain_constants, of_stage);
  weights.constant += constant * (1.0f / 16.0f);
  weights.logit += value(first_->chain_logits, of_stage) * logit_step;
  return weights;
}

float HistoryChain::refine(unsigned stage, int kind, float logit) noexcept {
  Used& used = used_[stage];
  used.weights = nullptr;
  if (kind < 0) return logit;
  const std::size_t row = std::size_t{phase_} * stages_ + stage;
  const std::size_t at = row * ContextBank::map_size + static_cast<unsigned>(kind);
  Weights& weights = weights_[at];
  if (!HistoryChain::used(weights)) [[unlikely]]
    weights = first_weights(at);
  used.weights = &weights;
  used.in = logit;
  used.out = std::clamp(weights.logit * logit + weights.constant, -logit_bound, logit_bound);
  return used.out;
}

void HistoryChain::update(unsigned bit) noexcept {
  for (const Used& used : used_) {
    if (!used.weights) continue;
    Weights& weights = *used.weights;
    const float error = (bit ? 1.0f : 0.0f) - squash(used.out);
    const float step = error * rate.next(weights.visits);
    weights.logit += step * used.in * logit_rate;
    weights.constant += step;
  }
}

}  // namespace ssmz::codec
