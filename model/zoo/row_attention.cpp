// SPDX-License-Identifier: Apache-2.0
// Attention to rows.
#include "model/zoo/row_attention.hpp"

#include <cmath>

namespace ssmz::model {

template <class Real>
void attend_rows(const KernelTable<Real>& kernels, const RowHead<Real>& head, Real* scores, Real* y,
                 std::size_t y_stride, Real* scratch) {
  const std::size_t pitch = round_up16(head.rows);
  const Real scale = Real{1} / std::sqrt(static_cast<Real>(head.width));
  for (std::size_t t = 0; t < head.length; ++t) {
    Real* row = scores + t * pitch;
    kernels.linear.matvec(head.keys, head.stride, head.rows, head.width, head.q + t * head.q_stride, scratch,
                          false);
    kernels.linear.axpy(scale, scratch, row, head.rows);
    kernels.math.softmax(row, pitch);
  }
  kernels.linear.gemm_nn(scores, pitch, head.values, head.stride, y, y_stride, head.length, head.width,
                         head.rows, false);
}

template <class Real>
void attend_rows_backward(const KernelTable<Real>& kernels, const RowHead<Real>& head,
                          const Real* probabilities, const Real* dy, std::size_t dy_stride, Real* dq,
                          Real* dkeys, Real* dvalues, Real* dscores) {
  const std::size_t pitch = round_up16(head.rows), length = head.length, rows = head.rows;
  const Real scale = Real{1} / std::sqrt(static_cast<Real>(head.width));
  const auto& linear = kernels.linear;
  linear.gemm_tn(probabilities, pitch, dy, dy_stride, dvalues, head.stride, rows, head.width, length, false);
  linear.gemm_nt(dy, dy_stride, head.values, head.stride, dscores, pitch, length, rows, head.width, false);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* p = probabilities + t * pitch;
    Real* row = dscores + t * pitch;
    const Real mean = linear.dot(p, row, rows);
    for (std::size_t j = 0; j < rows; ++j) row[j] = p[j] * (row[j] - mean);
  }
  linear.gemm_nn(dscores, pitch, head.keys, head.stride, dq, head.q_stride, length, head.width, rows, false);
  linear.gemm_tn(dscores, pitch, head.q, head.q_stride, dkeys, head.stride, rows, head.width, length, false);
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t j = 0; j < head.width; ++j) dq[t * head.q_stride + j] *= scale;
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < head.width; ++j) dkeys[r * head.stride + j] *= scale;
  }
}

#define SSMZ_INSTANTIATE(Real)                                                                         \
  template void attend_rows(const KernelTable<Real>&, const RowHead<Real>&, Real*, Real*, std::size_t, \
                            Real*);                                                                    \
  template void attend_rows_backward(const KernelTable<Real>&, const RowHead<Real>&, const Real*,      \
                                     const Real*, std::size_t, Real*, Real*, Real*, Real*);
SSMZ_INSTANTIATE(float)
SSMZ_INSTANTIATE(double)
#undef SSMZ_INSTANTIATE

}  // namespace ssmz::model
