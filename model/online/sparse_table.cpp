// SPDX-License-Identifier: Apache-2.0
// Sparse rows with gradients and Adam.
#include "model/online/sparse_table.hpp"

#include <algorithm>

namespace ssmz::model {

SparseTable::SparseTable(std::size_t rows, std::size_t stride, RowStart start)
    : stride_(stride),
      start_(std::move(start)),
      storage_(rows * 3 * stride, start_.huge_pages),
      drawn_(start_.zeros() ? 0 : rows, false),
      slot_(rows, 0),
      stamp_(rows, 0) {}

void SparseTable::start_chunk() {
  touched_.clear();
  if (++epoch_ == 0) {  // wrapped: old stamps could match
    std::fill(stamp_.begin(), stamp_.end(), 0u);
    epoch_ = 1;
  }
}

void SparseTable::touch(std::uint32_t r) {
  if (stamp_[r] == epoch_) return;
  stamp_[r] = epoch_;
  slot_[r] = static_cast<std::uint32_t>(touched_.size());
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

void SparseTable::adam(const Kernels& kernels, const AdamStep& step) {
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    if (i + 2 < touched_.size()) {
      const float* next = weight(touched_[i + 2]);
      for (std::size_t j = 0; j < 3 * stride_; j += 16) __builtin_prefetch(next + j, 1);
    }
    float* row = weight(touched_[i]);
    kernels.optimiser.adam(step, row, row + stride_, row + 2 * stride_, gradients_.data() + i * stride_,
                           stride_);
  }
}

}  // namespace ssmz::model
