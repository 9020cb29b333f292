// SPDX-License-Identifier: Apache-2.0
// The selective scan (LAYERS.md 2) over 16 virtual lanes, lanes being channels; the contract is in
// kernels.hpp.
#pragma once

#include "model/kernels.hpp"
#include "model/kernels_linear_detail.hpp"
#include "model/kernels_math_detail.hpp"
#include "model/vector16_detail.hpp"

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
      for (std::size_t n = 0; n < in.states; ++n) {
        const Vec factor = exp(delta * load(in.decay + n * in.width + i));
        state[n] = fma(factor, state[n], drive * broadcast(b[n]));
        out = fma(broadcast(c[n]), state[n], out);
      }
      store(y + t * in.width + i, out);
    }
    if (end == nullptr) continue;
    for (std::size_t n = 0; n < in.states; ++n) store(end + n * in.width + i, flush_tiny(state[n]));
  }
}

/// Workspace of one channel group, all of vectors: [length x states] each.
struct ScanTape {
  Scalar* factor;      ///< exp(delta decay)
  Scalar* state;       ///< After the token.
  Scalar* b_gradient;  ///< Sixteen partial sums each, over all groups.
  Scalar* c_gradient;
};

SSMZ_INLINE void rerun_scan(const SelectiveScan<Scalar>& in, std::size_t i, const ScanTape& tape) {
  Vec state[kMaxStates];
  for (std::size_t n = 0; n < in.states; ++n) state[n] = load(in.start + n * in.width + i);
  for (std::size_t t = 0; t < in.length; ++t) {
    const Vec delta = load(in.delta + t * in.width + i);
    const Vec drive = delta * load(in.x + t * in.width + i);
    const Scalar* b = in.mix + t * in.stride;
    for (std::size_t n = 0; n < in.states; ++n) {
      const std::size_t at = (t * in.states + n) * kLanes;
      const Vec factor = exp(delta * load(in.decay + n * in.width + i));
      state[n] = fma(factor, state[n], drive * broadcast(b[n]));
      store(tape.factor + at, factor);
      store(tape.state + at, state[n]);
    }
  }
}

/// Sweeps one channel group from the last token to the first; equations in LAYERS.md 2, "Backward".
SSMZ_INLINE void sweep_back(const SelectiveScan<Scalar>& in, const Scalar* dy,
                            const SelectiveScanGradient<Scalar>& out, std::size_t i, const ScanTape& tape) {
  Vec carried[kMaxStates];  // gradient of the state, from later tokens
  Vec decay_gradient[kMaxStates];
  for (std::size_t n = 0; n < in.states; ++n) carried[n] = decay_gradient[n] = broadcast(0.0f);
  const Vec skip = load(in.skip + i);
  Vec skip_gradient = load(out.skip + i);
  for (std::size_t t = in.length; t-- > 0;) {
    const Vec gradient = load(dy + t * in.width + i);
    const Vec x = load(in.x + t * in.width + i), delta = load(in.delta + t * in.width + i);
    const Vec drive = delta * x;
    const Scalar* b = in.mix + t * in.stride;
    const Scalar* c = b + in.states;
    skip_gradient = fma(gradient, x, skip_gradient);
    Vec drive_gradient = broadcast(0.0f), delta_gradient = broadcast(0.0f);
    for (std::size_t n = 0; n < in.states; ++n) {
      const std::size_t at = (t * in.states + n) * kLanes;
      const Vec before =
          t > 0 ? load(tape.state + at - in.states * kLanes) : load(in.start + n * in.width + i);
      const Vec factor = load(tape.factor + at);
      const Vec g = fma(broadcast(c[n]), gradient, carried[n]);
      store(tape.c_gradient + at, fma(gradient, load(tape.state + at), load(tape.c_gradient + at)));
      store(tape.b_gradient + at, fma(g, drive, load(tape.b_gradient + at)));
      drive_gradient = fma(g, broadcast(b[n]), drive_gradient);
      carried[n] = g * factor;
      const Vec exponent_gradient = carried[n] * before;
      delta_gradient = fma(exponent_gradient, load(in.decay + n * in.width + i), delta_gradient);
      decay_gradient[n] = fma(exponent_gradient, delta, decay_gradient[n]);
    }
    store(out.x + t * in.width + i, fma(delta, drive_gradient, skip * gradient));
    store(out.delta + t * in.width + i, fma(x, drive_gradient, delta_gradient));
  }
  store(out.skip + i, skip_gradient);
  for (std::size_t n = 0; n < in.states; ++n) {
    Scalar* at = out.decay + n * in.width + i;
    store(at, load(at) + decay_gradient[n]);
  }
}

void selective_scan_backward(const SelectiveScan<Scalar>& in, const Scalar* dy,
                             const SelectiveScanGradient<Scalar>& out) {
  const std::size_t size = in.length * in.states * kLanes;
  const ScanTape tape{out.workspace, out.workspace + size, out.workspace + 2 * size,
                      out.workspace + 3 * size};
  for (std::size_t j = 0; j < 2 * size; ++j) tape.b_gradient[j] = 0;  // both, being neighbours
  for (std::size_t i = 0; i < in.width; i += kLanes) {
    rerun_scan(in, i, tape);
    sweep_back(in, dy, out, i, tape);
  }
  for (std::size_t t = 0; t < in.length; ++t) {
    for (std::size_t n = 0; n < in.states; ++n) {
      const std::size_t at = (t * in.states + n) * kLanes;
      out.mix[t * in.stride + n] = sum(load(tape.b_gradient + at));
      out.mix[t * in.stride + in.states + n] = sum(load(tape.c_gradient + at));
    }
  }
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
