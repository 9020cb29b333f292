// SPDX-License-Identifier: Apache-2.0
// Softmax attention of a chunk's tokens to any rows of keys and values, each pair with its bias or shut out.
#pragma once

#include "model/layers/layer.hpp"

namespace ssmz::model {

inline constexpr float kShutOut = -1e30f;  ///< Bias of a row a token does not see.

/// One head.
template <class Real>
struct RowHead {
  std::size_t length;  ///< Tokens, T.
  std::size_t rows;    ///< R.
  std::size_t width;   ///< Of the head.
  const Real* q;       ///< [T x width], rows `q_stride` apart.
  std::size_t q_stride;
  const Real* keys;  ///< [R x width], rows `stride` apart; values alike.
  const Real* values;
  std::size_t stride;
};

/// scores [T x round_up16(R)] holds the biases and becomes the probabilities softmax(q.k / sqrt(width) +
/// bias); y = probabilities V. Every token must see a row. Elements past R must be kShutOut. `scratch` has R
/// elements.
template <class Real>
void attend_rows(const KernelTable<Real>& kernels, const RowHead<Real>& head, Real* scores, Real* y,
                 std::size_t y_stride, Real* scratch);

/// Writes dq (rows `q_stride` apart), dkeys and dvalues (all R rows, `stride` apart) and dscores, the
/// gradient of the biases.
template <class Real>
void attend_rows_backward(const KernelTable<Real>& kernels, const RowHead<Real>& head,
                          const Real* probabilities, const Real* dy, std::size_t dy_stride, Real* dq,
                          Real* dkeys, Real* dvalues, Real* dscores);

}  // namespace ssmz::model
