// SPDX-License-Identifier: Apache-2.0
// Sixteen virtual float lanes over the registers of one instruction set.
//
// The including .cpp file defines SSMZ_VECTOR_AVX2, SSMZ_VECTOR_AVX512 or SSMZ_VECTOR_NEON (none: plain C++),
// or SSMZ_VECTOR_DOUBLE for the double-precision reference. Everything is in an unnamed namespace, so that
// code compiled for one instruction set cannot be linked into another's.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#if defined(SSMZ_VECTOR_AVX2) || defined(SSMZ_VECTOR_AVX512) || defined(SSMZ_VECTOR_NEON)
#define SSMZ_VECTOR_BATCH 1
#include <xsimd/xsimd.hpp>
#endif

#define SSMZ_INLINE [[gnu::always_inline]] inline
// A call of the lambda for each vector costs about as much as what it does.
#define SSMZ_INLINE_LAMBDA __attribute__((always_inline))

namespace ssmz::model {
namespace {

constexpr std::size_t kLanes = 16;  // FORMAT

#ifdef SSMZ_VECTOR_DOUBLE
using Scalar = double;
#else
using Scalar = float;
#endif

#ifdef SSMZ_VECTOR_BATCH

#if defined(SSMZ_VECTOR_AVX512)
using Arch = xsimd::avx512bw;
#elif defined(SSMZ_VECTOR_AVX2)
using Arch = xsimd::fma3<xsimd::avx2>;
#else
using Arch = xsimd::neon64;
#endif

using Register = xsimd::batch<float, Arch>;
using IntRegister = xsimd::batch<std::int32_t, Arch>;
constexpr std::size_t kRegisters = kLanes / Register::size;

// xsimd 8.1 multiplies and adds separately where it has no fused form for an architecture, so the intrinsic
// is named here.
SSMZ_INLINE Register fused(Register a, Register b, Register c) {
#if defined(SSMZ_VECTOR_AVX512)
  return Register(_mm512_fmadd_ps(a, b, c));
#elif defined(SSMZ_VECTOR_AVX2)
  return Register(_mm256_fmadd_ps(a, b, c));
#else
  return Register(vfmaq_f32(c, a, b));
#endif
}

/// Sixteen floats.
struct Vec {
  Register r[kRegisters];
};

template <class Function>
SSMZ_INLINE Vec each(Function function) {
  Vec out;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kRegisters; ++i) out.r[i] = function(i);
  return out;
}

SSMZ_INLINE Vec load(const float* p) {
  return each([&](std::size_t i) { return Register::load_unaligned(p + i * Register::size); });
}
SSMZ_INLINE void store(float* p, const Vec& v) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kRegisters; ++i) v.r[i].store_unaligned(p + i * Register::size);
}
SSMZ_INLINE Vec broadcast(float x) {
  const Register value(x);
  return each([&](std::size_t) { return value; });
}
SSMZ_INLINE Vec operator+(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] + b.r[i]; });
}
SSMZ_INLINE Vec operator-(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] - b.r[i]; });
}
SSMZ_INLINE Vec operator*(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] * b.r[i]; });
}
// xsimd 8.1 divides floats (and takes roots) by estimates on NEON, which IEEE 754 does not know.
SSMZ_INLINE Vec operator/(const Vec& a, const Vec& b) {
#if defined(SSMZ_VECTOR_NEON)
  return each([&](std::size_t i) { return Register(vdivq_f32(a.r[i], b.r[i])); });
#else
  return each([&](std::size_t i) { return a.r[i] / b.r[i]; });
#endif
}
/// a b + c, rounded once.
SSMZ_INLINE Vec fma(const Vec& a, const Vec& b, const Vec& c) {
  return each([&](std::size_t i) { return fused(a.r[i], b.r[i], c.r[i]); });
}
SSMZ_INLINE Vec sqrt(const Vec& a) {
#if defined(SSMZ_VECTOR_NEON)
  return each([&](std::size_t i) { return Register(vsqrtq_f32(a.r[i])); });
#else
  return each([&](std::size_t i) { return xsimd::sqrt(a.r[i]); });
#endif
}
SSMZ_INLINE Vec abs(const Vec& a) {
  return each([&](std::size_t i) { return xsimd::abs(a.r[i]); });
}
/// a > b ? x : y, lane by lane; y where a comparison with NaN is asked.
SSMZ_INLINE Vec select_greater(const Vec& a, const Vec& b, const Vec& x, const Vec& y) {
  return each([&](std::size_t i) { return xsimd::select(a.r[i] > b.r[i], x.r[i], y.r[i]); });
}
/// a > b ? a : b, lane by lane; b where either is NaN.
SSMZ_INLINE Vec greatest(const Vec& a, const Vec& b) {
#if defined(SSMZ_VECTOR_AVX512)
  return each([&](std::size_t i) { return Register(_mm512_max_ps(a.r[i], b.r[i])); });
#elif defined(SSMZ_VECTOR_AVX2)
  return each([&](std::size_t i) { return Register(_mm256_max_ps(a.r[i], b.r[i])); });
#else
  return select_greater(a, b, a, b);
#endif
}
/// a < b ? a : b, lane by lane; b where either is NaN.
SSMZ_INLINE Vec least(const Vec& a, const Vec& b) {
#if defined(SSMZ_VECTOR_AVX512)
  return each([&](std::size_t i) { return Register(_mm512_min_ps(a.r[i], b.r[i])); });
#elif defined(SSMZ_VECTOR_AVX2)
  return each([&](std::size_t i) { return Register(_mm256_min_ps(a.r[i], b.r[i])); });
#else
  return select_greater(b, a, a, b);
#endif
}
/// a > b ? x : 0, lane by lane; 0 where a comparison with NaN is asked.
SSMZ_INLINE Vec zero_unless_greater(const Vec& a, const Vec& b, const Vec& x) {
#if defined(SSMZ_VECTOR_AVX512)
  return each([&](std::size_t i) {
    return Register(_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.r[i], b.r[i], _CMP_GT_OQ), x.r[i]));
  });
