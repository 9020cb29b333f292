// SPDX-License-Identifier: Apache-2.0
// From hidden numbers and the head's rows to logits, and of a model of symbols to their distribution.
#pragma once

#include <cstddef>
#include <span>

#include "model/kernels/kernels.hpp"

namespace ssmz::model {

/// Logits are clamped to +- this, so that they stay finite whatever training did. FORMAT
constexpr float kMaxLogit = 30.0f;

/// NaN goes to the lower end.
[[nodiscard]] constexpr float bounded_logit(float x) noexcept {
  return x > -kMaxLogit ? (x < kMaxLogit ? x : kMaxLogit) : -kMaxLogit;
}

/// Softmax of the bounded products of `hidden` with each of the rows, all [stride]; out[rows.size()].
inline void symbol_softmax(const Kernels& kernels, const float* hidden, std::size_t stride,
                           std::span<const float* const> rows, float* out) noexcept {
  kernels.linear.dot_rows(hidden, stride, rows.data(), rows.size(), out);
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = bounded_logit(out[i]);
  kernels.math.softmax(out, rows.size());
}

}  // namespace ssmz::model
