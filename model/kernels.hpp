// SPDX-License-Identifier: Apache-2.0
// Contract of the bit-exact float kernels: one table of functions per instruction set, chosen once at run
// time.
//
// Every path (scalar, avx2, avx512, neon) gives the same bits, because the shape of each computation is
// fixed:
// - "lanes": a dot product runs over 16 virtual lanes. Lane l takes elements l, l+16, l+32, ... by fused
// multiply-add, starting
//   at +0; elements past the end count as x = y = 0. Then the 16 sums s are folded: s[i] += s[i+8] (i < 8),
//   s[i] += s[i+4] (i < 4), s[i] += s[i+2] (i < 2), s[0] += s[1].
// - "sequential": one fused multiply-add after the other in index order, per output element (outputs are the
// lanes).
// - "elementwise": no reduction.
// Multiply-adds written fma(a, b, c) below round once. No libm function but std::fma and std::sqrt, which
// IEEE 754 defines exactly. Pointers need no alignment (64 bytes is fastest) and lengths need not be
// multiples of 16 (multiples are fastest). Arrays of one call must not overlap unless said. All kernels are
// pure functions of their arguments and thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace ssmz::model {

/// Linear algebra. Matrices are row-major; `ld*` is the distance of rows in floats.
struct LinearKernels {
  /// sum_i x[i] y[i]; lanes.
  float (*dot)(const float* x, const float* y, std::size_t n);

  /// y[i] = fma(a, x[i], y[i]); elementwise.
  void (*axpy)(float a, const float* x, float* y, std::size_t n);

  /// out[r] = sum_i x[i] rows[r][i]; lanes. `x` is loaded once per group of rows.
  void (*dot_rows)(const float* x, std::size_t n, const float* const* rows, std::size_t row_count,
                   float* out);

  /// rows[r][i] = fma(scale[r], x[i], rows[r][i]); elementwise. Rows must be distinct.
  void (*axpy_rows)(const float* x, std::size_t n, const float* scale, float* const* rows,
                    std::size_t row_count);

  /// y = W x (or y += W x), W [rows x cols]; lanes over cols, the sum is added to y at the end.
  void (*matvec)(const float* w, std::size_t ldw, std::size_t rows, std::size_t cols, const float* x,
                 float* y, bool accumulate);

  /// y = W^T x (or y += W^T x), W [rows x cols], x [rows], y [cols]; sequential over rows, starting at 0 or
  /// y.
  void (*matvec_t)(const float* w, std::size_t ldw, std::size_t rows, std::size_t cols, const float* x,
                   float* y, bool accumulate);

  /// C = A B (or C += A B), A [m x k], B [k x n], C [m x n]; sequential over k, starting at 0 or C.
  /// A row of the result has the bits matvec_t gives for that row of A.
  void (*gemm_nn)(const float* a, std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
                  std::size_t m, std::size_t n, std::size_t k, bool accumulate);

  /// C = A B^T (or C += A B^T), A [m x k], B [n x k], C [m x n]; lanes over k, the sum is added to C at the
  /// end.
  void (*gemm_nt)(const float* a, std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
                  std::size_t m, std::size_t n, std::size_t k, bool accumulate);

  /// C = A^T B (or C += A^T B), A [k x m], B [k x n], C [m x n]; sequential over k, starting at 0 or C.
  /// With k = 1 this is the outer product.
  void (*gemm_tn)(const float* a, std::size_t lda, const float* b, std::size_t ldb, float* c, std::size_t ldc,
                  std::size_t m, std::size_t n, std::size_t k, bool accumulate);
};

/// Elementwise functions; `x` and `y` may be the same array. Error bounds are relative, tested over the whole
/// range, and the same on every path. Arguments beyond a range are clamped to it; NaN counts as the lower
/// end.
struct MathKernels {
  /// e^x for x in [-87, 88], 0 below -87; error < 2e-7.
  void (*exp)(const float* x, float* y, std::size_t n);
  /// 1 / (1 + e^-x); error < 4e-7 for x > -87, 0 below.
  void (*sigmoid)(const float* x, float* y, std::size_t n);
  /// x sigmoid(x); error < 5e-7.
  void (*silu)(const float* x, float* y, std::size_t n);
  /// log(1 + e^x); error < 5e-7 for x > -87, 0 below.
  void (*softplus)(const float* x, float* y, std::size_t n);
  /// 1 / sqrt(x) for normal x > 0; error < 2e-7.
  void (*rsqrt)(const float* x, float* y, std::size_t n);
};

/// Step of the Adam optimiser for one array, with everything that depends on the step count folded in.
struct AdamStep {
  float beta1;            ///< Decay of the mean gradient.
  float beta2;            ///< Decay of the mean squared gradient.
  float rate;             ///< lr / (1 - beta1^t).
  float inverse_sqrt_c2;  ///< 1 / sqrt(1 - beta2^t).
  float epsilon;          ///< Added to the root.
  float gradient_scale;   ///< Multiplies the gradient first (clipping).
};

/// Optimiser.
struct OptimiserKernels {
  /// g' = g * scale; m = fma(beta1, m - g', g'); v = fma(beta2, v - g'^2, g'^2);
  /// w = fma(-rate, m / fma(sqrt(v), inverse_sqrt_c2, epsilon), w); then g = 0. Moments below 1e-30 become 0.
  void (*adam)(const AdamStep& step, float* weight, float* mean, float* square, float* gradient,
               std::size_t n);

  /// sum_i x[i]^2; lanes.
  float (*sum_squares)(const float* x, std::size_t n);
};

/// One instruction set's table.
struct Kernels {
  const char* name;  ///< "scalar", "avx2", "avx512" or "neon".
  LinearKernels linear;
  MathKernels math;
  OptimiserKernels optimiser;
};

/// The table of a path by name, or nullptr if this build or this machine does not have it. "scalar" is always
/// there.
[[nodiscard]] const Kernels* kernels_for(std::string_view path) noexcept;

/// The best table of this machine, or the one the environment variable SSMZ_CPU_PATH names if it exists here
/// (for tests). Chosen at the first call.
[[nodiscard]] const Kernels& kernels() noexcept;

/// Name of kernels().
[[nodiscard]] const char* cpu_path_name() noexcept;

/// Sets the floating-point mode the kernels need (round to nearest, denormals kept) for the calling thread,
/// and restores the caller's on destruction: a program linked with fast-math start-up code would otherwise
/// get other bits.
class ScopedFloatMode {
 public:
  ScopedFloatMode() noexcept;
  ~ScopedFloatMode();
  ScopedFloatMode(const ScopedFloatMode&) = delete;
  ScopedFloatMode& operator=(const ScopedFloatMode&) = delete;

 private:
  unsigned long long saved_;
};

}  // namespace ssmz::model
