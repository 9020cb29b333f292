// SPDX-License-Identifier: Apache-2.0
// Fixed complex decays, as S4D and S5 have them: discretisation with its gradient, and the scan over a chunk.
// A row of n complex numbers is n real parts, then n imaginary parts. The adjoint of z = x + iy holds dL/dx
// and dL/dy.
#pragma once

#include "model/layers/layer.hpp"
#include "model/layers/layer_options.hpp"

namespace ssmz::model {

/// n modes with A = -decay + i frequency and step D: a = exp(D A) and f = (a - 1) / A (zero-order hold).
template <class Real>
struct DiscreteModes {
  std::size_t n;
  Real* step;             ///< D, the caller's [n]
  Real* decay;            ///< > 0, the caller's [n]
  const Real* frequency;  ///< [n]
  Real* a;                ///< [2 n]
  Real* f;                ///< [2 n]
};

/// Fills a and f.
template <class Real>
void discretise(const KernelTable<Real>& kernels, const DiscreteModes<Real>& modes);

/// Adds to dstep [n], ddecay_log [n] (of log decay) and dfrequency [n] what comes through the adjoints da and
/// df. Changes da.
template <class Real>
void discretise_backward(const DiscreteModes<Real>& modes, Real* da, const Real* df, Real* dstep,
                         Real* ddecay_log, Real* dfrequency);

/// h_t = a o h_{t-1} + v_t for `length` rows of n; h holds v at first. `minus` has n elements of scratch.
template <class Real>
void complex_scan(const KernelTable<Real>& kernels, std::size_t length, std::size_t n, const Real* a,
                  const Real* start, Real* h, Real* minus);

/// g holds the adjoint of h and becomes that of v; da is added to. `minus` has n elements of scratch.
template <class Real>
void complex_scan_backward(const KernelTable<Real>& kernels, std::size_t length, std::size_t n, const Real* a,
                           const Real* start, const Real* h, Real* g, Real* da, Real* minus);

/// out += x o y, or x o conj(y), for rows of n complex numbers. `minus` has n elements of scratch.
template <class Real>
void complex_multiply_add(const KernelTable<Real>& kernels, std::size_t n, const Real* x, const Real* y,
                          bool conjugate, Real* out, Real* minus);

/// Frequencies to start from (LAYERS.md 1); `states` counts both of each conjugate pair.
enum class FrequencyStart { linear, inverse, legs };

/// Frequency of mode i of states / 2. legs, the imaginary parts of the eigenvalues of the normal part of
/// HiPPO-LegS, is known for 16, 32 and 64 states.
float start_frequency(FrequencyStart start, std::size_t i, std::size_t states);

/// The options S4D and S5 share.
struct FixedScanOptions {
  std::size_t states;
  FrequencyStart start;
};

/// Takes n (`usual_states`), lin and inv.
FixedScanOptions take_fixed_scan(LayerOptions& options, std::size_t usual_states);

}  // namespace ssmz::model
