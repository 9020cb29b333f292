// SPDX-License-Identifier: Apache-2.0
// Gathering inputs, mixing in two layers, refining by APMs.
#include "codec/predict/decision_model.hpp"

#include <algorithm>

#include "codec/predict/logistic.hpp"
#include "codec/range/range_common.hpp"

namespace ssmz::codec {
namespace {

constexpr float first_weight_sum = 5.0f;  // of all weights of a vector at first; 3..8 the same within 0.01 %
// Share of the final error in what the first layer learns: 0:
// +0.4 %, 0.3: +0.2 %, 0.7..0.85: best, 1: +2.7 % (enwik8-1M).
constexpr float joint_share = 0.8f;
constexpr float apm_share = 0.7f;       // 0.3: +0.14 %, 0.5: +0.06 % (enwik8-1M)
constexpr unsigned apm_rate_shift = 6;  // 5: -0.02 %, 7: +0.04 % (enwik8-1M)

unsigned input_total(const DecisionModelShape& shape) {
  return shape.contexts * ContextBank::inputs_per_context +
         shape.follower_contexts * FollowerBank::inputs_per_context +
         static_cast<unsigned>(shape.match_lengths.size()) * MatchModel::inputs + shape.extra_inputs + 1;
}

unsigned final_extra(const DecisionModelShape& shape) {
  return shape.finals_read_extra ? shape.extra_inputs : 0;
}

unsigned final_input_total(const DecisionModelShape& shape) {
  return static_cast<unsigned>(shape.set_rows.size()) + final_extra(shape);
}

std::uint32_t to_coder(float p) {
  const auto scaled = static_cast<std::int64_t>(p * static_cast<float>(probability_one));
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(scaled, 1, probability_one - 1));
}

struct InputCounts {
  unsigned contexts, followers, matches, extra;
};

constexpr int unknown_place = -1;

// Places of the inputs as the model has them: where in a trained vector each is found, or one of these.
std::vector<int> trained_places(const MixerFirstValues& trained, const InputCounts& own) {
  std::vector<int> places;
  int base = 0;
  const auto group = [&](unsigned count, unsigned known) {
    for (unsigned i = 0; i < count; ++i)
      places.push_back(i < known ? base + static_cast<int>(i) : unknown_place);
    base += static_cast<int>(known);
  };
  for (unsigned k = 0; k < ContextBank::inputs_per_context; ++k) group(own.contexts, trained.contexts);
  for (unsigned k = 0; k < FollowerBank::inputs_per_context; ++k) group(own.followers, trained.followers);
  group(own.matches * MatchModel::inputs, trained.matches * MatchModel::inputs);
  group(own.extra, trained.extra);
  group(1, 1);
  return places;
}

// [phase][set][input], each vector padded: what training had no input or set for begins as without training.
std::vector<float> first_weights(const MixerFirstValues& trained, unsigned trained_phases,
                                 const DecisionModelShape& shape, const InputCounts& own) {
  const std::vector<int> places = trained_places(trained, own);
  const std::size_t sets = shape.set_rows.size();
  const std::size_t padded = MixerLayer::padded(static_cast<unsigned>(places.size()));
  std::vector<float> firsts(shape.phases * sets * padded), common(trained.inputs()), more(trained.inputs());
  for (unsigned phase = 0; phase < shape.phases; ++phase) {
    trained.phase_vector(phase, common.data());
    for (unsigned set = 0; set < sets; ++set) {
      std::fill(more.begin(), more.end(), 0.0f);
      if (set < trained.sets) trained.set_vector(trained_phases, set, more.data());
      float* const vector = firsts.data() + (phase * sets + set) * padded;
      for (std::size_t i = 0; i < places.size(); ++i) {
        const int place = places[i];
        vector[i] = place != unknown_place ? common[place] + more[place]
                                           : first_weight_sum / static_cast<float>(places.size());
      }
    }
  }
  return firsts;
}

// The same of the final mixers: their inputs are the sets, and what they read beside those has no weight at
// first, nor have sets behind those of training. If there are fewer, or nothing was trained, all are even.
std::vector<float> first_final_weights(const MixerFirstValues* trained, unsigned trained_phases,
                                       const DecisionModelShape& shape) {
  const std::size_t sets = shape.set_rows.size(), finals = shape.final_rows.size();
  const std::size_t padded = MixerLayer::padded(final_input_total(shape));
  std::vector<float> firsts(shape.phases * finals * padded), weights(trained ? trained->sets : 0);
  for (unsigned phase = 0; phase < shape.phases; ++phase) {
    for (unsigned i = 0; i < finals; ++i) {
      float* const vector = firsts.data() + (phase * finals + i) * padded;
      std::fill_n(vector, sets, 1.0f / static_cast<float>(sets));
      if (!trained || i >= trained->finals || sets < trained->sets) continue;
      trained->final_vector(trained_phases, phase, i, weights.data());
      std::fill_n(vector, sets, 0.0f);
      std::copy(weights.begin(), weights.end(), vector);
    }
  }
  return firsts;
}

// No more contexts of an APM than symbols of the history, to which the input's size has led: 1 kB would touch
// a page for each few decisions.
std::uint32_t apm_mask(const DecisionModelShape& shape) { return (1u << shape.history_log2) - 1; }
std::uint32_t apm_rows(const DecisionModelShape& shape, std::uint32_t contexts) {
  return std::min(contexts, apm_mask(shape) + 1);
}

}  // namespace

