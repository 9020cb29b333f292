// SPDX-License-Identifier: Apache-2.0
// Logistic helpers: stretch(p) = ln(p / (1 - p)) and its inverse, bit-exact on every machine.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Probabilities in tables are 16 bit (p / 65536). Inputs of the mixers are stretch(p) in natural-log units.
inline constexpr int stretch_bits = 12;

/// What stretch_table() holds.
[[nodiscard]] std::array<float, 1u << stretch_bits> make_stretch_table();

/// stretch() of (i + 1/2) / 4096; built once from a fixed series in double, so equal everywhere. Inline: a
/// decision reads it dozens of times.
inline const std::array<float, 1u << stretch_bits>& stretch_table() noexcept {
  static const auto table = make_stretch_table();
  return table;
}

/// Logistic function of x, clamped to |x| <= 14; relative
/// error under 2e-7 of the nearer of p and 1 - p. No libm.
[[nodiscard]] float squash(float x) noexcept;

}  // namespace ssmz::codec
