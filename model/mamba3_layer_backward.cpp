// SPDX-License-Identifier: Apache-2.0
// Mamba-3 backward; adjoints in LAYERS.md 4 and 0.5.
#include "model/mamba3_layer.hpp"

namespace ssmz::model {

template <class Real>
typename Mamba3Layer<Real>::Gradients Mamba3Layer<Real>::carve_gradients(Carver<Real>& carver,
                                                                         S length) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, e = h * w;
  Gradients g;
  g.proj = carver.take(length * in_.width());
  g.mixed = shape_.convolution ? carver.take(length * mixed_width_) : g.proj;
  for (Real** piece : {&g.y, &g.written}) *piece = carver.take(length * e);
  g.key = carver.take((length + 1) * h * n);
  g.query = carver.take(length * h * n);
  g.value = carver.take((length + 1) * e);
  g.gamma = carver.take((length + 1) * h);
  for (Real** piece : {&g.step, &g.decay, &g.lambda, &g.log_alpha, &g.weight})
    *piece = carver.take(length * h);
  g.angle = carver.take(length * h * shape_.angles);
  for (Real** piece : {&g.b, &g.c}) *piece = carver.take(length * n);
  for (Real** piece : {&g.qk, &g.between}) *piece = carver.take(length * length);
  g.since = carver.take(length);
  g.scratch = carver.take(length * std::max(length, 2 * e));
  return g;
}

template <class Real>
void Mamba3Layer<Real>::direct_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                        const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values;
  const auto& linear = kernels.linear;
  for (S i = 0; i < length * h; ++i) {
    const Real gamma = tape.gamma[h + i];
    const Real* dy = g.y + i * w;
    const Real dshare = linear.dot(dy, tape.value + (h + i) * w, w);
    linear.axpy(gamma * tape.overlap[i] + p[skip_ + i % h], dy, g.value + (h + i) * w, w);
    gradient[skip_ + i % h] += dshare;
    g.gamma[h + i] += dshare * tape.overlap[i];
    linear.axpy(dshare * gamma, tape.key + (h + i) * n, g.query + i * n, n);
    linear.axpy(dshare * gamma, tape.query + i * n, g.key + (h + i) * n, n);
  }
}

template <class Real>
void Mamba3Layer<Real>::memory_backward(const KernelTable<Real>& kernels, S length, const Real* start,
                                        const Tape& tape, const Gradients& g) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values;
  const auto& linear = kernels.linear;
  for (S i = 0; i < h; ++i) {
    const HeadChunk<Real> chunk = head_chunk(tape, i, length, start);
    std::fill_n(g.since, length, Real{0});
    attend_backward(kernels, chunk, head_tape(tape, i, length), g.y + i * w, h * w,
                    {g.query + i * n, h * n, g.written + i * w, h * w, g.qk, g.between, g.since, g.scratch});
    linear.gemm_nn(g.qk, length, chunk.k, h * n, g.query + i * n, h * n, length, n, length, true);
    linear.gemm_tn(g.qk, length, chunk.q, h * n, g.key + i * n, h * n, length, n, length, true);
    decay_backward(chunk.decay, g.between, g.since, length, g.log_alpha + i, h);
  }
}

template <class Real>
void Mamba3Layer<Real>::weights_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                                         const Gradients& g) const {
  const S h = shape_.heads, w = shape_.values;
  for (S i = 0; i < length * h; ++i) {
    const Real* dwritten = g.written + i * w;
    const Real dweight = kernels.linear.dot(dwritten, tape.value + i * w, w);
    kernels.linear.axpy(tape.weight[i], dwritten, g.value + i * w, w);
    g.log_alpha[i] += dweight * tape.weight[i];
    g.weight[i] = dweight * tape.alpha[i];
    g.gamma[i] += g.weight[i];
  }
  for (S i = 0; i < length * h; ++i) {
    const Real dgamma = g.gamma[h + i], step = tape.step[i], lambda = tape.lambda[i];
    g.lambda[i] = (dgamma - g.weight[i]) * step;
    g.step[i] = g.weight[i] * (Real{1} - lambda) + dgamma * lambda - g.log_alpha[i] * tape.decay[i];
    g.decay[i] = -(g.log_alpha[i] * step);
  }
}

