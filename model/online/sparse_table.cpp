// SPDX-License-Identifier: Apache-2.0
// Sparse rows with gradients and Adam.
#include "model/online/sparse_table.hpp"

#include <algorithm>

namespace ssmz::model {
namespace {

constexpr std::uint32_t kMostUpdates = 1u << 24;  // beyond what beta2 < 0.99999 tells apart; exact as a float

}  // namespace

SparseTable::SparseTable(std::size_t rows, std::size_t stride, RowStart start, RowOptimiser optimiser)
    : stride_(stride),
      row_floats_((optimiser.momentum ? 3 : 2) * stride),
      start_(std::move(start)),
      optimiser_(optimiser),
      storage_(rows * row_floats_),
      drawn_(start_.zeros() ? 0 : rows, false),
      use_(rows) {}

void SparseTable::start_chunk() {
  touched_.clear();
  if (++epoch_ == 0) {  // wrapped: old marks could match
    for (Use& use : use_) use.epoch = 0;
    epoch_ = 1;
  }
}

void SparseTable::touch(std::uint32_t r) {
  Use& use = use_[r];
  if (use.epoch == epoch_) return;
  use.epoch = epoch_;
  use.slot = static_cast<std::uint32_t>(touched_.size());
  touched_.push_back(r);
  for (std::size_t j = 0; j < stride_; j += 16) __builtin_prefetch(weight(r) + j, 1, 2);
  if (!drawn_.empty() && !drawn_[r]) {
    start_.draw(r, weight(r), stride_);
    drawn_[r] = true;
  }
}

void SparseTable::finish_touching() { gradients_.assign(touched_.size() * stride_, 0.0f); }

float SparseTable::sum_squares(const Kernels& kernels) const {
  return kernels.optimiser.sum_squares(gradients_.data(), touched_.size() * stride_);
}

void SparseTable::adam(const Kernels& kernels, AdamStep step) {
  const float most = step.beta2;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    if (i + 2 < touched_.size()) {
      const float* next = weight(touched_[i + 2]);
      for (std::size_t j = 0; j < row_floats_; j += 16) __builtin_prefetch(next + j, 1);
    }
    if (optimiser_.counts) {
      std::uint32_t& updates = use_[touched_[i]].updates;
      if (updates < kMostUpdates) ++updates;
      step.beta2 = std::min(most, 1.0f - 1.0f / static_cast<float>(updates));
      step.inverse_c2 = 1.0f;
    }
    float *row = weight(touched_[i]), *gradient = gradients_.data() + i * stride_;
    if (optimiser_.momentum) {
      kernels.optimiser.adam(step, row, row + stride_, row + 2 * stride_, gradient, stride_);
    } else {
      kernels.optimiser.adam_square(step, row, row + stride_, gradient, stride_);
    }
  }
}

}  // namespace ssmz::model