#elif defined(SSMZ_VECTOR_AVX2)
  return each([&](std::size_t i) {
    return Register(_mm256_and_ps(_mm256_cmp_ps(a.r[i], b.r[i], _CMP_GT_OQ), x.r[i]));
  });
#else
  return select_greater(a, b, x, broadcast(0.0f));
#endif
}
/// a 2^n for whole n; the low bits of the float `shifted` (n + 1.5 * 2^23) hold n too. The result must be
/// normal.
SSMZ_INLINE Vec scale_by_power(const Vec& a, [[maybe_unused]] const Vec& n,
                               [[maybe_unused]] const Vec& shifted) {
#if defined(SSMZ_VECTOR_AVX512)
  return each([&](std::size_t i) { return Register(_mm512_scalef_ps(a.r[i], n.r[i])); });
#else
  return each([&](std::size_t i) {
    const auto bits = xsimd::bitwise_cast<IntRegister>(a.r[i]);
    const auto power = xsimd::bitwise_cast<IntRegister>(shifted.r[i]) << 23;
    return xsimd::bitwise_cast<Register>(bits + power);
  });
#endif
}

/// First guess of 1 / sqrt(a) for normal a > 0, from its exponent: error < 3.5 %.
SSMZ_INLINE Vec guess_rsqrt(const Vec& a) {
  return each([&](std::size_t i) {
    const auto half = xsimd::bitwise_cast<IntRegister>(a.r[i]) >> 1;
    return xsimd::bitwise_cast<Register>(IntRegister(0x5f3759df) - half);
  });
}

