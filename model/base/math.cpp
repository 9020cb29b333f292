// SPDX-License-Identifier: Apache-2.0
// Scalar float functions; see math.hpp. Compiled without contraction like the whole library, so no header
// inlines.
#include "model/base/math.hpp"

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <initializer_list>

static_assert(FLT_EVAL_METHOD == 0, "compile with arithmetic that rounds to float");

namespace ssmz::model {
namespace {

constexpr float kLn2High = 0.693359375f;  // few bits: n * high is exact. FORMAT, as all numbers of this file
constexpr float kLn2Low = -2.12194440e-4f;

/// 2 atanh(z) = log((1 + z) / (1 - z)) for |z| <= 1/3, relative error < 1e-7.
float twice_atanh(float z) noexcept {
  const float w = z * z;
  float p = 2.0f / 13.0f;
  for (float c : {2.0f / 11.0f, 2.0f / 9.0f, 2.0f / 7.0f, 2.0f / 5.0f, 2.0f / 3.0f, 2.0f}) p = p * w + c;
  return z * p;
}

}  // namespace

float exp(float x) noexcept {
  if (!(x > -87.0f)) return 0.0f;
  if (x > 88.0f) x = 88.0f;
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  float r = x - n * kLn2High;
  r -= n * kLn2Low;
  float p = 1.392619106e-03f;  // the polynomial of the vector kernels
  for (float c : {8.363185032e-03f, 4.166655457e-02f, 1.666657695e-01f, 0.5f, 1.0f, 1.0f}) p = p * r + c;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) +
                              (std::bit_cast<std::uint32_t>(shifted) << 23));
}

float log(float x) noexcept {
  if (!(x > 0x1p-126f)) x = 0x1p-126f;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  // The fraction goes to [sqrt(1/2), sqrt(2)): subtract the bits of sqrt(1/2), keep the exponent.
  const std::int32_t n = static_cast<std::int32_t>(bits - 0x3f3504f3u) >> 23;
  const float m = std::bit_cast<float>(bits - (static_cast<std::uint32_t>(n) << 23));
  const float exponent = static_cast<float>(n);
  return exponent * kLn2High + (twice_atanh((m - 1.0f) / (m + 1.0f)) + exponent * kLn2Low);
}

float sigmoid(float x) noexcept {
  if (!(x > -87.0f)) return 0.0f;
  return 1.0f / (1.0f + exp(-x));
}

float softplus(float x) noexcept {
  const float u = exp(x > 0.0f ? -x : x);
  return (x > 0.0f ? x : 0.0f) + twice_atanh(u / (u + 2.0f));
}

float inverse_softplus(float x) noexcept {
  if (x > 20.0f) return x;
  if (x < 0.01f) return log(x) + 0.5f * x;  // log(e^x - 1) = log x + x/2 + x^2/24 - ...
  return log(exp(x) - 1.0f);
}

float sqrt(float x) noexcept { return std::sqrt(x); }

float rsqrt(float x) noexcept { return 1.0f / std::sqrt(x); }

}  // namespace ssmz::model
