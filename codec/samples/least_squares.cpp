// SPDX-License-Identifier: Apache-2.0
// Sums of products, and their Cholesky decomposition row by row.
#include "codec/samples/least_squares.hpp"

#include <cmath>

namespace ssmz::codec {

namespace {
constexpr double least_pivot = 1e-9;  // below it the inputs depend on each other: the old weights stay
}

LeastSquares::LeastSquares(unsigned inputs, double forget, double ridge, unsigned interval)
    : count_(inputs),
      forget_(forget),
      ridge_(ridge),
      interval_(interval),
      inputs_(inputs),
      weights_(inputs),
      products_(std::size_t{inputs} * inputs),
      targets_(inputs),
      factor_(std::size_t{inputs} * inputs),
      solution_(inputs) {}

double LeastSquares::predict() const noexcept {
  double sum = 0.0;
  for (unsigned i = 0; i < count_; ++i) sum += weights_[i] * inputs_[i];
  return sum;
}

void LeastSquares::update(double target) noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    const double input = inputs_[i];
    double* const row = &products_[std::size_t{i} * count_];
    for (unsigned j = i; j < count_; ++j) row[j] = row[j] * forget_ + input * inputs_[j];
    targets_[i] = targets_[i] * forget_ + input * target;
  }
  if (++pending_ < interval_) return;
  pending_ = 0;
  solve();
}

// A = U^T U; U^T y = b; U w = y. The inner loops run along rows and carry nothing from turn to turn.
void LeastSquares::solve() noexcept {
  factor_ = products_;
  solution_ = targets_;
  for (unsigned i = 0; i < count_; ++i) factor_[std::size_t{i} * count_ + i] += ridge_;
  for (unsigned i = 0; i < count_; ++i) {
    double* const row = &factor_[std::size_t{i} * count_];
    if (!(row[i] > least_pivot)) return;
    const double scale = 1.0 / std::sqrt(row[i]);
    for (unsigned j = i; j < count_; ++j) row[j] *= scale;
    solution_[i] *= scale;
    for (unsigned k = i + 1; k < count_; ++k) {
      const double share = row[k];
      double* const below = &factor_[std::size_t{k} * count_];
      for (unsigned j = k; j < count_; ++j) below[j] -= share * row[j];
      solution_[k] -= share * solution_[i];
    }
  }
  for (unsigned i = count_; i-- > 0;) {
    const double* const row = &factor_[std::size_t{i} * count_];
    double sum = solution_[i];
    for (unsigned j = i + 1; j < count_; ++j) sum -= row[j] * solution_[j];
    solution_[i] = sum / row[i];
  }
  weights_.swap(solution_);
}

}  // namespace ssmz::codec
