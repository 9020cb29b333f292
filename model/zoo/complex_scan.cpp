// SPDX-License-Identifier: Apache-2.0
// Complex decays; adjoints in LAYERS.md 1.
#include "model/zoo/complex_scan.hpp"

#include "model/base/sine.hpp"

namespace ssmz::model {
namespace {

// Eigenvalues -1/2 + i w of -1/2 I + skew (LAYERS.md 1), the positive w in rising order; computed in double
// by Jacobi's method on the square of the skew part.
constexpr float kLegs16[] = {0.35201792f, 1.3719888f, 2.8996682f, 5.0900236f,
                             8.3621045f,  13.834342f, 25.629226f, 80.966081f};
constexpr float kLegs32[] = {0.30107924f, 1.0839236f, 2.1192374f, 3.3905511f, 4.9167502f, 6.7379539f,
                             8.9177247f,  11.553295f, 14.796086f, 18.89223f,  24.268026f, 31.730083f,
                             43.00953f,   62.613857f, 107.08871f, 325.42632f};
constexpr float kLegs64[] = {
    0.26385693f, 0.90585941f, 1.7029682f, 2.6256548f, 3.6648071f, 4.8191441f, 6.0912158f, 7.4862876f,
    9.0120049f,  10.678404f,  12.498139f, 14.486902f, 16.664039f, 19.05342f,  21.684643f, 24.594692f,
    27.830267f,  31.45109f,   35.534699f, 40.183555f, 45.535874f, 51.782672f, 59.195598f, 68.174431f,
    79.332624f,  93.661841f,  112.87603f, 140.21434f, 182.62041f, 258.15221f, 433.03076f, 1303.2738f};

/// e^x - 1, given e^x; x <= 0.
template <class Real>
Real exp_minus_one(Real x, Real exponential) {
  if (x < Real{-0.1f}) return exponential - Real{1};
  Real sum{1};  // x (1 + x/2 (1 + x/3 (...)))
  for (int k = 8; k >= 2; --k) sum = Real{1} + x / Real(k) * sum;
  return x * sum;
}

}  // namespace

template <class Real>
void discretise(const KernelTable<Real>& kernels, const DiscreteModes<Real>& modes) {
  const std::size_t n = modes.n;
  Real *a_im = modes.a + n, *f_im = modes.f + n;
  for (std::size_t i = 0; i < n; ++i) modes.a[i] = -(modes.step[i] * modes.decay[i]);
  kernels.math.exp(modes.a, modes.a, n);
  for (std::size_t i = 0; i < n; ++i) {
    const Real radius = modes.a[i], decay = modes.decay[i], frequency = modes.frequency[i];
    const Real angle = modes.step[i] * frequency;
    Real sine, cosine, half_sine, half_cosine;
    sine_cosine(angle, sine, cosine);
    sine_cosine(angle * Real{0.5f}, half_sine, half_cosine);
    // a - 1 without cancellation.
    const Real re =
        exp_minus_one(-(modes.step[i] * decay), radius) * cosine - Real{2} * half_sine * half_sine;
    const Real im = radius * sine;
    const Real square = decay * decay + frequency * frequency;
    modes.a[i] = radius * cosine;
    a_im[i] = im;
    modes.f[i] = (im * frequency - re * decay) / square;
    f_im[i] = -(re * frequency + im * decay) / square;
  }
}

template <class Real>
void discretise_backward(const DiscreteModes<Real>& modes, Real* da, const Real* df, Real* dstep,
                         Real* ddecay_log, Real* dfrequency) {
  const std::size_t n = modes.n;
  for (std::size_t i = 0; i < n; ++i) {
    const Real decay = modes.decay[i], frequency = modes.frequency[i], step = modes.step[i];
    const Real square = decay * decay + frequency * frequency;
    // w = df conj(1 / A): A = -decay + i frequency.
    const Real w_re = -(df[i] * decay + df[n + i] * frequency) / square;
    const Real w_im = (df[i] * frequency - df[n + i] * decay) / square;
    da[i] += w_re;
    da[n + i] += w_im;
    // s = da conj(a), the adjoint of D A.
    const Real s_re = da[i] * modes.a[i] + da[n + i] * modes.a[n + i];
    const Real s_im = da[n + i] * modes.a[i] - da[i] * modes.a[n + i];
    dstep[i] += s_im * frequency - s_re * decay;
    // -w conj(f) is the rest of A's.
    const Real re = s_re * step - (w_re * modes.f[i] + w_im * modes.f[n + i]);
    const Real im = s_im * step - (w_im * modes.f[i] - w_re * modes.f[n + i]);
    ddecay_log[i] -= re * decay;
    dfrequency[i] += im;
  }
}

template <class Real>
void complex_multiply_add(const KernelTable<Real>& kernels, std::size_t n, const Real* x, const Real* y,
                          bool conjugate, Real* out, Real* minus) {
  const Real* y_im = y + n;
  for (std::size_t i = 0; i < n; ++i) minus[i] = -y_im[i];
  const Real *plus = conjugate ? minus : y_im, *less = conjugate ? y_im : minus;
  kernels.math.multiply_add(x, y, out, n);
  kernels.math.multiply_add(x + n, less, out, n);
  kernels.math.multiply_add(x, plus, out + n, n);
  kernels.math.multiply_add(x + n, y, out + n, n);
}

template <class Real>
void complex_scan(const KernelTable<Real>& kernels, std::size_t length, std::size_t n, const Real* a,
                  const Real* start, Real* h, Real* minus) {
  for (std::size_t t = 0; t < length; ++t) {
    complex_multiply_add(kernels, n, t == 0 ? start : h + (t - 1) * 2 * n, a, false, h + t * 2 * n, minus);
  }
}

template <class Real>
void complex_scan_backward(const KernelTable<Real>& kernels, std::size_t length, std::size_t n, const Real* a,
                           const Real* start, const Real* h, Real* g, Real* da, Real* minus) {
  for (std::size_t t = length; t-- > 0;) {
    Real* row = g + t * 2 * n;
    if (t + 1 < length) complex_multiply_add(kernels, n, row + 2 * n, a, true, row, minus);
    complex_multiply_add(kernels, n, row, t == 0 ? start : h + (t - 1) * 2 * n, true, da, minus);
  }
}

float start_frequency(FrequencyStart start, std::size_t i, std::size_t states) {
  const float pi = 3.14159265f, n = static_cast<float>(states), k = static_cast<float>(i);
  if (start == FrequencyStart::inverse) return n / pi * (n / (2.0f * k + 1.0f) - 1.0f);
  if (start == FrequencyStart::linear) return pi * k;
  return states == 16 ? kLegs16[i] : states == 32 ? kLegs32[i] : kLegs64[i];
}

#define SSMZ_INSTANTIATE(Real)                                                                              \
  template void discretise(const KernelTable<Real>&, const DiscreteModes<Real>&);                           \
  template void discretise_backward(const DiscreteModes<Real>&, Real*, const Real*, Real*, Real*, Real*);   \
  template void complex_multiply_add(const KernelTable<Real>&, std::size_t, const Real*, const Real*, bool, \
                                     Real*, Real*);                                                         \
  template void complex_scan(const KernelTable<Real>&, std::size_t, std::size_t, const Real*, const Real*,  \
                             Real*, Real*);                                                                 \
  template void complex_scan_backward(const KernelTable<Real>&, std::size_t, std::size_t, const Real*,      \
                                      const Real*, const Real*, Real*, Real*, Real*);
SSMZ_INSTANTIATE(float)
SSMZ_INSTANTIATE(double)
#undef SSMZ_INSTANTIATE

FixedScanOptions take_fixed_scan(LayerOptions& options, std::size_t usual_states) {
  const std::size_t states = options.take_size("n", usual_states, 2, 256);
  if (states % 2 != 0) options.reject("option 'n' must be even");
  const bool linear = options.take_flag("lin"), inverse = options.take_flag("inv");
  if (linear && inverse) options.reject("options 'lin' and 'inv' exclude each other");
  if (linear) return {states, FrequencyStart::linear};
  if (inverse) return {states, FrequencyStart::inverse};
  if (states != 16 && states != 32 && states != 64) {
    options.reject("without 'lin' or 'inv', option 'n' must be 16, 32 or 64");
  }
  return {states, FrequencyStart::legs};
}

}  // namespace ssmz::model
