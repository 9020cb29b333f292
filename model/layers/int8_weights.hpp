// SPDX-License-Identifier: Apache-2.0
// Maps of layers in 8 bits, and the product through which layers apply a map whatever form it is in.
#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/kernels/kernels.hpp"
#include "model/layers/shared_columns.hpp"

namespace ssmz::model {

/// Columns first..last of a matrix; `first` is a multiple of 16.
inline Int8Matrix<float> columns_of(const Int8Matrix<float>& w, std::size_t first,
                                    std::size_t last) noexcept {
  return {w.rows, last - first, w.codes + int8_code_at(w.rows, 0, first),
          w.scales + int8_scale_at(w.rows, 0, first)};
}

/// One matrix with its numbers; see Int8Matrix for their layout.
class Int8Map {
 public:
  Int8Map() = default;
  /// All zeros. Throws std::bad_alloc.
  Int8Map(std::size_t rows, std::size_t cols);
  /// Rounds `w` [rows x cols] to the nearest code, the scale being the greatest of a group / 127.
  static Int8Map of(const float* w, std::size_t rows, std::size_t cols);
  /// Of the transpose: w [cols x rows].
  static Int8Map of_transposed(const float* w, std::size_t rows, std::size_t cols);

  [[nodiscard]] Int8Matrix<float> view() const noexcept {
    return {rows_, cols_, codes_.data(), scales_.data()};
  }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t cols() const noexcept { return cols_; }
  [[nodiscard]] std::int8_t& code(std::size_t r, std::size_t c) noexcept {
    return codes_[int8_code_at(rows_, r, c)];
  }
  [[nodiscard]] float& scale(std::size_t r, std::size_t c) noexcept {
    return scales_[int8_scale_at(rows_, r, c)];
  }
  /// The number a code and its scale stand for.
  [[nodiscard]] float value(std::size_t r, std::size_t c) const noexcept {
    return static_cast<float>(codes_[int8_code_at(rows_, r, c)]) * scales_[int8_scale_at(rows_, r, c)];
  }
  [[nodiscard]] std::uint64_t memory() const noexcept {
    return codes_.size() + scales_.size() * sizeof(float);
  }

 private:
  template <class At>
  static Int8Map rounded(std::size_t rows, std::size_t cols, At at);

  std::size_t rows_ = 0, cols_ = 0;
  AlignedVector<std::int8_t> codes_;
  AlignedVector<float> scales_;
};

/// The maps of a stack in 8 bits, by their place among its parameters.
class Int8Maps {
 public:
  /// Offsets must grow.
  void add(std::size_t offset, Int8Map map);
  /// The map that stands for the array at `offset`, or nullptr.
  [[nodiscard]] const Int8Map* find(std::size_t offset) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return maps_.empty(); }
  /// Rows of the longest, in whole groups.
  [[nodiscard]] std::size_t most_rows() const noexcept { return most_rows_; }
  [[nodiscard]] std::uint64_t memory() const noexcept;

 private:
  struct Row {
    std::size_t offset;
    Int8Map map;
  };
  std::vector<Row> maps_;
  std::size_t most_rows_ = 0;
};

/// What a thread that computes with maps in 8 bits holds; its copy of a kernel table names it.
struct Int8Weights {
  const Int8Maps* maps = nullptr;
  const float* parameters = nullptr;  ///< What offsets count from.
  bool activations = false;           ///< Whether the maps' inputs are rounded to 8 bits too.
  std::vector<std::int16_t> codes = {};
  AlignedVector<float> scales = {};

  /// Y = X W for a map in 8 bits; arguments as gemm_nn's.
  void apply(const Kernels& kernels, const Int8Matrix<float>& map, const float* x, std::size_t ldx, float* y,
             std::size_t ldy, std::size_t length, bool accumulate);
};

/// Y = X W (or Y += X W) for a map `w` of a layer declared by ParameterList::add_map, X [length x rows], W
/// [rows x cols]: gemm_nn, or the product with the 8 bits that stand for the map; its columns are shared by
/// the table's team.
template <class Real>
void apply_map(const KernelTable<Real>& kernels, const Real* x, std::size_t ldx, const Real* w, Real* y,
               std::size_t ldy, std::size_t length, std::size_t cols, std::size_t rows,
               bool accumulate = false) {
  if constexpr (std::is_same_v<Real, float>) {
    if (Int8Weights* const weights = kernels.int8_weights; weights != nullptr) {
      const Int8Map* map = weights->maps->find(static_cast<std::size_t>(w - weights->parameters));
      if (map != nullptr) return weights->apply(kernels, map->view(), x, ldx, y, ldy, length, accumulate);
    }
    return share_columns(kernels.team, cols, length * rows * cols, [&](std::size_t first, std::size_t last) {
      kernels.linear.gemm_nn(x, ldx, w + first, cols, y + first, ldy, length, last - first, rows, accumulate);
    });
  }
  kernels.linear.gemm_nn(x, ldx, w, cols, y, ldy, length, cols, rows, accumulate);
}

}  // namespace ssmz::model
