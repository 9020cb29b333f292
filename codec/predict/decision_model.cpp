// SPDX-License-Identifier: Apache-2.0
// Gathering inputs, mixing in two layers, refining by APMs.
#include "codec/predict/decision_model.hpp"

#include <algorithm>

#include "codec/predict/coder_probability.hpp"
#include "codec/predict/logistic.hpp"
#include "codec/range/range_common.hpp"

namespace ssmz::codec {
namespace {

constexpr float apm_share = 0.7f;    // 0.3: +0.14 %, 0.5: +0.06 % (enwik8-1M)
constexpr unsigned apm_limit = 255;  // 127: +0.03 %, 1023: the same (adaptive_map.cpp has the files)

// No more contexts of an APM than symbols of the history, to which the input's size has led: 1 kB would touch
// a page for each few decisions.
std::uint32_t apm_mask(const DecisionModelShape& shape) { return (1u << shape.history_log2) - 1; }
std::uint32_t apm_rows(const DecisionModelShape& shape, std::uint32_t contexts) {
  return std::min(contexts, apm_mask(shape) + 1);
}

}  // namespace

DecisionModel::DecisionModel(const DecisionModelShape& shape, SlotTable& table)
    : history_(shape.match_lengths.empty()
                   ? SymbolHistory()
                   : SymbolHistory(shape.history_log2, shape.match_keys, shape.narrow_ids)),
      contexts_(table, shape.contexts, shape.phases),
      followers_(shape.follower_contexts, shape.follower_slots_log2),
      match_at_(contexts_.input_count() + followers_.input_count()),
      extra_at_(match_at_ + static_cast<unsigned>(shape.match_lengths.size()) * MatchModel::inputs),
      bias_at_(extra_at_ + shape.extra_inputs),
      network_(shape, extra_at_, shape.joint_share),
      apm_mask_(apm_mask(shape)) {
  for (const unsigned length : shape.match_lengths) matches_.emplace_back(length, shape.match_table_log2);
  if (shape.preconditioner_rank)
    network_.precondition(shape.preconditioner_rank, shape.preconditioner_compensation);
  if (shape.second_joint_share > 0.0f) second_.emplace(shape, extra_at_, shape.second_joint_share);
  for (const unsigned contexts : shape.apm_contexts) apms_.emplace_back(apm_rows(shape, contexts), apm_limit);
  network_.inputs()[bias_at_] = 0.4f;
  for (unsigned seen = 0; seen <= shape.contexts; ++seen)
    seen_shares_[seen] = static_cast<std::uint8_t>(std::min(15u, seen * 16 / (shape.contexts + 1)));
  start_from(shape);
}

std::uint64_t DecisionModel::memory(const DecisionModelShape& shape) {
  const std::uint64_t history =
      shape.match_lengths.empty() ? 0 : SymbolHistory::memory(shape.history_log2, shape.narrow_ids);
  std::uint64_t sum = history + ContextBank::memory(shape.contexts, shape.phases) +
                      FollowerBank::memory(shape.follower_contexts, shape.follower_slots_log2) +
                      shape.match_lengths.size() * MatchModel::memory(shape.match_table_log2) +
                      MixerNetwork::memory(shape) * (shape.second_joint_share > 0.0f ? 2 : 1);
  if (shape.preconditioner_rank)
    sum += Preconditioner::memory(MixerLayer::padded(input_total(shape)), shape.preconditioner_rank);
  for (const unsigned contexts : shape.apm_contexts) sum += Apm::memory(apm_rows(shape, contexts));
  return sum;
}

void DecisionModel::start_from(const DecisionModelShape& shape) {
  if (!shape.first) return;
  const FirstValues& first = *shape.first;
  contexts_.start_from(first);
  followers_.start_from(first);
  for (unsigned i = 0; i < matches_.size(); ++i) matches_[i].start_from(first, i);
  network_.start_from(shape);
  if (second_) second_->start_from(shape);
}

void DecisionModel::find(const Position& at, unsigned phase) {
  float* const inputs = network_.inputs();
  phase_ = phase;
  seen_ = contexts_.find(phase);
  followers_.predict(at, inputs + contexts_.input_count());
  for (unsigned i = 0; i < matches_.size(); ++i)
    matches_[i].predict(at, inputs + match_at_ + i * MatchModel::inputs);
}

// While the weights are fetched the contexts' inputs are made.
std::uint32_t DecisionModel::mix(const DecisionContexts& contexts) {
  for (std::size_t i = 0; i < apms_.size(); ++i) apms_[i].prefetch(contexts.apms[i] & apm_mask_);
  network_.select(phase_, contexts);
  if (second_) second_->select(phase_, contexts);
  contexts_.predict(network_.inputs());
  float logit = network_.mix();
  if (second_) {
    second_->read(network_);
    logit = (logit + second_->mix()) * 0.5f;
  }
  mixed_ = squash_near(logit);
  if (apms_.empty()) return coder_probability(mixed_);
  float refined = 0.0f;
  for (unsigned i = 0; i < apms_.size(); ++i) refined += apms_[i].refine(logit, contexts.apms[i] & apm_mask_);
  return coder_probability(mixed_ * (1.0f - apm_share) +
                           refined * (apm_share / static_cast<float>(static_cast<int>(apms_.size()))));
}

void DecisionModel::update(unsigned bit) {
  followers_.update(bit);
  for (MatchModel& match : matches_) match.update(bit);
  network_.update(bit, mixed_);
  if (second_) second_->update(bit, mixed_);
  for (Apm& apm : apms_) apm.update(bit);
}

void DecisionModel::reject(std::uint32_t id) noexcept {
  followers_.reject(id);
  for (MatchModel& match : matches_)
    if (match.expected_id() == id) match.reject();
}

int DecisionModel::trusted_match() const noexcept {
  for (std::size_t i = 0; i < matches_.size(); ++i)
    if (matches_[i].trusted()) return static_cast<int>(i);
  return -1;
}

std::uint32_t DecisionModel::take_repeated() noexcept {
  MatchModel& followed = matches_[static_cast<std::size_t>(repeating_)];
  const std::uint64_t at = followed.trusted();
  const std::uint32_t id = history_.id(at);
  history_.push(id);
  followed.follow();
  repeats_.take();
  if (repeats_.left() == 0)
    for (MatchModel& match : matches_) match.resume(history_, &match == &followed);
  return id;
}

void DecisionModel::end_symbol(std::uint32_t id) {
  history_.push(id);
  contexts_.finish();
  followers_.finish(id);
  for (MatchModel& match : matches_) match.finish(history_);
  if (history_.count() >= next_huge_pages_) use_huge_pages(history_.count());
}

void DecisionModel::use_huge_pages(std::uint64_t symbols) noexcept {
  while (next_huge_pages_ <= symbols) next_huge_pages_ *= 2;
  history_.use_huge_pages(symbols);
  contexts_.use_huge_pages(symbols);
  followers_.use_huge_pages(symbols);
  for (MatchModel& match : matches_) match.use_huge_pages(symbols);
  network_.use_huge_pages(symbols);
  if (second_) second_->use_huge_pages(symbols);
  for (Apm& apm : apms_) apm.use_huge_pages(symbols);
}

}  // namespace ssmz::codec
