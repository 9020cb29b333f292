// SPDX-License-Identifier: Apache-2.0
// Sums of products of inputs and targets, and the weights that fit them best.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ssmz::codec {

/// Least squares by Cholesky decomposition. All in double in a fixed order of operations without contraction,
/// square root and division as IEEE 754 has them: bit-exact. add() and gather() cost n^2 / 2, solve() n^3 / 6
/// multiplications.
class NormalEquations {
 public:
  explicit NormalEquations(unsigned inputs)
      : count_(inputs),
        products_(std::size_t{inputs} * inputs),
        targets_(inputs),
        factor_(std::size_t{inputs} * inputs),
        solution_(inputs) {}

  /// Bytes that those of so many inputs take beside themselves.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned inputs) noexcept {
    return std::uint64_t{inputs} * (2 * std::uint64_t{inputs} + 2) * sizeof(double);
  }

  /// What was added before counts `forget` times as much.
  void add(const double* inputs, double target, double forget) noexcept;

  /// Numbers that gather() takes of so many inputs: the products [i][j], j >= i, then the targets.
  [[nodiscard]] static constexpr std::size_t packed_size(unsigned inputs) noexcept {
    return std::size_t{inputs} * (inputs + 1) / 2 + inputs;
  }
  void clear() noexcept;
  void gather(const float* packed, double share) noexcept;

  /// Writes the weights, or leaves them if the inputs depend on each other. `ridge`: added to the diagonal.
  void solve(double ridge, std::vector<double>& weights) noexcept;

 private:
  unsigned count_;
  std::vector<double> products_;  // [i][j], j >= i: sum of inputs i and j multiplied
  std::vector<double> targets_;   // [i]: sum of input i times the target
  std::vector<double> factor_;    // [i][j], j >= i: the decomposition
  std::vector<double> solution_;
};

}  // namespace ssmz::codec