template <class Real>
void Mamba3Layer<Real>::turn_backward(S length, const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = shape_.keys, q = shape_.angles;
  // Turns one gradient row back in place and gives it to the bias and the normed row; the angles' part is
  // added.
  const auto turn_back = [&](const Real* turned, Real* dturned, S at, Real* dbias, Real* dnormed) {
    for (S j = 0; j < q; ++j) {
      const Real dx = dturned[2 * j], dy = dturned[2 * j + 1], sine = tape.sine[at + j],
                 cosine = tape.cosine[at + j];
      g.angle[at + j] += dy * turned[2 * j] - dx * turned[2 * j + 1];
      dturned[2 * j] = cosine * dx + sine * dy;
      dturned[2 * j + 1] = cosine * dy - sine * dx;
    }
    for (S j = 0; j < n; ++j) {
      dbias[j] += dturned[j];
      dnormed[j] += dturned[j];
    }
  };
  for (S t = length; t-- > 0;) {
    Real* dsmall = g.proj + t * in_.width() + small_ + 3 * h;
    for (S i = 0; i < h; ++i) {
      const S row = t * h + i, at = row * q;
      turn_back(tape.key + (row + h) * n, g.key + (row + h) * n, at, gradient + b_bias_ + i * n, g.b + t * n);
      turn_back(tape.query + row * n, g.query + row * n, at, gradient + c_bias_ + i * n, g.c + t * n);
      for (S j = 0; j < q; ++j) {
        if (t + 1 < length) g.angle[at + j] += g.angle[at + h * q + j];
        const Real dturned = g.angle[at + j] * Real(kMamba3Pi), turn = tape.turn[t * q + j];
        g.step[row] += dturned * turn;
        dsmall[j] += dturned * tape.step[row] * (Real{1} - turn * turn);
      }
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::step_sizes_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                                            const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = length * h;
  kernels.math.softplus_backward(tape.step_pre, g.step, g.step, n);
  if (!shape_.heavy_tail) kernels.math.softplus_backward(tape.decay_pre, g.decay, g.decay, n);
  for (S i = 0; i < n; ++i) {
    const Real decay = tape.decay[i], lambda = tape.lambda[i];
    if (shape_.heavy_tail && tape.decay_pre[i] < Real{0}) g.decay[i] *= decay * decay;
    if (decay <= Real{kMamba3LeastDecay}) g.decay[i] = Real{0};
    Real* dsmall = g.proj + i / h * in_.width() + small_ + i % h;
    dsmall[0] = g.step[i];
    dsmall[h] = g.decay[i];
    dsmall[2 * h] = g.lambda[i] * lambda * (Real{1} - lambda);
    gradient[step_bias_ + i % h] += g.step[i];
    gradient[decay_bias_ + i % h] += g.decay[i];
  }
}

template <class Real>
void Mamba3Layer<Real>::norms_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                       const Tape& tape, const Gradients& g, Real* gradient) const {
  const S n = shape_.keys, e = shape_.heads * shape_.values;
  const S stride = shape_.convolution ? mixed_width_ : in_.width();
  for (S t = 0; t < length; ++t) {
    const Real* row = mixed(tape) + t * mixed_stride();
    Real* drow = g.mixed + t * stride;
    std::copy_n(g.value + (t + 1) * e, e, drow);
    std::fill_n(drow + e, 2 * n, Real{0});
    kernels.block.rms_norm_backward(row + e, p + b_norm_, tape.b_scale + t, g.b + t * n, drow + e,
                                    gradient + b_norm_, 1, n);
    kernels.block.rms_norm_backward(row + e + n, p + c_norm_, tape.c_scale + t, g.c + t * n, drow + e + n,
                                    gradient + c_norm_, 1, n);
  }
}

template <class Real>
void Mamba3Layer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                 const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                                 Real* memory) const {
  const S length = context.length, e = shape_.heads * shape_.values;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients g = carve_gradients(scratch, length);
  std::fill_n(context.scratch, scratch.used(), Real{0});

  out_.backward(kernels, p, length, tape.y, tape.in.proj + mixed_width_, in_.width(), dout, tape.out, g.y,
                g.proj + mixed_width_, in_.width(), gradient, g.scratch);
  if (context.memory_out_gradient != nullptr) {
    kernels.linear.axpy(Real{1}, context.memory_out_gradient, g.y, length * e);
  }
  direct_backward(kernels, p, length, tape, g, gradient);
  memory_backward(kernels, length, start, tape, g);
  weights_backward(kernels, length, tape, g);
  turn_backward(length, tape, g, gradient);
  step_sizes_backward(kernels, length, tape, g, gradient);
  norms_backward(kernels, p, length, tape, g, gradient);
  in_.backward(kernels, p, length, cut(start).tail, u, tape.in, g.mixed, g.proj, du, gradient);
}

template class Mamba3Layer<float>;
template class Mamba3Layer<double>;

}  // namespace ssmz::model
