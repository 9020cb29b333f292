// SPDX-License-Identifier: Apache-2.0
// Chains of contexts, each of which refines what the one before says by the history it has of the decision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/predict/context_bank.hpp"
#include "codec/predict/first_values.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Indirect refinement (ISSE in M. Mahoney, "The ZPAQ Open Standard Format", 2009): a logit and a constant,
/// mixed by two weights that a context's history chooses. A mixer weighs a context by where it stands, not by
/// what its history is. Not thread-safe. FORMAT.
class HistoryChain {
 public:
  struct Weights {
    float logit, constant;
    float visits;  ///< Updates so far.
  };

  /// `phases`: kinds of decision with weights of their own.
  HistoryChain(unsigned stages, unsigned phases);

  /// First weights other than usual(), if they are of as many stages. That they stood for 8 or 30 updates
  /// instead of none, and so moved less at first, changed nothing (0.01 %). `first` must outlive the chain.
  void start_from(const FirstValues& first) noexcept;

  /// Bytes that a chain takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned stages, unsigned phases) noexcept {
    return std::uint64_t{phases} * stages * ContextBank::map_size * sizeof(Weights);
  }

  /// Before the stages of each decision.
  void begin(unsigned phase) noexcept { phase_ = phase; }
  /// What stage `stage` makes of `logit`, within +-10, with a history of `kind` as ContextBank::kind() gives
  /// it; if there is none, `logit` itself. Each stage once a decision. Cost: nanoseconds.
  float refine(unsigned stage, int kind, float logit) noexcept;
  /// The bit that came after the stages of a decision.
  void update(unsigned bit) noexcept;

  /// Number of weights: [phase][stage][kind].
  [[nodiscard]] std::size_t size() const noexcept { return weights_.size(); }
  [[nodiscard]] Weights weights(std::size_t i) const noexcept {
    return used(weights_[i]) ? weights_[i] : first_weights(i);
  }
  /// What the weights at place i begin with where nothing is trained.
  [[nodiscard]] static Weights usual(std::size_t i) noexcept;

 private:
  [[nodiscard]] static bool used(const Weights& weights) noexcept {
    return weights.visits != 0.0f || weights.logit != 0.0f;
  }
  [[nodiscard, gnu::cold]] Weights first_weights(std::size_t i) const noexcept;

  struct Used {
    Weights* weights;  // nullptr: nothing to learn
    float in, out;
  };
  unsigned stages_;
  unsigned phase_ = 0;
  const FirstValues* first_ = nullptr;
  model::Zeroed<Weights> weights_;  // each is set when it is first used: most never are in a short input
  std::vector<Used> used_;          // [stage], of the decision in hand
};

}  // namespace ssmz::codec