#if defined(SSMZ_VECTOR_NEON)
SSMZ_INLINE float sum(const Vec& v) {
  const float32x4_t four = vaddq_f32(vaddq_f32(v.r[0], v.r[2]), vaddq_f32(v.r[1], v.r[3]));
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
#else
/// Folds sixteen lanes to four: s[i] += s[i+8], s[i] += s[i+4].
SSMZ_INLINE __m128 fold_to_four(const Vec& v) {
#if defined(SSMZ_VECTOR_AVX512)
  const __m512 all = v.r[0];
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
#else
  const __m256 eight = _mm256_add_ps(v.r[0], v.r[1]);
#endif
  return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}
/// The fixed tree of kernels.hpp.
SSMZ_INLINE float sum(const Vec& v) {
  const __m128 four = fold_to_four(v);
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
#endif

#else  // plain C++: the reference

/// Sixteen floats.
struct Vec {
  Scalar r[kLanes];
};

template <class Function>
SSMZ_INLINE Vec each(Function function) {
  Vec out;
  for (std::size_t i = 0; i < kLanes; ++i) out.r[i] = function(i);
  return out;
}

SSMZ_INLINE Vec load(const Scalar* p) {
  return each([&](std::size_t i) { return p[i]; });
}
SSMZ_INLINE void store(Scalar* p, const Vec& v) {
  for (std::size_t i = 0; i < kLanes; ++i) p[i] = v.r[i];
}
SSMZ_INLINE Vec broadcast(Scalar x) {
  return each([&](std::size_t) { return x; });
}
SSMZ_INLINE Vec operator+(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] + b.r[i]; });
}
SSMZ_INLINE Vec operator-(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] - b.r[i]; });
}
SSMZ_INLINE Vec operator*(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] * b.r[i]; });
}
SSMZ_INLINE Vec operator/(const Vec& a, const Vec& b) {
  return each([&](std::size_t i) { return a.r[i] / b.r[i]; });
}
/// a b + c, rounded once.
SSMZ_INLINE Vec fma(const Vec& a, const Vec& b, const Vec& c) {
  return each([&](std::size_t i) { return std::fma(a.r[i], b.r[i], c.r[i]); });
}
SSMZ_INLINE Vec sqrt(const Vec& a) {
  return each([&](std::size_t i) { return std::sqrt(a.r[i]); });
}
SSMZ_INLINE Vec abs(const Vec& a) {
  return each([&](std::size_t i) { return std::fabs(a.r[i]); });
}
/// a > b ? x : y, lane by lane; y where a comparison with NaN is asked.
SSMZ_INLINE Vec select_greater(const Vec& a, const Vec& b, const Vec& x, const Vec& y) {
  return each([&](std::size_t i) { return a.r[i] > b.r[i] ? x.r[i] : y.r[i]; });
}
/// a > b ? a : b, lane by lane; b where either is NaN.
SSMZ_INLINE Vec greatest(const Vec& a, const Vec& b) { return select_greater(a, b, a, b); }
/// a < b ? a : b, lane by lane; b where either is NaN.
SSMZ_INLINE Vec least(const Vec& a, const Vec& b) { return select_greater(b, a, a, b); }
/// a > b ? x : 0, lane by lane; 0 where a comparison with NaN is asked.
SSMZ_INLINE Vec zero_unless_greater(const Vec& a, const Vec& b, const Vec& x) {
  return select_greater(a, b, x, broadcast(0.0f));
}
#ifndef SSMZ_VECTOR_DOUBLE
/// a 2^n where the low bits of the float `shifted` (n + 1.5 * 2^23) hold n; the result must be normal.
SSMZ_INLINE Vec scale_by_power(const Vec& a, const Vec&, const Vec& shifted) {
  return each([&](std::size_t i) {
    const auto power = std::bit_cast<std::uint32_t>(shifted.r[i]) << 23;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(a.r[i]) + power);
  });
}
/// First guess of 1 / sqrt(a) for normal a > 0, from its exponent: error < 3.5 %.
SSMZ_INLINE Vec guess_rsqrt(const Vec& a) {
  return each([&](std::size_t i) {
    return std::bit_cast<float>(0x5f3759dfu - (std::bit_cast<std::uint32_t>(a.r[i]) >> 1));
  });
}
#endif
/// The fixed tree of kernels.hpp.
SSMZ_INLINE Scalar sum(const Vec& v) {
  Scalar s[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) s[i] = v.r[i];
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t i = 0; i < width; ++i) s[i] += s[i + width];
  }
  return s[0];
}

#endif

/// -a b + c, rounded once.

#if defined(SSMZ_VECTOR_AVX512)

/// Loads the first `count` < 16 floats, zeros after them.
SSMZ_INLINE Vec load_part(const float* p, std::size_t count) {
  return {{Register(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p))}};
}
/// Stores the first `count` < 16 lanes.
SSMZ_INLINE void store_part(float* p, const Vec& v, std::size_t count) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), v.r[0]);
}

#else

/// Loads the first `count` < 16 floats, zeros after them.
SSMZ_INLINE Vec load_part(const Scalar* p, std::size_t count) {
  alignas(64) Scalar buffer[kLanes] = {};
  for (std::size_t i = 0; i < count; ++i) buffer[i] = p[i];
  return load(buffer);
}
/// Stores the first `count` < 16 lanes.
SSMZ_INLINE void store_part(Scalar* p, const Vec& v, std::size_t count) {
  alignas(64) Scalar buffer[kLanes];
  store(buffer, v);
  for (std::size_t i = 0; i < count; ++i) p[i] = buffer[i];
}

#endif

/// y[i] = function(x[i]) sixteen at a time.
template <class Function>
SSMZ_INLINE void map(const Scalar* x, Scalar* y, std::size_t n, Function function) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, function(load(x + i)));
  if (i < n) store_part(y + i, function(load_part(x + i, n - i)), n - i);
}

}  // namespace
}  // namespace ssmz::model
