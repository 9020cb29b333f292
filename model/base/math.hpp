// SPDX-License-Identifier: Apache-2.0
// Scalar float functions with the same bits on every machine: plain IEEE operations in a fixed order, no
// libm.
#pragma once

namespace ssmz::model {

/// e^x for x in [-87, 88], clamped there (0 below, e^88 above; NaN gives 0). Relative error < 3e-7.
[[nodiscard]] float exp(float x) noexcept;

/// Natural logarithm for normal x > 0; smaller x (and NaN) count as 2^-126. Error < 2e-7 relative or 1e-7
/// absolute.
[[nodiscard]] float log(float x) noexcept;

/// 1 / (1 + e^-x). Relative error < 5e-7 for x > -87, 0 below.
[[nodiscard]] float sigmoid(float x) noexcept;

/// log(1 + e^x). Relative error < 1e-6 for x > -87, 0 below.
[[nodiscard]] float softplus(float x) noexcept;

/// The y with softplus(y) = x, for x >= 1e-6. Relative error of softplus(y) < 1e-5.
[[nodiscard]] float inverse_softplus(float x) noexcept;

/// Square root, correctly rounded (IEEE 754), and its reciprocal (two roundings). x >= 0.
[[nodiscard]] float sqrt(float x) noexcept;
[[nodiscard]] float rsqrt(float x) noexcept;

}  // namespace ssmz::model
