// SPDX-License-Identifier: Apache-2.0
// Linear prediction by recursive least squares with forgetting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/predict/normal_equations.hpp"

namespace ssmz::codec {

/// Finds the weights that would have predicted the targets so far best, the last ones counting most.
/// Bit-exact as NormalEquations. predict() costs n, update() n^2 / 2 and every `interval`-th n^3 / 6
/// multiplications.
class LeastSquares {
 public:
  /// `forget`: a target's weight falls by it with each that follows. `ridge`: added to the diagonal.
  LeastSquares(unsigned inputs, double forget, double ridge, unsigned interval)
      : forget_(forget),
        ridge_(ridge),
        interval_(interval),
        inputs_(inputs),
        weights_(inputs),
        equations_(inputs) {}

  /// Bytes that one of so many inputs takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned inputs) noexcept {
    return NormalEquations::memory(inputs) + 2 * std::uint64_t{inputs} * sizeof(double);
  }

  /// The inputs of the next predict(), any finite numbers.
  [[nodiscard]] double* inputs() noexcept { return inputs_.data(); }
  [[nodiscard]] double predict() const noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) sum += weights_[i] * inputs_[i];
    return sum;
  }
  /// What came where predict() was asked.
  void update(double target) noexcept {
    equations_.add(inputs_.data(), target, forget_);
    if (++pending_ < interval_) return;
    pending_ = 0;
    equations_.solve(ridge_, weights_);
  }

 private:
  double forget_;
  double ridge_;
  unsigned interval_;
  unsigned pending_ = 0;
  std::vector<double> inputs_;
  std::vector<double> weights_;
  NormalEquations equations_;
};

}  // namespace ssmz::codec
