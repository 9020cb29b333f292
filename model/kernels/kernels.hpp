// SPDX-License-Identifier: Apache-2.0
// Contract of the bit-exact float kernels: one table of functions per instruction set, chosen once at run
// time.
//
// Every path (scalar, avx2, avx512, neon) gives the same bits (FORMAT), because the shape of each computation
// is fixed:
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
#include <cstdint>
#include <string_view>

namespace ssmz::model {

/// Linear algebra. Matrices are row-major; `ld*` is the distance of rows in elements.
template <class Real>
struct LinearKernels {
  /// sum_i x[i] y[i]; lanes.
  Real (*dot)(const Real* x, const Real* y, std::size_t n);

  /// y[i] = fma(a, x[i], y[i]); elementwise.
  void (*axpy)(Real a, const Real* x, Real* y, std::size_t n);

  /// out[r] = sum_i x[i] rows[r][i]; lanes. `x` is loaded once per group of rows.
  void (*dot_rows)(const Real* x, std::size_t n, const Real* const* rows, std::size_t row_count, Real* out);

  /// rows[r][i] = fma(scale[r], x[i], rows[r][i]); elementwise. Rows must be distinct.
  void (*axpy_rows)(const Real* x, std::size_t n, const Real* scale, Real* const* rows,
                    std::size_t row_count);

  /// y = W x (or y += W x), W [rows x cols]; lanes over cols, the sum is added to y at the end.
  void (*matvec)(const Real* w, std::size_t ldw, std::size_t rows, std::size_t cols, const Real* x, Real* y,
                 bool accumulate);

  /// y = W^T x (or y += W^T x), W [rows x cols], x [rows], y [cols]; sequential over rows, starting at 0 or
  /// y.
  void (*matvec_t)(const Real* w, std::size_t ldw, std::size_t rows, std::size_t cols, const Real* x, Real* y,
                   bool accumulate);

  /// C = A B (or C += A B), A [m x k], B [k x n], C [m x n]; sequential over k, starting at 0 or C.
  /// A row of the result has the bits matvec_t gives for that row of A.
  void (*gemm_nn)(const Real* a, std::size_t lda, const Real* b, std::size_t ldb, Real* c, std::size_t ldc,
                  std::size_t m, std::size_t n, std::size_t k, bool accumulate);

  /// C = A B^T (or C += A B^T), A [m x k], B [n x k], C [m x n]; lanes over k, the sum is added to C at the
  /// end.
  void (*gemm_nt)(const Real* a, std::size_t lda, const Real* b, std::size_t ldb, Real* c, std::size_t ldc,
                  std::size_t m, std::size_t n, std::size_t k, bool accumulate);

  /// C = A^T B (or C += A^T B), A [k x m], B [k x n], C [m x n]; sequential over k, starting at 0 or C.
  /// With k = 1 this is the outer product.
  void (*gemm_tn)(const Real* a, std::size_t lda, const Real* b, std::size_t ldb, Real* c, std::size_t ldc,
                  std::size_t m, std::size_t n, std::size_t k, bool accumulate);
};

/// Elementwise functions; inputs and outputs may be the same array. Error bounds are relative, tested over
/// the whole range. Arguments beyond a range are clamped to it; NaN counts as the lower end.
template <class Real>
struct MathKernels {
  /// e^x for x in [-87, 88], 0 below -87; error < 2e-7.
  void (*exp)(const Real* x, Real* y, std::size_t n);
  /// 1 / (1 + e^-x); error < 4e-7 for x > -87, 0 below.
  void (*sigmoid)(const Real* x, Real* y, std::size_t n);
  /// x sigmoid(x); error < 5e-7.
  void (*silu)(const Real* x, Real* y, std::size_t n);
  /// log(1 + e^x); error < 5e-7 for x > -87, 0 below.
  void (*softplus)(const Real* x, Real* y, std::size_t n);
  /// 1 / sqrt(x) for normal x > 0; error < 2e-7.
  void (*rsqrt)(const Real* x, Real* y, std::size_t n);

  /// In place: e^(x - max) / sum, the sum by lanes; elements 87 or more below the largest become 0. n > 0.
  void (*softmax)(Real* x, std::size_t n);

  /// dx[i] = dy[i] silu'(x[i]).
  void (*silu_backward)(const Real* x, const Real* dy, Real* dx, std::size_t n);
  /// dx[i] = dy[i] sigmoid(x[i]), the derivative of softplus.
  void (*softplus_backward)(const Real* x, const Real* dy, Real* dx, std::size_t n);

