// SPDX-License-Identifier: Apache-2.0
// Linear algebra kernels over 16 virtual lanes; the contract is in kernels.hpp. Tile sizes never change a
// result.
#pragma once

#include "model/kernels/kernels.hpp"
#include "model/kernels/vector16_detail.hpp"

namespace ssmz::model {
namespace {

// Tiles fill the registers: AVX-512 has 32 of one Vec each, AVX2 16 of half a Vec each, NEON 32 of a quarter.
#if defined(SSMZ_VECTOR_AVX512)
constexpr std::size_t kDotRows = 8;   // rows of a dot product at a time
constexpr std::size_t kTileRows = 8;  // gemm_nn and gemm_tn
constexpr std::size_t kTileVectors = 2;
constexpr std::size_t kSquareTile = 4;  // gemm_nt
constexpr std::size_t kMatvecVectors = 16;
#else
constexpr std::size_t kDotRows = 4;
constexpr std::size_t kTileRows = 4;
constexpr std::size_t kTileVectors = 1;
constexpr std::size_t kSquareTile = 2;
constexpr std::size_t kMatvecVectors = 4;
#endif

/// out[r] = dot(x, row(r)) for Rows rows.
template <std::size_t Rows, class RowOf>
SSMZ_INLINE void dot_block(const Scalar* x, std::size_t n, RowOf row, Scalar* out) {
  Vec sums[Rows];
  const Scalar* rows[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    sums[r] = broadcast(0.0f);
    rows[r] = row(r);
  }
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec value = load(x + i);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r) sums[r] = fma(value, load(rows[r] + i), sums[r]);
  }
  if (i < n) {
    const Vec value = load_part(x + i, n - i);
    for (std::size_t r = 0; r < Rows; ++r) sums[r] = fma(value, load_part(rows[r] + i, n - i), sums[r]);
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < Rows; ++r) out[r] = sum(sums[r]);
}

/// Calls block(std::integral_constant<Rows>, first row) over all rows: full groups, then halves.
template <std::size_t Rows, class Block>
SSMZ_INLINE void for_row_groups(std::size_t first, std::size_t count, Block block) {
  while (first + Rows <= count) {
    block(std::integral_constant<std::size_t, Rows>{}, first);
    first += Rows;
  }
  if constexpr (Rows > 1) for_row_groups<Rows / 2>(first, count, block);
}

Scalar dot(const Scalar* x, const Scalar* y, std::size_t n) {
  Scalar out;
  dot_block<1>(
      x, n, [&](std::size_t) { return y; }, &out);
  return out;
}

void axpy(Scalar a, const Scalar* x, Scalar* y, std::size_t n) {
  const Vec scale = broadcast(a);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, fma(scale, load(x + i), load(y + i)));
  if (i < n) store_part(y + i, fma(scale, load_part(x + i, n - i), load_part(y + i, n - i)), n - i);
}

void dot_rows(const Scalar* x, std::size_t n, const Scalar* const* rows, std::size_t row_count, Scalar* out) {
  for_row_groups<kDotRows>(0, row_count, [&](auto group, std::size_t first) {
    dot_block<group()>(
        x, n, [&](std::size_t r) { return rows[first + r]; }, out + first);
  });
}

template <std::size_t Rows>
SSMZ_INLINE void axpy_block(const Scalar* x, std::size_t n, const Scalar* scale, Scalar* const* rows) {
  Vec scales[Rows];
  Scalar* row[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    scales[r] = broadcast(scale[r]);
    row[r] = rows[r];
  }
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Vec value = load(x + i);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r) store(row[r] + i, fma(scales[r], value, load(row[r] + i)));
  }
  if (i == n) return;
  const Vec value = load_part(x + i, n - i);
  for (std::size_t r = 0; r < Rows; ++r) {
    store_part(row[r] + i, fma(scales[r], value, load_part(row[r] + i, n - i)), n - i);
  }
}

void axpy_rows(const Scalar* x, std::size_t n, const Scalar* scale, Scalar* const* rows,
               std::size_t row_count) {
  for_row_groups<4>(0, row_count, [&](auto group, std::size_t first) {
    axpy_block<group()>(x, n, scale + first, rows + first);
  });
}

