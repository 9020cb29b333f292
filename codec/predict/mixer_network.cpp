// SPDX-License-Identifier: Apache-2.0
// Two layers of mixers, and the weights they begin with.
#include "codec/predict/mixer_network.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace ssmz::codec {
namespace {

unsigned final_extra(const DecisionModelShape& shape) {
  return shape.finals_read_extra ? shape.extra_inputs : 0;
}

unsigned final_input_total(const DecisionModelShape& shape) {
  return static_cast<unsigned>(shape.set_rows.size()) + final_extra(shape);
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

unsigned known_phases(const DecisionModelShape& shape) {
  return shape.phases - static_cast<unsigned>(shape.like_phases.size());
}

// The phase of training whose values a phase begins with.
unsigned trained_phase(const DecisionModelShape& shape, unsigned phase) {
  const unsigned known = known_phases(shape);
  return phase < known ? phase : shape.like_phases[phase - known];
}

// [phase][set][input], each vector padded: what training had no input or set for begins as without training.
std::vector<float> first_weights(const MixerFirstValues& trained, unsigned trained_phases,
                                 const DecisionModelShape& shape, const InputCounts& own) {
  const std::vector<int> places = trained_places(trained, own);
  const std::size_t sets = shape.set_rows.size();
  const std::size_t padded = MixerLayer::padded(static_cast<unsigned>(places.size()));
  std::vector<float> firsts(shape.phases * sets * padded), common(trained.inputs()), more(trained.inputs());
  for (unsigned phase = 0; phase < shape.phases; ++phase) {
    trained.phase_vector(trained_phase(shape, phase), common.data());
    for (unsigned set = 0; set < sets; ++set) {
      std::fill(more.begin(), more.end(), 0.0f);
      if (set < trained.sets) trained.set_vector(trained_phases, set, more.data());
      float* const vector = firsts.data() + (phase * sets + set) * padded;
      for (std::size_t i = 0; i < places.size(); ++i) {
        const int place = places[i];
        vector[i] = place != unknown_place ? common[place] + more[place]
                                           : shape.first_weight_sum / static_cast<float>(places.size());
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
      trained->final_vector(trained_phases, trained_phase(shape, phase), i, weights.data());
      std::fill_n(vector, sets, 0.0f);
      std::copy(weights.begin(), weights.end(), vector);
    }
  }
  return firsts;
}

}  // namespace

MixerNetwork::MixerNetwork(const DecisionModelShape& shape, unsigned extra_at, float joint_share)
    : extra_at_(extra_at),
      final_extra_(final_extra(shape)),
      first_(input_total(shape), shape.set_rows,
             shape.first_weight_sum / static_cast<float>(input_total(shape)), shape.rate, joint_share),
      finals_(final_input_total(shape), shape.final_rows, 1.0f / static_cast<float>(shape.set_rows.size()),
              shape.final_rate, 0.0f) {
  const unsigned outputs = finals_.set_count() ? finals_.set_count() : first_.set_count();
  output_share_ = 1.0f / static_cast<float>(outputs);
  if (final_extra_) finals_.start_from(first_final_weights(nullptr, 0, shape));
}

void MixerNetwork::start_from(const DecisionModelShape& shape) {
  const FirstValues& first = *shape.first;
  const MixerFirstValues* const mixer = first.mixer_for(shape.contexts, shape.extra_inputs);
  if (!mixer || first.phases < known_phases(shape)) return;
  const InputCounts own{shape.contexts, shape.follower_contexts,
                        static_cast<unsigned>(shape.match_lengths.size()), shape.extra_inputs};
  first_.start_from(first_weights(*mixer, first.phases, shape, own));
  finals_.start_from(first_final_weights(mixer, first.phases, shape));
}

std::uint64_t MixerNetwork::memory(const DecisionModelShape& shape) {
  return MixerLayer::memory(input_total(shape), shape.set_rows) +
         MixerLayer::memory(final_input_total(shape), shape.final_rows);
}

void MixerNetwork::select(unsigned phase, const DecisionContexts& contexts) noexcept {
  first_.enter(phase);
  for (unsigned set = 0; set < first_.set_count(); ++set) first_.select(set, contexts.sets[set]);
  finals_.enter(phase);
  for (unsigned i = 0; i < finals_.set_count(); ++i) finals_.select(i, contexts.finals[i]);
}

float MixerNetwork::mix() noexcept {
  std::span<const float> outputs(first_.mix(), first_.set_count());
  if (const unsigned finals = finals_.set_count()) {
    std::copy_n(first_.inputs() + extra_at_, final_extra_,
                std::copy(outputs.begin(), outputs.end(), finals_.inputs()));
    outputs = {finals_.mix(), finals};
  }
  float sum = 0.0f;
  for (const float output : outputs) sum += output;
  return sum * output_share_;
}

}  // namespace ssmz::codec
