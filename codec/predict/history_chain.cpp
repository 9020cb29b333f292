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
  for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = usual(i);
}

HistoryChain::Weights HistoryChain::usual(std::size_t i) noexcept {
  const unsigned p = ContextBank::usual_probability(static_cast<unsigned>(i % ContextBank::map_size));
  return {first_share, first_constant * stretch_table()[p >> (16 - stretch_bits)], 0.0f};
}

void HistoryChain::start_from(const FirstValues& first) noexcept {
  constexpr std::size_t kinds = ContextBank::map_size;
  if (first.kinds != kinds || first.chain_stages != stages_) return;
  constexpr float logit_step = 1.0f / FirstValues::chain_logit_steps;
  const auto value = [](std::span<const std::uint8_t> values, std::size_t i) {
    return static_cast<float>(static_cast<std::int8_t>(values[i]));
  };
  const std::size_t rows = std::min<std::size_t>(weights_.size() / kinds, first.phases * stages_);
  for (std::size_t i = 0; i < rows * kinds; ++i) {
    const std::size_t kind = i % kinds, row = i / kinds, of_stage = row % stages_ * kinds + kind;
    const float constant =
        value(first.chain_phases, row / stages_ * kinds + kind) + value(first.chain_constants, of_stage);
    weights_[i].constant += constant * (1.0f / 16.0f);
    weights_[i].logit += value(first.chain_logits, of_stage) * logit_step;
  }
}

float HistoryChain::refine(unsigned stage, int kind, float logit) noexcept {
  Used& used = used_[stage];
  used.weights = nullptr;
  if (kind < 0) return logit;
  const std::size_t at = std::size_t{phase_} * stages_ + stage;
  used.weights = &weights_[at * ContextBank::map_size + static_cast<unsigned>(kind)];
  used.in = logit;
  used.out = std::clamp(used.weights->logit * logit + used.weights->constant, -logit_bound, logit_bound);
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