  /// out[i] = a[i] b[i].
  void (*multiply)(const Real* a, const Real* b, Real* out, std::size_t n);
  /// out[i] = fma(a[i], b[i], out[i]).
  void (*multiply_add)(const Real* a, const Real* b, Real* out, std::size_t n);
  /// out[i] = y[i] silu(z[i]).
  void (*gate)(const Real* y, const Real* z, Real* out, std::size_t n);
  /// dy[i] = dout[i] silu(z[i]); dz[i] = dout[i] y[i] silu'(z[i]).
  void (*gate_backward)(const Real* y, const Real* z, const Real* dout, Real* dy, Real* dz, std::size_t n);
};

/// Short causal convolution of width 4 over each channel:
/// pre[t] = bias + weight[0] x[t-3] + weight[1] x[t-2] + weight[2] x[t-1] + weight[3] x[t]; y[t] =
/// silu(pre[t]).
template <class Real>
struct Convolution {
  std::size_t length;  ///< Tokens.
  std::size_t width;   ///< Channels.
  const Real* x;       ///< [length x width], rows `stride` apart.
  std::size_t stride;
  const Real* tail;    ///< [3 x width]: the inputs before the first, oldest first.
  const Real* weight;  ///< [4 x width].
  const Real* bias;    ///< [width], or nullptr for none.
};

/// Selective scan (Mamba S6): h[n] = exp(delta decay[n]) h[n] + delta B[n] x; y = skip x + sum_n C[n] h[n],
/// per channel.
template <class Real>
struct SelectiveScan {
  std::size_t length;  ///< Tokens.
  std::size_t width;   ///< Channels, a multiple of 16.
  std::size_t states;  ///< States per channel, N, at most 64.
  const Real* delta;   ///< [length x width], > 0.
  const Real* x;       ///< [length x width].
  const Real* mix;     ///< Row t, `stride` apart: B [N], then C [N].
  std::size_t stride;
  const Real* decay;  ///< [N x width], < 0.
  const Real* skip;   ///< [width].
  const Real* start;  ///< [N x width], the state before the first token.
};

/// Where selective_scan_backward puts its results.
template <class Real>
struct SelectiveScanGradient {
  Real* delta;      ///< [length x width], written.
  Real* x;          ///< [length x width], written.
  Real* mix;        ///< As SelectiveScan::mix; B and C parts written.
  Real* decay;      ///< [N x width], added to.
  Real* skip;       ///< [width], added to.
  Real* workspace;  ///< 64 length N elements.
};

/// Fused pieces of layers.
template <class Real>
struct BlockKernels {
  /// Row by row: scale = 1 / sqrt(mean x^2 + epsilon), y = x scale weight. x, y [rows x n], weight [n],
  /// scales [rows].
  void (*rms_norm)(const Real* x, const Real* weight, Real* y, Real* scales, std::size_t rows, std::size_t n,
                   Real epsilon);
  /// dx += gradient of rms_norm; dweight += its weight's. dx [rows x n].
  void (*rms_norm_backward)(const Real* x, const Real* weight, const Real* scales, const Real* dy, Real* dx,
                            Real* dweight, std::size_t rows, std::size_t n);
  /// Row by row: scale = 1 / sqrt(sum x^2 + epsilon), y = x scale factor. x, y [rows x n], scales [rows].
  void (*l2_norm)(const Real* x, Real* y, Real* scales, std::size_t rows, std::size_t n, Real epsilon,
                  Real factor);
  /// dx = gradient of l2_norm, written.
  void (*l2_norm_backward)(const Real* x, const Real* scales, const Real* dy, Real* dx, std::size_t rows,
                           std::size_t n, Real factor);
  /// Writes pre and y [length x width] and, unless null, the last three inputs to `tail` (may be the input's
  /// tail).
  void (*convolve)(const Convolution<Real>& in, Real* pre, Real* y, Real* tail);
  /// dx rows are `dx_stride` apart and written; dweight [4 x width] and dbias [width] (unless null) are added
  /// to.
  void (*convolve_backward)(const Convolution<Real>& in, const Real* pre, const Real* dy, Real* dx,
                            std::size_t dx_stride, Real* dweight, Real* dbias);
  /// Writes y [length x width] and, unless null, the last state to `end` (may be the start state). States
  /// below 1e-30 become 0 there. The sum over n is sequential.
  void (*selective_scan)(const SelectiveScan<Real>& in, Real* y, Real* end);
  /// The gradient for dy [length x width]; truncated at the start state. Cost: about three forward scans.
  void (*selective_scan_backward)(const SelectiveScan<Real>& in, const Real* dy,
                                  const SelectiveScanGradient<Real>& out);
  /// One token of a matrix memory S [keys x values], values a multiple of 16: S[i] = fma(k[i], v, decay
  /// S[i]), then y = S^T q, sequential over i. Elements below 1e-30 become 0.
  void (*memory_step)(Real* s, std::size_t keys, std::size_t values, Real decay, const Real* k, const Real* v,
                      const Real* q, Real* y);
};

/// Step of the Adam optimiser for one array, with everything that depends on the step count folded in.
struct AdamStep {
  float beta1;            ///< Decay of the mean gradient.
  float beta2;            ///< Decay of the mean squared gradient.
  float rate;             ///< lr / (1 - beta1^t).
  float inverse_c2;       ///< 1 / (1 - beta2^t).
  float epsilon_squared;  ///< Added to the corrected mean square; at least 1e-30.
  float gradient_scale;   ///< Multiplies the gradient first (clipping).
};

/// Optimiser.
template <class Real>
struct OptimiserKernels {
  /// g' = g scale; m = fma(beta1, m - g', g'); v = fma(beta2, v - g'^2, g'^2);
  /// w = fma(-rate, m r, w), r = 1 / sqrt(fma(v, inverse_c2, epsilon_squared)) to 5e-6; then g = 0. Moments
  /// below 1e-30 become 0.
  void (*adam)(const AdamStep& step, Real* weight, Real* mean, Real* square, Real* gradient, std::size_t n);