DecisionModel::DecisionModel(const DecisionModelShape& shape, SlotTable& table)
    : history_(shape.history_log2),
      contexts_(table, shape.contexts, shape.phases),
      followers_(shape.follower_contexts, shape.follower_slots_log2),
      match_at_(contexts_.input_count() + followers_.input_count()),
      extra_at_(match_at_ + static_cast<unsigned>(shape.match_lengths.size()) * MatchModel::inputs),
      bias_at_(extra_at_ + shape.extra_inputs),
      mixer_(input_total(shape), shape.set_rows, first_weight_sum / static_cast<float>(input_total(shape)),
             shape.rate, joint_share),
      finals_(final_input_total(shape), shape.final_rows, 1.0f / static_cast<float>(shape.set_rows.size()),
              shape.final_rate, 0.0f),
      final_extra_(final_extra(shape)),
      apm_mask_(apm_mask(shape)) {
  for (const unsigned length : shape.match_lengths) matches_.emplace_back(length, shape.match_table_log2);
  if (shape.preconditioner_rank)
    mixer_.precondition(shape.preconditioner_rank, shape.preconditioner_compensation);
  for (const unsigned contexts : shape.apm_contexts)
    apms_.emplace_back(apm_rows(shape, contexts), apm_rate_shift);
  mixer_.inputs()[bias_at_] = 0.4f;
  const unsigned outputs = finals_.set_count() ? finals_.set_count() : mixer_.set_count();
  output_share_ = 1.0f / static_cast<float>(outputs);
  for (unsigned seen = 0; seen <= shape.contexts; ++seen)
    seen_shares_[seen] = static_cast<std::uint8_t>(std::min(15u, seen * 16 / (shape.contexts + 1)));
  start_from(shape);
}

std::uint64_t DecisionModel::memory(const DecisionModelShape& shape) {
  std::uint64_t sum = SymbolHistory::memory(shape.history_log2) +
                      ContextBank::memory(shape.contexts, shape.phases) +
                      FollowerBank::memory(shape.follower_contexts, shape.follower_slots_log2) +
                      shape.match_lengths.size() * MatchModel::memory(shape.match_table_log2) +
                      MixerLayer::memory(input_total(shape), shape.set_rows) +
                      MixerLayer::memory(final_input_total(shape), shape.final_rows);
  if (shape.preconditioner_rank)
    sum += Preconditioner::memory(MixerLayer::padded(input_total(shape)), shape.preconditioner_rank);
  for (const unsigned contexts : shape.apm_contexts) sum += Apm::memory(apm_rows(shape, contexts));
  return sum;
}

