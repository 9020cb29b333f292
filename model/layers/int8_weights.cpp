// SPDX-License-Identifier: Apache-2.0
// Rounding of maps to 8 bits, and products with them.
#include "model/layers/int8_weights.hpp"

#include <algorithm>
#include <utility>

namespace ssmz::model {

Int8Map::Int8Map(std::size_t rows, std::size_t cols)
    : rows_(rows),
      cols_(cols),
      codes_(int8_groups(rows) * kInt8Group * round_up16(cols)),
      scales_(int8_groups(rows) * round_up16(cols)) {}

template <class At>
Int8Map Int8Map::rounded(std::size_t rows, std::size_t cols, At at) {
  Int8Map map(rows, cols);
  std::vector<float> column(rows), scales(int8_groups(rows));
  std::vector<std::int16_t> codes(int8_groups(rows) * kInt8Group);
  for (std::size_t c = 0; c < cols; ++c) {
    for (std::size_t r = 0; r < rows; ++r) column[r] = at(r, c);
    kernels().int8.quantise(column.data(), rows, codes.data(), scales.data());
    for (std::size_t r = 0; r < rows; ++r) {
      map.code(r, c) = static_cast<std::int8_t>(codes[r]);
      map.scale(r, c) = scales[r / kInt8Group];
    }
  }
  return map;
}

Int8Map Int8Map::of(const float* w, std::size_t rows, std::size_t cols) {
  return rounded(rows, cols, [&](std::size_t r, std::size_t c) { return w[r * cols + c]; });
}

Int8Map Int8Map::of_transposed(const float* w, std::size_t rows, std::size_t cols) {
  return rounded(rows, cols, [&](std::size_t r, std::size_t c) { return w[c * rows + r]; });
}

void Int8Maps::add(std::size_t offset, Int8Map map) {
  most_rows_ = std::max(most_rows_, int8_groups(map.rows()) * kInt8Group);
  maps_.push_back({offset, std::move(map)});
}

const Int8Map* Int8Maps::find(std::size_t offset) const noexcept {
  const auto row = std::lower_bound(maps_.begin(), maps_.end(), offset,
                                    [](const Row& a, std::size_t wanted) { return a.offset < wanted; });
  return row != maps_.end() && row->offset == offset ? &row->map : nullptr;
}

std::uint64_t Int8Maps::memory() const noexcept {
  std::uint64_t bytes = 0;
  for (const Row& row : maps_) bytes += row.map.memory();
  return bytes;
}

void Int8Weights::apply(const Kernels& kernels, const Int8Matrix<float>& map, const float* x, std::size_t ldx,
                        float* y, std::size_t ldy, std::size_t length, bool accumulate) {
  const std::size_t multiply_adds = length * map.rows * map.cols;
  if (!activations) {
    return share_columns(kernels.team, map.cols, multiply_adds, [&](std::size_t first, std::size_t last) {
      kernels.int8.gemm_weights(columns_of(map, first, last), x, ldx, length, y + first, ldy, accumulate);
    });
  }
  const std::size_t groups = int8_groups(map.rows);
  if (codes.size() < length * groups * kInt8Group) codes.resize(length * groups * kInt8Group);
  if (scales.size() < length * groups) scales.resize(length * groups);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.int8.quantise(x + t * ldx, map.rows, codes.data() + t * groups * kInt8Group,
                          scales.data() + t * groups);
  }
  share_columns(kernels.team, map.cols, multiply_adds, [&](std::size_t first, std::size_t last) {
    kernels.int8.gemm(columns_of(map, first, last), codes.data(), scales.data(), length, y + first, ldy,
                      accumulate);
  });
}

}  // namespace ssmz::model
