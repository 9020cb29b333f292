// SPDX-License-Identifier: Apache-2.0
// Many rows of weights of which a chunk touches a few: only those get gradients and Adam steps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/base/random.hpp"
#include "model/base/zeroed_array.hpp"
#include "model/kernels/kernels.hpp"

namespace ssmz::model {

/// How rows start: uniform with this standard deviation (0: zeros), by seed and row number, and then one
/// element by the row's bias, so that a row can be drawn when it is first used.
struct RowStart {
  float scale = 0.0f;
  std::uint64_t seed = 0;
  std::vector<float> biases = {};  ///< [row], or empty.
  std::size_t bias_at = 0;         ///< The element that starts with the bias.

  [[nodiscard]] bool zeros() const noexcept { return scale == 0.0f && biases.empty(); }
  void draw(std::uint32_t row, float* out, std::size_t n) const noexcept {
    if (scale != 0.0f) draw_uniform(row, out, n);
    if (!biases.empty()) out[bias_at] = biases[row];
  }
  void draw_uniform(std::uint32_t row, float* out, std::size_t n) const noexcept {
    Random random(seed + (std::uint64_t{row} + 1) * 0xd1342543de82ef95u);
    const float bound = scale * 1.7320508f;
    for (std::size_t i = 0; i < n; ++i) out[i] = random.uniform(-bound, bound);
  }
};

/// Rows as prediction reads them. Memory is used for rows that were drawn or set only.
class RowTable {
 public:
  RowTable(std::size_t rows, std::size_t stride, RowStart start)
      : stride_(stride),
        start_(std::move(start)),
        weights_(rows * stride),
        drawn_(start_.zeros() ? 0 : rows, false) {}

  /// A row for reading, drawn now if it is new.
  const float* row(std::uint32_t r) {
    if (!drawn_.empty() && !drawn_[r]) {
      start_.draw(r, at(r), stride_);
      drawn_[r] = true;
    }
    return at(r);
  }
  /// Where a row is or will be.
  [[nodiscard]] const float* place(std::uint32_t r) const noexcept { return weights_.data() + r * stride_; }
  /// Changes the bias a row starts with; no such row may have been set or trained.
  void set_start_bias(std::uint32_t r, float bias) {
    start_.biases[r] = bias;
    drawn_[r] = false;
  }
  float* at(std::uint32_t r) noexcept { return weights_.data() + r * stride_; }
  void set(std::uint32_t r, const float* values) {
    std::copy_n(values, stride_, at(r));
    if (!drawn_.empty()) drawn_[r] = true;
  }
  [[nodiscard]] std::size_t stride() const noexcept { return stride_; }
  /// As ZeroedArray's: from here on the table is only copied.
  void freeze() { weights_.freeze(); }
  void use_huge_pages(std::uint64_t symbols) noexcept { weights_.use_huge_pages(symbols); }

 private:
  std::size_t stride_;
  RowStart start_;
  ZeroedArray weights_;
  std::vector<bool> drawn_;
};

/// How a table's rows are trained.
struct RowOptimiser {
  bool momentum = true;  ///< Whether rows keep a mean gradient.
  bool counts = false;   ///< OnlineConfig::row_counts.
};

/// Rows as training owns them: weight, mean (with momentum) and square side by side, and gradients of the
/// rows of the present chunk. Moments of rows that are not touched stand still (lazy Adam).
class SparseTable {
 public:
  SparseTable(std::size_t rows, std::size_t stride, RowStart start, RowOptimiser optimiser);

  /// Forgets the touched rows of the last chunk.
  void start_chunk();
  /// Names a row the chunk will use.
  void touch(std::uint32_t r);
  /// After the last touch(): zeroes the gradients.
  void finish_touching();

  /// Changes the bias a row starts with; no such row may have been set or touched.
  void set_start_bias(std::uint32_t r, float bias) { start_.biases[r] = bias; }

  /// Replaces a row's weights; its moments are kept.
  void set(std::uint32_t r, const float* values) {
    std::copy_n(values, stride_, weight(r));
    if (!drawn_.empty()) drawn_[r] = true;
  }

  [[nodiscard]] float* weight(std::uint32_t r) noexcept { return storage_.data() + r * row_floats_; }
  /// A touched row's gradient.
  [[nodiscard]] float* gradient(std::uint32_t r) noexcept {
    return gradients_.data() + use_[r].slot * stride_;
  }
  [[nodiscard]] float sum_squares(const Kernels& kernels) const;
  /// Steps all touched rows.
  void adam(const Kernels& kernels, AdamStep step);
  /// Touched in this chunk, in order of the first touch.
  [[nodiscard]] std::span<const std::uint32_t> touched() const noexcept { return touched_; }
  [[nodiscard]] std::size_t stride() const noexcept { return stride_; }
  /// As ZeroedArray's: from here on the table is only copied.
  void freeze() { storage_.freeze(); }
  void use_huge_pages(std::uint64_t symbols) noexcept { storage_.use_huge_pages(symbols); }

 private:
  struct Use {
    std::uint32_t epoch = 0;    // of the chunk that touched the row last
    std::uint32_t slot = 0;     // of its gradient in that chunk
    std::uint32_t updates = 0;  // saturates
  };

  std::size_t stride_, row_floats_;
  RowStart start_;
  RowOptimiser optimiser_;
  ZeroedArray storage_;  // per row: weight, mean, square
  std::vector<bool> drawn_;
  std::vector<Use> use_;
  std::uint32_t epoch_ = 0;
  std::vector<std::uint32_t> touched_;
  AlignedVector<float> gradients_;
};

}  // namespace ssmz::model
