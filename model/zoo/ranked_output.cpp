// SPDX-License-Identifier: Apache-2.0
// Several gated read-outs to one output.
#include "model/zoo/ranked_output.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kHeadNormEpsilon = 1e-5f;

}  // namespace

template <class Real>
RankedOutputMap<Real>::RankedOutputMap(ParameterList& list, const Shape& shape) : shape_(shape) {
  norm_ = list.add("head_norm", {shape.values});
  gate_ = list.add("rank_gate", {shape.rank, shape.heads, shape.values});
  mix_ = list.add("rank_out", {shape.rank, shape.heads, shape.values});
  out_ = list.add_map("out", width(), shape.d);
}

template <class Real>
typename RankedOutputMap<Real>::Tape RankedOutputMap<Real>::carve(Carver<Real>& carver,
                                                                  std::size_t length) const {
  const std::size_t rows = length * shape_.rank;
  Tape tape;
  tape.normed = carver.take(rows * width());
  tape.scales = carver.take(rows * shape_.heads);
  tape.z = carver.take(rows * width());
  tape.gated = carver.take(rows * width());
  tape.mixed = carver.take(length * width());
  return tape;
}

template <class Real>
void RankedOutputMap<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  std::fill_n(parameters + norm_, shape_.values, Real{1});
  std::fill_n(parameters + gate_, shape_.rank * width(), Real{1});
  std::fill_n(parameters + mix_, shape_.rank * width(), Real{1} / static_cast<Real>(shape_.rank));
  draw_linear(random, width(), residual_scale, parameters + out_, width() * shape_.d);
}

template <class Real>
void RankedOutputMap<Real>::forward(const KernelTable<Real>& kernels, const Real* parameters,
                                    std::size_t length, const Real* y, const Real* z, std::size_t z_stride,
                                    Real* out, const Tape& tape) const {
  const std::size_t e = width(), d = shape_.d, rank = shape_.rank;
  kernels.block.rms_norm(y, parameters + norm_, tape.normed, tape.scales, length * rank * shape_.heads,
                         shape_.values, Real{kHeadNormEpsilon});
  std::fill_n(tape.mixed, length * e, Real{0});
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t r = 0; r < rank; ++r) {
      const std::size_t row = (t * rank + r) * e;
      kernels.math.multiply(z + t * z_stride, parameters + gate_ + r * e, tape.z + row, e);
      kernels.math.gate(tape.normed + row, tape.z + row, tape.gated + row, e);
      kernels.math.multiply_add(tape.gated + row, parameters + mix_ + r * e, tape.mixed + t * e, e);
    }
  }
  apply_map(kernels, tape.mixed, e, parameters + out_, out, d, length, d, e);
}

template <class Real>
void RankedOutputMap<Real>::backward(const KernelTable<Real>& kernels, const Real* parameters,
                                     std::size_t length, const Real* y, const Real* z, std::size_t z_stride,
                                     const Real* dout, const Tape& tape, Real* dy, Real* dz,
                                     std::size_t dz_stride, Real* gradient, Real* scratch) const {
  const std::size_t e = width(), d = shape_.d, rank = shape_.rank;
  Real *dmixed = scratch, *dnormed = dmixed + length * e, *dgated = dnormed + length * rank * e,
       *dgate = dgated + e;
  kernels.linear.gemm_tn(tape.mixed, e, dout, d, gradient + out_, d, e, d, length, true);
  kernels.linear.gemm_nt(dout, d, parameters + out_, d, dmixed, e, length, e, d, false);
  for (std::size_t t = 0; t < length; ++t) {
    for (std::size_t r = 0; r < rank; ++r) {
      const std::size_t row = (t * rank + r) * e;
      kernels.math.multiply_add(dmixed + t * e, tape.gated + row, gradient + mix_ + r * e, e);
      kernels.math.multiply(dmixed + t * e, parameters + mix_ + r * e, dgated, e);
      kernels.math.gate_backward(tape.normed + row, tape.z + row, dgated, dnormed + row, dgate, e);
      kernels.math.multiply_add(dgate, z + t * z_stride, gradient + gate_ + r * e, e);
      kernels.math.multiply_add(dgate, parameters + gate_ + r * e, dz + t * dz_stride, e);
    }
  }
  kernels.block.rms_norm_backward(y, parameters + norm_, tape.scales, dnormed, dy, gradient + norm_,
                                  length * rank * shape_.heads, shape_.values);
}

template class RankedOutputMap<float>;
template class RankedOutputMap<double>;

}  // namespace ssmz::model
