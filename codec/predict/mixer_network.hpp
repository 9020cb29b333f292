// SPDX-License-Identifier: Apache-2.0
// The mixers of a decision model: weight sets over its inputs, and final mixers over the sets.
#pragma once

#include <algorithm>
#include <cstdint>

#include "codec/predict/decision_shape.hpp"
#include "codec/predict/mixer.hpp"

namespace ssmz::codec {

/// Not thread-safe. Of each decision: select(), inputs() or read(), mix(), update().
class MixerNetwork {
 public:
  /// `extra_at`: where the caller's inputs begin; `joint_share`: MixerLayer's, of the first layer.
  MixerNetwork(const DecisionModelShape& shape, unsigned extra_at, float joint_share);
  /// As MixerLayer's, of the first layer.
  void precondition(unsigned rank, float compensation) { first_.precondition(rank, compensation); }
  /// The mixers begin with shape.first's values where it has some. Before the first decision.
  void start_from(const DecisionModelShape& shape);
  /// Bytes that a network takes, without a preconditioner's.
  [[nodiscard]] static std::uint64_t memory(const DecisionModelShape& shape);
  /// As model::ZeroedArray's: from here on the network is only copied.
  void freeze() {
    first_.freeze();
    finals_.freeze();
  }
  void use_huge_pages(std::uint64_t symbols) noexcept {
    first_.use_huge_pages(symbols);
    finals_.use_huge_pages(symbols);
  }

  /// input_total() inputs, to be filled for each decision.
  [[nodiscard]] float* inputs() noexcept { return first_.inputs(); }
  /// Takes another network's inputs instead, which is of the same shape: a copy, a hundredth of what mix()
  /// and update() read and write.
  void read(const MixerNetwork& other) noexcept {
    std::copy_n(other.first_.inputs(), first_.padded(), first_.inputs());
  }
  /// Selects the weights of a decision, and fetches them.
  void select(unsigned phase, const DecisionContexts& contexts) noexcept;
  /// Logit of a 1: the mean of the final mixers, or of the sets if there are none.
  [[nodiscard]] float mix() noexcept;
  /// `mixed`: the probability that all networks together came to.
  void update(unsigned bit, float mixed) noexcept {
    first_.update(bit, mixed);
    if (finals_.set_count()) finals_.update(bit, mixed);
  }

  [[nodiscard]] const MixerLayer& first() const noexcept { return first_; }
  [[nodiscard]] const MixerLayer& finals() const noexcept { return finals_; }

 private:
  unsigned extra_at_;
  unsigned final_extra_;  // of the caller's inputs, those that the final mixers read
  MixerLayer first_;
  MixerLayer finals_;
  float output_share_;  // of each of the last layer's outputs in the mean
};

}  // namespace ssmz::codec