void matvec(const Scalar* w, std::size_t ldw, std::size_t rows, std::size_t cols, const Scalar* x, Scalar* y,
            bool accumulate) {
  for_row_groups<kDotRows>(0, rows, [&](auto group, std::size_t first) {
    Scalar out[group()];
    dot_block<group()>(
        x, cols, [&](std::size_t r) { return w + (first + r) * ldw; }, out);
    for (std::size_t r = 0; r < group(); ++r) y[first + r] = accumulate ? y[first + r] + out[r] : out[r];
  });
}

/// The left matrix of a product, element (row, k) at p[row * row_stride + k * k_stride].
struct Left {
  const Scalar* p;
  std::size_t row_stride;
  std::size_t k_stride;
};

/// C[Rows x 16 Vectors] (+)= left * B by outer products; `part` is the width of the only vector if it is not
/// full, else 0.
template <std::size_t Rows, std::size_t Vectors, bool Part>
SSMZ_INLINE void outer_tile(Left left, const Scalar* b, std::size_t ldb, Scalar* c, std::size_t ldc,
                            std::size_t k, bool accumulate, std::size_t part) {
  Vec sums[Rows][Vectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < Vectors; ++v) {
      const Scalar* at = c + r * ldc + v * kLanes;
      sums[r][v] = !accumulate ? broadcast(0.0f) : Part ? load_part(at, part) : load(at);
    }
  }
  for (std::size_t i = 0; i < k; ++i) {
    Vec right[Vectors];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < Vectors; ++v) {
      right[v] = Part ? load_part(b + i * ldb, part) : load(b + i * ldb + v * kLanes);
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < Rows; ++r) {
      const Vec value = broadcast(left.p[r * left.row_stride + i * left.k_stride]);
#pragma GCC unroll 16
      for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = fma(value, right[v], sums[r][v]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < Vectors; ++v) {
      Scalar* at = c + r * ldc + v * kLanes;
      if (Part) {
        store_part(at, sums[r][v], part);
      } else {
        store(at, sums[r][v]);
      }
    }
  }
}

/// C[m x n] (+)= left * B with tiles of at most Rows x Vectors.
template <std::size_t Rows, std::size_t Vectors>
SSMZ_INLINE void outer_product(Left left, const Scalar* b, std::size_t ldb, Scalar* c, std::size_t ldc,
                               std::size_t m, std::size_t n, std::size_t k, bool accumulate) {
  for_row_groups<Vectors>(0, n / kLanes, [&](auto width, std::size_t vector) {
    const std::size_t column = vector * kLanes;
    for_row_groups<Rows>(0, m, [&](auto height, std::size_t row) {
      const Left part{left.p + row * left.row_stride, left.row_stride, left.k_stride};
      outer_tile<height(), width(), false>(part, b + column, ldb, c + row * ldc + column, ldc, k, accumulate,
                                           0);
    });
  });
  const std::size_t column = n / kLanes * kLanes;
  if (column == n) return;
  for (std::size_t row = 0; row < m; ++row) {
    const Left part{left.p + row * left.row_stride, left.row_stride, left.k_stride};
    outer_tile<1, 1, true>(part, b + column, ldb, c + row * ldc + column, ldc, k, accumulate, n - column);
  }
}

void matvec_t(const Scalar* w, std::size_t ldw, std::size_t rows, std::size_t cols, const Scalar* x,
              Scalar* y, bool accumulate) {
  outer_product<1, kMatvecVectors>({x, 0, 1}, w, ldw, y, 0, 1, cols, rows, accumulate);
}

void gemm_nn(const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb, Scalar* c, std::size_t ldc,
             std::size_t m, std::size_t n, std::size_t k, bool accumulate) {
  if (m == 1) return matvec_t(b, ldb, k, n, a, c, accumulate);
  outer_product<kTileRows, kTileVectors>({a, lda, 1}, b, ldb, c, ldc, m, n, k, accumulate);
}

void gemm_tn(const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb, Scalar* c, std::size_t ldc,
             std::size_t m, std::size_t n, std::size_t k, bool accumulate) {
  outer_product<kTileRows, kTileVectors>({a, 1, lda}, b, ldb, c, ldc, m, n, k, accumulate);
}

