// SPDX-License-Identifier: Apache-2.0
// Mamba-3 backward; adjoints in LAYERS.md 4 and 0.5.
#include "model/zoo/mamba3_layer.hpp"

namespace ssmz::model {

template <class Real>
typename Mamba3Layer<Real>::Gradients Mamba3Layer<Real>::carve_gradients(Carver<Real>& carver,
                                                                         S length) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, e = h * w, ranks = shape_.rank,
          rows = length * ranks;
  Gradients g;
  g.proj = carver.take(length * in_.width());
  g.mixed = shape_.convolution ? carver.take(length * mixed_width_) : g.proj;
  for (Real** piece : {&g.y, &g.written}) *piece = carver.take(rows * e);
  g.key = carver.take((rows + ranks) * h * n);
  g.query = carver.take(rows * h * n);
  g.value = carver.take((rows + ranks) * e);
  g.x = ranks > 1 ? carver.take((length + 1) * e) : g.value;
  g.gamma = carver.take((length + 1) * h);
  for (Real** piece : {&g.step, &g.decay, &g.lambda, &g.log_alpha, &g.weight})
    *piece = carver.take(length * h);
  g.angle = carver.take(length * h * shape_.angles);
  for (Real** piece : {&g.b, &g.c}) *piece = carver.take(rows * n);
  for (Real** piece : {&g.qk, &g.between}) *piece = carver.take(rows * rows);
  g.since = carver.take(rows);
  g.token_between = ranks > 1 ? carver.take(length * length) : g.between;
  g.token_since = ranks > 1 ? carver.take(length) : g.since;
  const S out_scratch = ranks > 1 ? ranked_.scratch(length) : 2 * length * e;
  g.scratch = carver.take(std::max(rows * std::max(rows, w), out_scratch));
  return g;
}

template <class Real>
void Mamba3Layer<Real>::out_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                     const Real* dout, const Real* dmemory, const Tape& tape,
                                     const Gradients& g, Real* gradient) const {
  const S e = shape_.heads * shape_.values, ranks = shape_.rank;
  const Real* z = tape.in.proj + mixed_width_;
  Real* dz = g.proj + mixed_width_;
  if (ranks > 1) {
    ranked_.backward(kernels, p, length, tape.y, z, in_.width(), dout, tape.ranked, g.y, dz, in_.width(),
                     gradient, g.scratch);
  } else {
    out_.backward(kernels, p, length, tape.y, z, in_.width(), dout, tape.out, g.y, dz, in_.width(), gradient,
                  g.scratch);
  }
  for (S row = 0; row < length * ranks && dmemory != nullptr; ++row) {
    kernels.linear.axpy(Real{1} / static_cast<Real>(ranks), dmemory + row / ranks * e, g.y + row * e, e);
  }
}

template <class Real>
void Mamba3Layer<Real>::direct_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                        const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, ranks = shape_.rank;
  const auto& linear = kernels.linear;
  for (S i = 0; i < length * ranks * h; ++i) {
    const S row = i / h, head = i % h, at = (row / ranks + 1) * h + head;
    const Real gamma = tape.gamma[at];
    const Real* dy = g.y + i * w;
    for (S s = 0; s < ranks; ++s) {
      const S other = ((row / ranks + 1) * ranks + s) * h + head;
      const Real overlap = tape.overlap[i * ranks + s];
      const Real skip = s == row % ranks ? p[skip_ + head] : Real{0};
      const Real dshare = linear.dot(dy, tape.value + other * w, w);
      linear.axpy(gamma * overlap + skip, dy, g.value + other * w, w);
      if (s == row % ranks) gradient[skip_ + head] += dshare;
      g.gamma[at] += dshare * overlap;
      linear.axpy(dshare * gamma, tape.key + other * n, g.query + i * n, n);
      linear.axpy(dshare * gamma, tape.query + i * n, g.key + other * n, n);
    }
  }
}

template <class Real>
void Mamba3Layer<Real>::memory_backward(const KernelTable<Real>& kernels, S length, const Real* start,
                                        const Tape& tape, const Gradients& g) const {
  const S h = shape_.heads, n = shape_.keys, w = shape_.values, ranks = shape_.rank, rows = length * ranks;
  const auto& linear = kernels.linear;
  for (S i = 0; i < h; ++i) {
    const HeadChunk<Real> chunk = head_chunk(tape, i, length, start);
    std::fill_n(g.since, rows, Real{0});
    attend_backward(kernels, chunk, head_tape(tape, i, length), g.y + i * w, h * w,
                    {g.query + i * n, h * n, g.written + i * w, h * w, g.qk, g.between, g.since, g.scratch});
    linear.gemm_nn(g.qk, rows, chunk.k, h * n, g.query + i * n, h * n, rows, n, rows, true);
    linear.gemm_tn(g.qk, rows, chunk.q, h * n, g.key + i * n, h * n, rows, n, rows, true);
    if (ranks > 1) {
      std::fill_n(g.token_between, length * length, Real{0});
      std::fill_n(g.token_since, length, Real{0});
      for (S t = 0; t < rows; ++t) {
        g.token_since[t / ranks] += g.since[t];
        for (S s = 0; s < rows; ++s)
          g.token_between[t / ranks * length + s / ranks] += g.between[t * rows + s];
      }
    }
    decay_backward(ChunkDecay<Real>{tape.token_between + i * round_up16(length * length),
                                    tape.token_since + i * round_up16(length)},
                   g.token_between, g.token_since, length, g.log_alpha + i, h);
  }
}