void DecisionModel::start_from(const DecisionModelShape& shape) {
  if (final_extra_) finals_.start_from(first_final_weights(nullptr, 0, shape));
  if (!shape.first) return;
  const FirstValues& first = *shape.first;
  contexts_.start_from(first);
  followers_.start_from(first);
  for (unsigned i = 0; i < matches_.size(); ++i) matches_[i].start_from(first, i);
  const MixerFirstValues* const mixer = first.mixer_for(shape.contexts, shape.extra_inputs);
  if (!mixer || first.phases < shape.phases) return;
  const InputCounts own{shape.contexts, shape.follower_contexts, static_cast<unsigned>(matches_.size()),
                        shape.extra_inputs};
  mixer_.start_from(first_weights(*mixer, first.phases, shape, own));
  finals_.start_from(first_final_weights(mixer, first.phases, shape));
}

void DecisionModel::gather(const Position& at, unsigned phase) {
  float* const inputs = mixer_.inputs();
  phase_ = phase;
  mixer_.enter(phase);
  finals_.enter(phase);
  seen_ = contexts_.predict(phase, inputs);
  followers_.predict(at, inputs + contexts_.input_count());
  for (unsigned i = 0; i < matches_.size(); ++i)
    matches_[i].predict(at, inputs + match_at_ + i * MatchModel::inputs);
}

std::uint32_t DecisionModel::mix(const DecisionContexts& contexts) {
  for (std::size_t i = 0; i < apms_.size(); ++i) apms_[i].prefetch(contexts.apms[i] & apm_mask_);
  for (unsigned set = 0; set < mixer_.set_count(); ++set) mixer_.select(set, contexts.sets[set]);
  std::span<const float> outputs(mixer_.mix(), mixer_.set_count());
  if (const unsigned finals = finals_.set_count()) {
    std::copy_n(mixer_.inputs() + extra_at_, final_extra_,
                std::copy(outputs.begin(), outputs.end(), finals_.inputs()));
    for (unsigned i = 0; i < finals; ++i) finals_.select(i, contexts.finals[i]);
    outputs = {finals_.mix(), finals};
  }
  float sum = 0.0f;
  for (const float output : outputs) sum += output;
  mixed_ = squash_near(sum * output_share_);
  const unsigned mixed16 = std::clamp(static_cast<unsigned>(mixed_ * 65536.0f), 1u, 65535u);
  if (apms_.empty()) return to_coder(mixed_);
  float refined = 0.0f;
  for (unsigned i = 0; i < apms_.size(); ++i)
    refined += static_cast<float>(apms_[i].refine(mixed16, contexts.apms[i] & apm_mask_)) * (1.0f / 65536.0f);
  return to_coder(mixed_ * (1.0f - apm_share) +
                  refined * (apm_share / static_cast<float>(static_cast<int>(apms_.size()))));
}

void DecisionModel::update(unsigned bit) {
  followers_.update(bit);
  for (MatchModel& match : matches_) match.update(bit);
  mixer_.update(bit, mixed_);
  if (finals_.set_count()) finals_.update(bit, mixed_);
  for (Apm& apm : apms_) apm.update(bit);
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
  history_.push(id, history_.key(at));
  followed.follow();
  repeats_.take();
  if (repeats_.left() == 0)
    for (MatchModel& match : matches_) match.resume(history_, &match == &followed);
  return id;
}

void DecisionModel::end_symbol(std::uint32_t id, std::uint32_t key) {
  history_.push(id, key);
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
  mixer_.use_huge_pages(symbols);
  finals_.use_huge_pages(symbols);
  for (Apm& apm : apms_) apm.use_huge_pages(symbols);
}

}  // namespace ssmz::codec
