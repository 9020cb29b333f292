// SPDX-License-Identifier: Apache-2.0
// Logistic helpers: stretch(p) = ln(p / (1 - p)) and its inverse, bit-exact on every machine.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Probabilities in tables are 16 bit (p / 65536). Inputs of the mixers are stretch(p) in natural-log units.
inline constexpr int stretch_bits = 12;

/// What stretch_table() returns.
extern const std::array<float, 1u << stretch_bits> stretch_values;

/// stretch() of (i + 1/2) / 4096; worked out by the compiler from a fixed series in double, so equal
/// everywhere.
inline const std::array<float, 1u << stretch_bits>& stretch_table() noexcept { return stretch_values; }

/// The second form of a probability as an input of the mixers: its distance from 1/2 (`probability`: 16 bit)
/// times 4. Without it +0.19 %, times 2 +0.11 % (enwik8-1M).
[[nodiscard]] inline float linear_input(unsigned probability) noexcept {
  return (static_cast<float>(probability) - 32768.0f) * (4.0f / 65536.0f);
}

/// Logistic function of x, clamped to |x| <= 14; relative
/// error under 2e-7 of the nearer of p and 1 - p. No libm.
[[nodiscard]] float squash(float x) noexcept;

/// Steps of the table that squash_near() reads, and what it holds: squash() of each from -squash_bound on.
inline constexpr int squash_steps_per_unit = 64;
inline constexpr float squash_bound = 14.0f;
inline constexpr unsigned squash_entries = 2 * static_cast<unsigned>(squash_bound) * squash_steps_per_unit;
extern const std::array<float, squash_entries + 2> squash_values;

/// squash() between two entries of a table: relative error under 4e-5 of the nearer of p and 1 - p. A
/// decision waits for it, and a series takes three times as long.
[[nodiscard]] inline float squash_near(float x) noexcept {
  const float place = (std::clamp(x, -squash_bound, squash_bound) + squash_bound) * squash_steps_per_unit;
  const int low = static_cast<int>(place);
  const float share = place - static_cast<float>(low);
  const float* const entry = squash_values.data() + low;
  return entry[0] + (entry[1] - entry[0]) * share;
}

}  // namespace ssmz::codec
