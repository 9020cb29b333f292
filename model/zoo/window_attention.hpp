// SPDX-License-Identifier: Apache-2.0
// Softmax attention of a chunk's tokens to a window of past tokens and each other, with a learned bias per
// distance.
#pragma once

#include "model/layers/layer.hpp"

namespace ssmz::model {

/// One head. Row j of keys and values is `past - j` tokens before the chunk's first; the last `length` rows
/// are the chunk.
template <class Real>
struct WindowHead {
  std::size_t length;  ///< Tokens in the chunk, T.
  std::size_t past;    ///< Rows before them, C; constants for the gradient.
  std::size_t window;  ///< A token sees itself and the window - 1 before it.
  std::size_t width;   ///< Of the head.
  const Real* q;       ///< [T x width], rows `q_stride` apart.
  std::size_t q_stride;
  const Real* keys;  ///< [(C + T) x width], rows `stride` apart; values alike.
  const Real* values;
  std::size_t stride;
  const Real* bias;  ///< [window], by distance.
};

/// Distance of the rows of `probabilities`.
constexpr std::size_t window_row(std::size_t past, std::size_t length) noexcept {
  return round_up16(past + length);
}

/// probabilities [T x window_row] = softmax(q.k / sqrt(width) + bias), 0 outside the window; y =
/// probabilities V.
template <class Real>
void attend_window(const KernelTable<Real>& kernels, const WindowHead<Real>& head, Real* probabilities,
                   Real* y, std::size_t y_stride);

/// Where the gradient goes: dq, dk, dv [T x width] are written; dbias is added to.
template <class Real>
struct WindowGradient {
  Real* q;
  Real* k;
  Real* v;
  std::size_t stride;  ///< Of the three.
  Real* bias;
  Real* scratch;  ///< [T x window_row].
};

template <class Real>
void attend_window_backward(const KernelTable<Real>& kernels, const WindowHead<Real>& head,
                            const Real* probabilities, const Real* dy, std::size_t dy_stride,
                            const WindowGradient<Real>& out);

}  // namespace ssmz::model
