// SPDX-License-Identifier: Apache-2.0
// Linear prediction by recursive least squares with forgetting, solved online by Cholesky decomposition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ssmz::codec {

/// Finds the weights that would have predicted the targets so far best, the last ones counting most. All in
/// double in a fixed order of operations without contraction, square root and division as IEEE 754 has them:
/// bit-exact. predict() costs n, update() n^2 / 2 and every `interval`-th n^3 / 6 multiplications.
class LeastSquares {
 public:
  /// `forget`: a target's weight falls by it with each that follows. `ridge`: added to the diagonal.
  LeastSquares(unsigned inputs, double forget, double ridge, unsigned interval);

  /// Bytes that one of so many inputs takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned inputs) noexcept {
    return std::uint64_t{inputs} * (2 * std::uint64_t{inputs} + 4) * sizeof(double);
  }

  /// The inputs of the next predict(), any finite numbers.
  [[nodiscard]] double* inputs() noexcept { return inputs_.data(); }
  [[nodiscard]] unsigned count() const noexcept { return count_; }
  [[nodiscard]] double predict() const noexcept;
  /// What came where predict() was asked.
  void update(double target) noexcept;

 private:
  void solve() noexcept;

  unsigned count_;
  double forget_;
  double ridge_;
  unsigned interval_;
  unsigned pending_ = 0;
  std::vector<double> inputs_;
  std::vector<double> weights_;
  std::vector<double> products_;  // [i][j], j >= i: sum of inputs i and j multiplied
  std::vector<double> targets_;   // [i]: sum of input i times the target
  std::vector<double> factor_;    // [i][j], j >= i: the decomposition
  std::vector<double> solution_;
};

}  // namespace ssmz::codec
