// SPDX-License-Identifier: Apache-2.0
// The selective scan (LAYERS.md 2) over 16 virtual lanes, lanes being channels; the contract is in
// kernels.hpp.
#pragma once

#include "model/kernels/kernels.hpp"
#include "model/kernels/kernels_linear_detail.hpp"
#include "model/kernels/kernels_math_detail.hpp"
#include "model/kernels/vector16_detail.hpp"

namespace ssmz::model {
namespace {

constexpr std::size_t kMaxStates = 64;

void selective_scan(const SelectiveScan<Scalar>& in, Scalar* y, Scalar* end) {
  Vec state[kMaxStates];
  for (std::size_t i = 0; i < in.width; i += kLanes) {
    const Vec skip = load(in.skip + i);
    for (std::size_t n = 0; n < in.states; ++n) state[n] = load(in.start + n * in.width + i);
    for (std::size_t t = 0; t < in.length; ++t) {
      const Vec x = load(in.x + t * in.width + i), delta = load(in.delta + t * in.width + i);
      const Vec drive = delta * x;
      const Scalar* b = in.mix + t * in.stride;
      const Scalar* c = b + in.states;
      Vec out = skip * x;
#pragma GCC unroll 4
      for (std::size_t n = 0; n < in.states; ++n) {
        const Vec factor = decay_factor(delta * load(in.decay + n * in.width + i));
        state[n] = fma(factor, state[n], drive * broadcast(b[n]));
        out = fma(broadcast(c[n]), state[n], out);
      }
      store(y + t * in.width + i, out);
    }
    if (end == nullptr) continue;
    for (std::size_t n = 0; n < in.states; ++n) store(end + n * in.width + i, flush_tiny(state[n]));
  }
}

/// The states the backward scan takes at a time: their vectors should stay in the registers.
#if defined(SSMZ_VECTOR_AVX512)
constexpr std::size_t kScanStates = 4;
#else
constexpr std::size_t kScanStates = 2;
#endif

/// What is kept per token and state of a block, in the nearest cache: vectors side by side, as arrays a
/// multiple of 4096 bytes apart would make the processor take loads for those of what was just stored.
struct ScanTape {
  static constexpr std::size_t factor = 0;               ///< exp(delta decay), of one channel group.
  static constexpr std::size_t state = kLanes;           ///< After the token, of one channel group.
  static constexpr std::size_t b_gradient = 2 * kLanes;  ///< Sixteen partial sums each, over all groups.
  static constexpr std::size_t c_gradient = 3 * kLanes;
  static constexpr std::size_t size = 4 * kLanes;
};

/// Channels i to i + 15 and the states n to n + Block - 1.
struct ScanPlace {
  std::size_t i, n;
};

template <std::size_t Block>
SSMZ_INLINE void rerun_scan(const SelectiveScan<Scalar>& in, ScanPlace at, Scalar* tape) {
  Vec state[Block], decay[Block];
#pragma GCC unroll 4
  for (std::size_t n = 0; n < Block; ++n) {
    state[n] = load(in.start + (at.n + n) * in.width + at.i);
    decay[n] = load(in.decay + (at.n + n) * in.width + at.i);
  }
  for (std::size_t t = 0; t < in.length; ++t) {
    const Vec delta = load(in.delta + t * in.width + at.i);
    const Vec drive = delta * load(in.x + t * in.width + at.i);
    const Scalar* b = in.mix + t * in.stride + at.n;
#pragma GCC unroll 4
    for (std::size_t n = 0; n < Block; ++n) {
      const Vec factor = decay_factor(delta * decay[n]);
      state[n] = fma(factor, state[n], drive * broadcast(b[n]));
      store(tape + (t * Block + n) * ScanTape::size + ScanTape::factor, factor);
      store(tape + (t * Block + n) * ScanTape::size + ScanTape::state, state[n]);
    }
  }
}

/// Sweeps a block of states of one channel group from the last token to the first; equations in LAYERS.md 2,
/// "Backward". Leaves in out.x the gradient of delta x and in out.delta that of the exponents, as far as the
/// states up to this block go.
template <std::size_t Block>
SSMZ_INLINE void sweep_back(const SelectiveScan<Scalar>& in, const Scalar* dy,
                            const SelectiveScanGradient<Scalar>& out, ScanPlace at, Scalar* tape) {
  Vec carried[Block], decay_gradient[Block], decay[Block], after[Block];
#pragma GCC unroll 4
  for (std::size_t n = 0; n < Block; ++n) {
    carried[n] = decay_gradient[n] = broadcast(0.0f);  // of the state, from later tokens; of its decay
    decay[n] = load(in.decay + (at.n + n) * in.width + at.i);
    after[n] = load(tape + ((in.length - 1) * Block + n) * ScanTape::size + ScanTape::state);
  }
  for (std::size_t t = in.length; t-- > 0;) {
    const std::size_t row = t * in.width + at.i;
    const Vec gradient = load(dy + row), delta = load(in.delta + row);
    const Vec drive = delta * load(in.x + row);
    const Scalar* b = in.mix + t * in.stride + at.n;
    const Scalar* c = b + in.states;
    Vec drive_gradient = at.n > 0 ? load(out.x + row) : broadcast(0.0f);
    Vec delta_gradient = at.n > 0 ? load(out.delta + row) : broadcast(0.0f);
#pragma GCC unroll 4
    for (std::size_t n = 0; n < Block; ++n) {
      Scalar* place = tape + (t * Block + n) * ScanTape::size;
      Scalar *b_gradient = place + ScanTape::b_gradient, *c_gradient = place + ScanTape::c_gradient;
      const Vec before = t > 0 ? load(place - Block * ScanTape::size + ScanTape::state)
                               : load(in.start + (at.n + n) * in.width + at.i);
      const Vec g = fma(broadcast(c[n]), gradient, carried[n]);
      store(c_gradient, fma(gradient, after[n], load(c_gradient)));
      store(b_gradient, fma(g, drive, load(b_gradient)));
      drive_gradient = fma(g, broadcast(b[n]), drive_gradient);
      carried[n] = g * load(place + ScanTape::factor);
      const Vec exponent_gradient = carried[n] * before;
      delta_gradient = fma(exponent_gradient, decay[n], delta_gradient);
      decay_gradient[n] = fma(exponent_gradient, delta, decay_gradient[n]);
      after[n] = before;
    }
    store(out.x + row, drive_gradient);
    store(out.delta + row, delta_gradient);
  }
#pragma GCC unroll 4
  for (std::size_t n = 0; n < Block; ++n) {
    Scalar* decay_at = out.decay + (at.n + n) * in.width + at.i;
    store(decay_at, load(decay_at) + decay_gradient[n]);
  }
}

/// From the gradients sweep_back leaves to those of x, delta and the skip.
SSMZ_INLINE void finish_sweep(const SelectiveScan<Scalar>& in, const Scalar* dy,
                              const SelectiveScanGradient<Scalar>& out, std::size_t i) {
  const Vec skip = load(in.skip + i);
  Vec skip_gradient = load(out.skip + i);
  for (std::size_t t = in.length; t-- > 0;) {
    const std::size_t row = t * in.width + i;
    const Vec gradient = load(dy + row), drive_gradient = load(out.x + row), x = load(in.x + row);
    skip_gradient = fma(gradient, x, skip_gradient);
    store(out.x + row, fma(load(in.delta + row), drive_gradient, skip * gradient));
    store(out.delta + row, fma(x, drive_gradient, load(out.delta + row)));
  }
  store(out.skip + i, skip_gradient);
}

void selective_scan_backward(const SelectiveScan<Scalar>& in, const Scalar* dy,
                             const SelectiveScanGradient<Scalar>& out) {
  Scalar* tape = out.workspace;
  for_row_groups<kScanStates>(0, in.states, [&](auto group, std::size_t first) {
    constexpr std::size_t block = group();
    const std::size_t size = in.length * block * ScanTape::size;
    for (std::size_t j = 0; j < size; j += ScanTape::size) {
      store(tape + j + ScanTape::b_gradient, broadcast(0.0f));
      store(tape + j + ScanTape::c_gradient, broadcast(0.0f));
    }
    for (std::size_t i = 0; i < in.width; i += kLanes) {
      rerun_scan<block>(in, {i, first}, tape);
      sweep_back<block>(in, dy, out, {i, first}, tape);
    }
    for (std::size_t t = 0; t < in.length; ++t) {
      for (std::size_t n = 0; n < block; ++n) {
        const Scalar* from = tape + (t * block + n) * ScanTape::size;
        out.mix[t * in.stride + first + n] = sum(load(from + ScanTape::b_gradient));
        out.mix[t * in.stride + in.states + first + n] = sum(load(from + ScanTape::c_gradient));
      }
    }
  });
  for (std::size_t i = 0; i < in.width; i += kLanes) finish_sweep(in, dy, out, i);
}

void memory_step(Scalar* s, std::size_t keys, std::size_t values, Scalar decay, const Scalar* k,
                 const Scalar* v, const Scalar* q, Scalar* y) {
  const Vec factor = broadcast(decay);
  for_row_groups<4>(0, values / kLanes, [&](auto group, std::size_t first) {
    constexpr std::size_t width = group();
    Vec value[width], out[width];
    for (std::size_t j = 0; j < width; ++j) {
      value[j] = load(v + (first + j) * kLanes);
      out[j] = broadcast(0.0f);
    }
    for (std::size_t i = 0; i < keys; ++i) {
      const Vec key = broadcast(k[i]), query = broadcast(q[i]);
#pragma GCC unroll 4
      for (std::size_t j = 0; j < width; ++j) {
        Scalar* at = s + i * values + (first + j) * kLanes;
        const Vec updated = flush_tiny(fma(key, value[j], factor * load(at)));
        store(at, updated);
        out[j] = fma(query, updated, out[j]);
      }
    }
    for (std::size_t j = 0; j < width; ++j) store(y + (first + j) * kLanes, out[j]);
  });
}

}  // namespace
}  // namespace ssmz::model