#if defined(SSMZ_VECTOR_AVX512)

/// Lanes 4 r + s: the sum of v[r][s], by the same tree as sum(); about a third of the work of sixteen of
/// those.
SSMZ_INLINE __m512 sums_of_square(const Vec (&v)[4][4]) {
  __m512 columns[4];  // each 128 bits: four partial sums of one row
#pragma GCC unroll 4
  for (std::size_t s = 0; s < 4; ++s) {
    __m512 pairs[2];  // each half: eight partial sums of one row
#pragma GCC unroll 2
    for (std::size_t r = 0; r < 2; ++r) {
      const __m512 a = v[2 * r][s].r[0], b = v[2 * r + 1][s].r[0];
      pairs[r] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
    }
    columns[s] = _mm512_add_ps(_mm512_shuffle_f32x4(pairs[0], pairs[1], 0x88),
                               _mm512_shuffle_f32x4(pairs[0], pairs[1], 0xdd));
  }
  __m512 twos[2];  // of columns 2 s and 2 s + 1
#pragma GCC unroll 2
  for (std::size_t s = 0; s < 2; ++s) {
    const __m512d a = _mm512_castps_pd(columns[2 * s]), b = _mm512_castps_pd(columns[2 * s + 1]);
    twos[s] =
        _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  }
  return _mm512_add_ps(_mm512_shuffle_ps(twos[0], twos[1], 0x88), _mm512_shuffle_ps(twos[0], twos[1], 0xdd));
}

#endif

/// C[Rows x Cols] (+)= dot products of rows of A and rows of B.
template <std::size_t Rows, std::size_t Cols>
SSMZ_INLINE void dot_tile(const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb, Scalar* c,
                          std::size_t ldc, std::size_t k, bool accumulate) {
  Vec sums[Rows][Cols];
  for (std::size_t r = 0; r < Rows; ++r) {
    for (std::size_t s = 0; s < Cols; ++s) sums[r][s] = broadcast(0.0f);
  }
  const auto step = [&](auto get) {
    Vec left[Rows];
#pragma GCC unroll 4
    for (std::size_t r = 0; r < Rows; ++r) left[r] = get(a + r * lda);
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Cols; ++s) {
      const Vec right = get(b + s * ldb);
#pragma GCC unroll 4
      for (std::size_t r = 0; r < Rows; ++r) sums[r][s] = fma(left[r], right, sums[r][s]);
    }
  };
  std::size_t i = 0;
  for (; i + kLanes <= k; i += kLanes) step([&](const Scalar* p) { return load(p + i); });
  if (i < k) step([&](const Scalar* p) { return load_part(p + i, k - i); });
#if defined(SSMZ_VECTOR_AVX512)
  if constexpr (Rows == 4 && Cols == 4) {
    const __m512 all = sums_of_square(sums);
    const __m128 rows[4] = {_mm512_castps512_ps128(all), _mm512_extractf32x4_ps(all, 1),
                            _mm512_extractf32x4_ps(all, 2), _mm512_extractf32x4_ps(all, 3)};
#pragma GCC unroll 4
    for (std::size_t r = 0; r < 4; ++r) {
      float* at = c + r * ldc;
      _mm_storeu_ps(at, accumulate ? _mm_add_ps(_mm_loadu_ps(at), rows[r]) : rows[r]);
    }
    return;
  }
#endif
#pragma GCC unroll 4
  for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Cols; ++s) {
      const Scalar value = sum(sums[r][s]);
      c[r * ldc + s] = accumulate ? c[r * ldc + s] + value : value;
    }
  }
}

void gemm_nt(const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb, Scalar* c, std::size_t ldc,
             std::size_t m, std::size_t n, std::size_t k, bool accumulate) {
  for_row_groups<kSquareTile>(0, n, [&](auto width, std::size_t column) {
    for_row_groups<kSquareTile>(0, m, [&](auto height, std::size_t row) {
      dot_tile<height(), width()>(a + row * lda, lda, b + column * ldb, ldb, c + row * ldc + column, ldc, k,
                                  accumulate);
    });
  });
}

}  // namespace
}  // namespace ssmz::model
