// SPDX-License-Identifier: Apache-2.0
// Sums, and their Cholesky decomposition row by row.
#include "codec/predict/normal_equations.hpp"

#include <algorithm>
#include <cmath>

namespace ssmz::codec {

namespace {
constexpr double least_pivot = 1e-9;  // below it the inputs depend on each other: the old weights stay
}

void NormalEquations::add(const double* inputs, double target, double forget) noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    const double input = inputs[i];
    double* const row = &products_[std::size_t{i} * count_];
    for (unsigned j = i; j < count_; ++j) row[j] = row[j] * forget + input * inputs[j];
    targets_[i] = targets_[i] * forget + input * target;
  }
}

void NormalEquations::clear() noexcept {
  std::fill(products_.begin(), products_.end(), 0.0);
  std::fill(targets_.begin(), targets_.end(), 0.0);
}

void NormalEquations::gather(const float* packed, double share) noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    double* const row = &products_[std::size_t{i} * count_];
    for (unsigned j = i; j < count_; ++j) row[j] += share * static_cast<double>(*packed++);
  }
  for (unsigned i = 0; i < count_; ++i) targets_[i] += share * static_cast<double>(*packed++);
}

// A = U^T U; U^T y = b; U w = y. The inner loops run along rows and carry nothing from turn to turn.
void NormalEquations::solve(double ridge, std::vector<double>& weights) noexcept {
  factor_ = products_;
  solution_ = targets_;
  for (unsigned i = 0; i < count_; ++i) factor_[std::size_t{i} * count_ + i] += ridge;
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
  weights.swap(solution_);
}

}  // namespace ssmz::codec
