// SPDX-License-Identifier: Apache-2.0
// Products with matrices of 8 bits: whole-number sums within a group, which no order of adding changes, then
// a fused multiply-add for each group's scale.
#pragma once

#include <cstring>

#include "model/kernels/kernels.hpp"
#include "model/kernels/kernels_linear_detail.hpp"
#include "model/kernels/vector16_detail.hpp"

namespace ssmz::model {
namespace {

constexpr std::size_t kPairs = kInt8Group / 2;

#if defined(SSMZ_VECTOR_AVX512) || defined(SSMZ_VECTOR_AVX2)
/// Two codes as the one number whose halves they are.
SSMZ_INLINE std::int32_t both_codes(const std::int16_t* x) {
  std::int32_t both;
  std::memcpy(&both, x, sizeof(both));
  return both;
}
#endif

#if defined(SSMZ_VECTOR_AVX512)

/// Sixteen whole numbers.
struct Ints {
  __m512i r;
};
/// Two neighbouring rows' codes for each of sixteen columns.
struct CodePairs {
  __m512i r;
};
SSMZ_INLINE Ints no_ints() { return {_mm512_setzero_si512()}; }
SSMZ_INLINE CodePairs load_codes(const std::int8_t* p) {
  return {_mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}
/// sums + first row x[0] + second row x[1].
SSMZ_INLINE Ints add_products(Ints sums, const CodePairs& codes, const std::int16_t* x) {
  return {_mm512_add_epi32(sums.r, _mm512_madd_epi16(codes.r, _mm512_set1_epi32(both_codes(x))))};
}
SSMZ_INLINE Vec to_floats(const Ints& v) { return {{Register(_mm512_cvtepi32_ps(v.r))}}; }
SSMZ_INLINE Vec first_row(const CodePairs& v) {
  return {{Register(_mm512_cvtepi32_ps(_mm512_srai_epi32(_mm512_slli_epi32(v.r, 16), 16)))}};
}
SSMZ_INLINE Vec second_row(const CodePairs& v) {
  return {{Register(_mm512_cvtepi32_ps(_mm512_srai_epi32(v.r, 16)))}};
}

#elif defined(SSMZ_VECTOR_AVX2)

struct Ints {
  __m256i r[2];
};
struct CodePairs {
  __m256i r[2];
};
SSMZ_INLINE Ints no_ints() { return {{_mm256_setzero_si256(), _mm256_setzero_si256()}}; }
SSMZ_INLINE CodePairs load_codes(const std::int8_t* p) {
  const auto* from = reinterpret_cast<const __m128i*>(p);
  return {{_mm256_cvtepi8_epi16(_mm_loadu_si128(from)), _mm256_cvtepi8_epi16(_mm_loadu_si128(from + 1))}};
}
SSMZ_INLINE Ints add_products(Ints sums, const CodePairs& codes, const std::int16_t* x) {
  const __m256i pair = _mm256_set1_epi32(both_codes(x));
  return {{_mm256_add_epi32(sums.r[0], _mm256_madd_epi16(codes.r[0], pair)),
           _mm256_add_epi32(sums.r[1], _mm256_madd_epi16(codes.r[1], pair))}};
}
SSMZ_INLINE Vec to_floats(const Ints& v) {
  return each([&](std::size_t i) { return Register(_mm256_cvtepi32_ps(v.r[i])); });
}
SSMZ_INLINE Vec first_row(const CodePairs& v) {
  return each([&](std::size_t i) {
    return Register(_mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(v.r[i], 16), 16)));
  });
}
SSMZ_INLINE Vec second_row(const CodePairs& v) {
  return each([&](std::size_t i) { return Register(_mm256_cvtepi32_ps(_mm256_srai_epi32(v.r[i], 16))); });
}

#else

struct Ints {
  std::int32_t r[kLanes];
};
struct CodePairs {
  const std::int8_t* r;
};
SSMZ_INLINE Ints no_ints() { return {}; }
SSMZ_INLINE CodePairs load_codes(const std::int8_t* p) { return {p}; }
SSMZ_INLINE Ints add_products(Ints sums, const CodePairs& codes, const std::int16_t* x) {
  for (std::size_t i = 0; i < kLanes; ++i) sums.r[i] += codes.r[2 * i] * x[0] + codes.r[2 * i + 1] * x[1];
  return sums;
}
SSMZ_INLINE Vec from_codes(const std::int8_t* p) {
  alignas(64) Scalar out[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) out[i] = static_cast<Scalar>(p[2 * i]);
  return load(out);
}
SSMZ_INLINE Vec to_floats(const Ints& v) {
  alignas(64) Scalar out[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) out[i] = static_cast<Scalar>(v.r[i]);
  return load(out);
}
SSMZ_INLINE Vec first_row(const CodePairs& v) { return from_codes(v.r); }
SSMZ_INLINE Vec second_row(const CodePairs& v) { return from_codes(v.r + 1); }

#endif

/// Sixteen columns of the products of Rows rows, from column 16 `block`. `add_group(group, codes, scales,
/// sums)` adds a group to all rows' sums.
template <std::size_t Rows, class AddGroup>
SSMZ_INLINE void int8_columns(const Int8Matrix<Scalar>& w, std::size_t block, Scalar* y, std::size_t ldy,
                              bool accumulate, AddGroup add_group) {
  const std::size_t groups = int8_groups(w.rows), left = w.cols - block * kLanes;
  const std::size_t width = left < kLanes ? left : kLanes;
  Vec sums[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    sums[r] = !accumulate       ? broadcast(0.0f)
              : width == kLanes ? load(y + r * ldy + block * kLanes)
                                : load_part(y + r * ldy + block * kLanes, width);
  }
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t at = block * groups + g;
    add_group(g, w.codes + at * kInt8Group * kLanes, load(w.scales + at * kLanes), sums);
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    Scalar* to = y + r * ldy + block * kLanes;
    width == kLanes ? store(to, sums[r]) : store_part(to, sums[r], width);
  }
}

