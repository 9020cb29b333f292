// SPDX-License-Identifier: Apache-2.0
// Cholesky factorisation and solve of small systems over the kernels.
#pragma once

#include <cmath>

#include "model/kernels/kernels.hpp"

namespace ssmz::model {

/// factor = L with L L^T = A + ridge I, row-major [n x n], lower part; A symmetric and positive
/// semi-definite. Cost: n^3 / 6.
template <class Real>
void cholesky(const KernelTable<Real>& kernels, std::size_t n, const Real* a, Real ridge, Real* factor) {
  for (std::size_t i = 0; i < n; ++i) {
    Real* row = factor + i * n;
    for (std::size_t j = 0; j < i; ++j) {
      row[j] = (a[i * n + j] - kernels.linear.dot(row, factor + j * n, j)) / factor[j * n + j];
    }
    const Real pivot = a[i * n + i] + ridge - kernels.linear.dot(row, row, i);
    row[i] = std::sqrt(pivot > ridge * Real{0.5f} ? pivot
                                                  : ridge * Real{0.5f});  // rounding cannot make it negative
  }
}

/// x = (L L^T)^-1 b; may be in place.
template <class Real>
void cholesky_solve(const KernelTable<Real>& kernels, std::size_t n, const Real* factor, const Real* b,
                    Real* x) {
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = (b[i] - kernels.linear.dot(factor + i * n, x, i)) / factor[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    x[i] /= factor[i * n + i];
    kernels.linear.axpy(-x[i], factor + i * n, x, i);
  }
}

}  // namespace ssmz::model
