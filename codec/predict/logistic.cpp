// SPDX-License-Identifier: Apache-2.0
// Logistic helpers without libm: a series for ln, a range-reduced polynomial for exp.
#include "codec/predict/logistic.hpp"

#include <bit>
#include <cfloat>

static_assert(FLT_EVAL_METHOD == 0, "compile with arithmetic that rounds to float");

namespace ssmz::codec {
namespace {

// ln of a positive number: exponent plus the atanh series of the mantissa in [2/3, 4/3).
constexpr double natural_log(double value) {
  int exponent = 0;
  while (value >= 4.0 / 3.0) value *= 0.5, ++exponent;
  while (value < 2.0 / 3.0) value *= 2.0, --exponent;
  const double t = (value - 1.0) / (value + 1.0);
  double term = t;
  double sum = 0.0;
  for (int k = 1; k < 40; k += 2) {
    const double more = sum + term / k;
    if (more == sum) break;  // nor would the terms behind it, which are smaller, change it
    sum = more;
    term *= t * t;
  }
  return 2.0 * sum + exponent * 0.69314718055994530942;
}

// exp for |x| <= 14: 2^k times a degree-6 polynomial of the remainder in [-ln2/2, ln2/2].
constexpr float exponential(float x) noexcept {
  const float k = static_cast<float>(static_cast<int>(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f)));
  // Plain multiplies and adds: std::fma is a library call where the build target has no such instruction.
  const float r = (x - k * 0.693145752f) - k * 1.42860677e-6f;
  float p = 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * std::bit_cast<float>((static_cast<std::int32_t>(k) + 127) << 23);
}

constexpr float logistic(float x) noexcept {
  if (x > 14.0f) x = 14.0f;
  if (x < -14.0f) x = -14.0f;
  return 1.0f / (1.0f + exponential(-x));
}

constexpr auto make_stretch_values() {
  std::array<float, 1u << stretch_bits> table{};
  constexpr double count = 1u << stretch_bits;
  const auto log_of = [](std::size_t i) { return natural_log((static_cast<double>(i) + 0.5) / count); };
  for (std::size_t low = 0, high = table.size() - 1; low < high; ++low, --high) {
    const double log_low = log_of(low), log_high = log_of(high);  // low and high are one another's 1 - p
    table[low] = static_cast<float>(log_low - log_high);
    table[high] = static_cast<float>(log_high - log_low);
  }
  return table;
}

constexpr auto make_squash_values() {
  std::array<float, squash_entries + 2> table{};
  for (unsigned i = 0; i < table.size(); ++i)
    table[i] = logistic(static_cast<float>(i) / squash_steps_per_unit - squash_bound);
  return table;
}

}  // namespace

constexpr std::array<float, 1u << stretch_bits> stretch_values = make_stretch_values();
constexpr std::array<float, squash_entries + 2> squash_values = make_squash_values();

float squash(float x) noexcept { return logistic(x); }

}  // namespace ssmz::codec