template <class Real>
void Mamba3Layer<Real>::weights_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                                         const Gradients& g) const {
  const S h = shape_.heads, w = shape_.values, ranks = shape_.rank;
  for (S i = 0; i < length * h; ++i) {
    Real dweight{0};
    for (S r = 0; r < ranks; ++r) {
      const S at = ((i / h * ranks + r) * h + i % h) * w;
      const Real* dwritten = g.written + at;
      dweight += kernels.linear.dot(dwritten, tape.value + at, w);
      kernels.linear.axpy(tape.weight[i], dwritten, g.value + at, w);
    }
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

/// From the gradients of v_r to those of x and m_x. The token before the chunk counts for m_x too.
template <class Real>
void Mamba3Layer<Real>::values_backward(const KernelTable<Real>& kernels, const Real* p, S length,
                                        const Tape& tape, const Gradients& g, Real* gradient) const {
  const S e = shape_.heads * shape_.values, ranks = shape_.rank;
  for (S row = 0; row < (length + 1) * ranks && ranks > 1; ++row) {
    const S t = row / ranks, r = row % ranks;
    kernels.math.multiply_add(g.value + row * e, p + rank_values_ + r * e, g.x + t * e, e);
    kernels.math.multiply_add(g.value + row * e, tape.x + t * e, gradient + rank_values_ + r * e, e);
  }
}

template <class Real>
void Mamba3Layer<Real>::turn_backward(S length, const Tape& tape, const Gradients& g, Real* gradient) const {
  const S h = shape_.heads, n = shape_.keys, q = shape_.angles, ranks = shape_.rank;
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
      for (S r = 0; r < ranks; ++r) {
        const S key = ((t + 1) * ranks + r) * h + i, query = (t * ranks + r) * h + i, bias = (r * h + i) * n;
        turn_back(tape.key + key * n, g.key + key * n, at, gradient + b_bias_ + bias,
                  g.b + (t * ranks + r) * n);
        turn_back(tape.query + query * n, g.query + query * n, at, gradient + c_bias_ + bias,
                  g.c + (t * ranks + r) * n);
      }
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
  const S n = shape_.keys, e = shape_.heads * shape_.values, r = shape_.rank;
  const S stride = shape_.convolution ? mixed_width_ : in_.width();
  for (S t = 0; t < length; ++t) {
    const Real* row = mixed(tape) + t * mixed_stride();
    Real* drow = g.mixed + t * stride;
    std::copy_n(g.x + (t + 1) * e, e, drow);
    std::fill_n(drow + e, 2 * r * n, Real{0});
    kernels.block.rms_norm_backward(row + e, p + b_norm_, tape.b_scale + t * r, g.b + t * r * n, drow + e,
                                    gradient + b_norm_, r, n);
    kernels.block.rms_norm_backward(row + e + r * n, p + c_norm_, tape.c_scale + t * r, g.c + t * r * n,
                                    drow + e + r * n, gradient + c_norm_, r, n);
  }
}

template <class Real>
void Mamba3Layer<Real>::backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                                 const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                                 Real* memory) const {
  const S length = context.length;
  const KernelTable<Real>& kernels = *context.kernels;
  const Real* p = weights.parameters;
  Carver<Real> tape_carver(memory), scratch(context.scratch);
  const Tape tape = carve(tape_carver, length, true);
  const Gradients g = carve_gradients(scratch, length);
  std::fill_n(context.scratch, scratch.used(), Real{0});

  out_backward(kernels, p, length, dout, context.memory_out_gradient, tape, g, gradient);
  direct_backward(kernels, p, length, tape, g, gradient);
  memory_backward(kernels, length, start, tape, g);
  weights_backward(kernels, length, tape, g);
  values_backward(kernels, p, length, tape, g, gradient);
  turn_backward(length, tape, g, gradient);
  step_sizes_backward(kernels, length, tape, g, gradient);
  norms_backward(kernels, p, length, tape, g, gradient);
  in_.backward(kernels, p, length, cut(start).tail, u, tape.in, g.mixed, g.proj, du, gradient);
}

template class Mamba3Layer<float>;
template class Mamba3Layer<double>;

}  // namespace ssmz::model