  /// The same without momentum: step.beta1 counts as 0, and there is no mean to keep.
  void (*adam_square)(const AdamStep& step, Real* weight, Real* square, Real* gradient, std::size_t n);

  /// sum_i x[i]^2; lanes.
  Real (*sum_squares)(const Real* x, std::size_t n);
};

/// Rows of a matrix of 8 bits that share a scale in each column.
constexpr std::size_t kInt8Group = 32;

/// Groups of `rows` rows; the last may be part of one.
constexpr std::size_t int8_groups(std::size_t rows) noexcept { return (rows + kInt8Group - 1) / kInt8Group; }

/// W [rows x cols] as whole numbers in -127..127 with a scale for each column and each group of 32 rows: 9
/// bits a weight. Columns come in blocks of 16, a block group after group, a group in pairs of rows: so a
/// column's two codes lie side by side and sixteen columns' 32 bytes are one load.
template <class Real>
struct Int8Matrix {
  std::size_t rows, cols;
  const std::int8_t* codes;  ///< W[r][c] is at int8_code_at(rows, r, c); beyond the matrix: zeros.
  const Real* scales;        ///< At int8_scale_at(rows, r, c).
};

/// Where a weight's code lies.
constexpr std::size_t int8_code_at(std::size_t rows, std::size_t r, std::size_t c) noexcept {
  const std::size_t group = c / 16 * int8_groups(rows) + r / kInt8Group;
  return group * kInt8Group * 16 + r % kInt8Group / 2 * 32 + c % 16 * 2 + r % 2;
}
/// Where its scale lies.
constexpr std::size_t int8_scale_at(std::size_t rows, std::size_t r, std::size_t c) noexcept {
  return (c / 16 * int8_groups(rows) + r / kInt8Group) * 16 + c % 16;
}

/// Products with matrices of 8 bits (LAYERS.md 17). Y = X W (or Y += X W), X [length x rows]; a row of the
/// result does not depend on the others.
template <class Real>
struct Int8Kernels {
  /// X in 8 bits too, as quantise() gives it: codes [length x 32 groups], x_scales [length x groups]. In a
  /// group whole numbers are added; then, sequential over groups: y = fma(sum, scale x_scale, y).
  void (*gemm)(const Int8Matrix<Real>& w, const std::int16_t* x, const Real* x_scales, std::size_t length,
               Real* y, std::size_t ldy, bool accumulate);
  /// X in floats: sequential over a group's rows from 0, then over groups y = fma(sum, scale, y).
  void (*gemm_weights)(const Int8Matrix<Real>& w, const Real* x, std::size_t ldx, std::size_t length, Real* y,
                       std::size_t ldy, bool accumulate);
  /// x [n] as codes in -127..127, padded with zeros to whole groups, and a scale for each: greatest |x| /
  /// 127. NaN counts as -127 of its group.
  void (*quantise)(const Real* x, std::size_t n, std::int16_t* codes, Real* scales);
};

struct Int8Weights;
class Team;

/// One path's table. Real is float; the double table exists for tests of gradients.
template <class Real>
struct KernelTable {
  const char* name;  ///< "scalar", "avx2", "avx512" or "neon"; "double".
  LinearKernels<Real> linear;
  MathKernels<Real> math;
  BlockKernels<Real> block;
  OptimiserKernels<Real> optimiser;
  Int8Kernels<Real> int8;
  Int8Weights* int8_weights =
      nullptr;           ///< Matrices held in 8 bits, see apply_map(); set in an inference's copy.
  Team* team = nullptr;  ///< Threads that share the products of apply_map(); set likewise.
};

using Kernels = KernelTable<float>;

/// The table of a path by name, or nullptr if this build or this machine does not have it. "scalar" is always
/// there.
[[nodiscard]] const Kernels* kernels_for(std::string_view path) noexcept;

/// The best table of this machine, or the one the environment variable SSMZ_CPU_PATH names if it exists here
/// (for tests). Chosen at the first call.
[[nodiscard]] const Kernels& kernels() noexcept;

/// The same sources in double precision with exact exp and log: slow, for tests of gradients only.
[[nodiscard]] const KernelTable<double>& double_kernels() noexcept;

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
