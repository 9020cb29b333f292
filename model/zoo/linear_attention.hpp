// SPDX-License-Identifier: Apache-2.0
// The chunk form all matrix-memory layers share: S <- a S + k v^T, y = S^T q, over a chunk at once (LAYERS.md
// 0.5, "SSD core").
#pragma once

#include "model/layers/layer.hpp"

namespace ssmz::model {

/// Running decays of one head over a chunk of T tokens.
template <class Real>
struct ChunkDecay {
  Real* between;  ///< M [T x T]: M[t][s] = a_{s+1} ... a_t for s <= t (1 on the diagonal), 0 above.
  Real* since;    ///< e [T]: a_1 ... a_t.
};

/// Fills `decay` from a_t = a[t * stride] in [0, 1]. Products below 1e-30 become 0.
template <class Real>
void fill_decay(const Real* a, std::size_t stride, std::size_t length, const ChunkDecay<Real>& decay);

/// Adds to dlog[t * stride] the gradient of log a_t, given those of M (strict lower part read) and e.
template <class Real>
void decay_backward(const ChunkDecay<Real>& decay, const Real* dbetween, const Real* dsince,
                    std::size_t length, Real* dlog, std::size_t stride);

/// One head's chunk. Rows of q, k, v are tokens.
template <class Real>
struct HeadChunk {
  std::size_t length, keys, values;
  const Real* q;  ///< [T x keys]
  std::size_t q_stride;
  const Real* k;  ///< [T x keys]
  std::size_t k_stride;
  const Real* v;  ///< [T x values]
  std::size_t v_stride;
  const Real* qk;  ///< Q K^T [T x T]
  ChunkDecay<Real> decay;
  const Real* start;  ///< S before the chunk [keys x values]
};

/// What backward needs again.
template <class Real>
struct HeadTape {
  Real* weights;  ///< (Q K^T) o M [T x T]
  Real* read;     ///< Q S_start [T x values]
};

/// y[t] = sum_{s <= t} M[t][s] (q_t.k_s) v_s + e_t S_start^T q_t; rows of y are `y_stride` apart.
template <class Real>
void attend(const KernelTable<Real>& kernels, const HeadChunk<Real>& head, const HeadTape<Real>& tape,
            Real* y, std::size_t y_stride);

/// end = e_T S_start + sum_s M[T][s] k_s v_s^T. `scratch` has T x keys elements; `end` may be the start.
template <class Real>
void advance_memory(const KernelTable<Real>& kernels, const HeadChunk<Real>& head, Real* end, Real* scratch);

/// Where attend_backward puts its results.
template <class Real>
struct HeadGradient {
  Real* q;  ///< Added to: the part through S_start only.
  std::size_t q_stride;
  Real* v;  ///< Written [T x values].
  std::size_t v_stride;
  Real* qk;       ///< Written [T x T], 0 above the diagonal; the caller turns it into parts of dq and dk.
  Real* between;  ///< Written [T x T].
  Real* since;    ///< Added to [T].
  Real* scratch;  ///< T x max(T, values) elements.
};

template <class Real>
void attend_backward(const KernelTable<Real>& kernels, const HeadChunk<Real>& head,
                     const HeadTape<Real>& tape, const Real* dy, std::size_t dy_stride,
                     const HeadGradient<Real>& out);

}  // namespace ssmz::model