void gemm_int8(const Int8Matrix<Scalar>& w, const std::int16_t* x, const Scalar* x_scales, std::size_t length,
               Scalar* y, std::size_t ldy, bool accumulate) {
  const std::size_t groups = int8_groups(w.rows), blocks = (w.cols + kLanes - 1) / kLanes;
  for (std::size_t block = 0; block < blocks; ++block) {
    for_row_groups<4>(0, length, [&](auto count, std::size_t first) {
      constexpr std::size_t rows = decltype(count)::value;
      const std::int16_t* from = x + first * groups * kInt8Group;
      const Scalar* scales = x_scales + first * groups;
      int8_columns<rows>(w, block, y + first * ldy, ldy, accumulate,
                         [&](std::size_t g, const std::int8_t* codes, const Vec& scale, Vec* sums)
                             SSMZ_INLINE_LAMBDA {
                               Ints whole[rows];
                               for (Ints& number : whole) number = no_ints();
                               for (std::size_t pair = 0; pair < kPairs; ++pair) {
                                 const CodePairs both = load_codes(codes + pair * 2 * kLanes);
                                 for (std::size_t r = 0; r < rows; ++r) {
                                   const std::int16_t* two = from + (r * groups + g) * kInt8Group + 2 * pair;
                                   whole[r] = add_products(whole[r], both, two);
                                 }
                               }
                               for (std::size_t r = 0; r < rows; ++r) {
                                 const Vec both = scale * broadcast(scales[r * groups + g]);
                                 sums[r] = fma(to_floats(whole[r]), both, sums[r]);
                               }
                             });
    });
  }
}

void gemm_int8_weights(const Int8Matrix<Scalar>& w, const Scalar* x, std::size_t ldx, std::size_t length,
                       Scalar* y, std::size_t ldy, bool accumulate) {
  const std::size_t blocks = (w.cols + kLanes - 1) / kLanes;
  for (std::size_t block = 0; block < blocks; ++block) {
    for_row_groups<4>(0, length, [&](auto count, std::size_t first) {
      constexpr std::size_t rows = decltype(count)::value;
      const Scalar* from = x + first * ldx;
      int8_columns<rows>(
          w, block, y + first * ldy, ldy, accumulate,
          [&](std::size_t g, const std::int8_t* codes, const Vec& scale, Vec* sums) SSMZ_INLINE_LAMBDA {
            Vec inner[rows];
            for (Vec& number : inner) number = broadcast(0.0f);
            const std::size_t begin = g * kInt8Group;
            const std::size_t end = begin + kInt8Group < w.rows ? begin + kInt8Group : w.rows;
            for (std::size_t k = begin; k < end; k += 2) {
              const CodePairs both = load_codes(codes + (k - begin) * kLanes);
              const Vec even = first_row(both), odd = second_row(both);
              for (std::size_t r = 0; r < rows; ++r)
                inner[r] = fma(broadcast(from[r * ldx + k]), even, inner[r]);
              if (k + 1 == end) break;
              for (std::size_t r = 0; r < rows; ++r)
                inner[r] = fma(broadcast(from[r * ldx + k + 1]), odd, inner[r]);
            }
            for (std::size_t r = 0; r < rows; ++r) sums[r] = fma(inner[r], scale, sums[r]);
          });
    });
  }
}

/// Adding and taking away 1.5 2^23 (2^52 in double) rounds to whole numbers, ties to even.
#ifdef SSMZ_VECTOR_DOUBLE
constexpr Scalar kWhole = 6755399441055744.0;
#else
constexpr Scalar kWhole = 12582912.0f;
#endif

void quantise_int8(const Scalar* x, std::size_t n, std::int16_t* codes, Scalar* scales) {
  constexpr Scalar most = 127.0f;
  for (std::size_t g = 0; g < int8_groups(n); ++g) {
    const std::size_t begin = g * kInt8Group, count = n - begin < kInt8Group ? n - begin : kInt8Group;
    alignas(64) Scalar group[kInt8Group] = {};
    for (std::size_t i = 0; i < count; ++i) group[i] = x[begin + i];
    static_assert(kInt8Group == 2 * kLanes);
    alignas(64) Scalar sizes[kLanes];
    store(sizes, greatest(abs(load(group)), abs(load(group + kLanes))));
    Scalar greatest_size = 0;
    for (const Scalar size : sizes) greatest_size = size > greatest_size ? size : greatest_size;
    scales[g] = greatest_size / most;
    const Vec factor = broadcast(greatest_size > 0 ? most / greatest_size : 0);
    for (std::size_t i = 0; i < kInt8Group; i += kLanes) {
      const Vec scaled = least(greatest(load(group + i) * factor, broadcast(-most)), broadcast(most));
      store(group + i, (scaled + broadcast(kWhole)) - broadcast(kWhole));
    }
    for (std::size_t i = 0; i < kInt8Group; ++i) codes[begin + i] = static_cast<std::int16_t>(group[i]);
  }
}

}  // namespace
}  // namespace ssmz::model
