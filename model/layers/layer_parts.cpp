// SPDX-License-Identifier: Apache-2.0
// The maps in and out that layers share.
#include "model/layers/layer_parts.hpp"

#include "model/layers/initialisation.hpp"

namespace ssmz::model {
namespace {

constexpr float kHeadNormEpsilon = 1e-5f;  // FORMAT

}  // namespace

template <class Real>
InputMap<Real>::InputMap(ParameterList& list, const std::string& prefix, std::size_t d, std::size_t width,
                         std::size_t conv)
    : d_(d), width_(width), conv_(conv) {
  in_ = list.add_map(prefix + "in", d, width);
  if (conv == 0) return;
  weight_ = list.add(prefix + "conv_weight", {4, conv});
  bias_ = list.add(prefix + "conv_bias", {conv});
}

template <class Real>
typename InputMap<Real>::Tape InputMap<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.proj = carver.take(length * width_);
  tape.pre = carver.take(length * conv_);
  tape.act = carver.take(length * conv_);
  return tape;
}

template <class Real>
void InputMap<Real>::initialise(Random& random, Real* parameters) const {
  draw_linear(random, d_, 1.0f, parameters + in_, d_ * width_);
  if (conv_ > 0) draw_linear(random, 4, 1.0f, parameters + weight_, 4 * conv_);
}

template <class Real>
Convolution<Real> InputMap<Real>::convolution(const Real* parameters, std::size_t length, const Real* start,
                                              const Tape& tape) const {
  return {length, conv_, tape.proj, width_, start, parameters + weight_, parameters + bias_};
}

template <class Real>
void InputMap<Real>::forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                             const Real* start, Real* end, const Real* u, const Tape& tape) const {
  apply_map(kernels, u, d_, parameters + in_, tape.proj, width_, length, width_, d_);
  if (conv_ == 0) return;
  kernels.block.convolve(convolution(parameters, length, start, tape), tape.pre, tape.act, end);
}

template <class Real>
void InputMap<Real>::backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                              const Real* start, const Real* u, const Tape& tape, const Real* dact,
                              Real* dproj, Real* du, Real* gradient, bool accumulate) const {
  if (conv_ > 0) {
    kernels.block.convolve_backward(convolution(parameters, length, start, tape), tape.pre, dact, dproj,
                                    width_, gradient + weight_, gradient + bias_);
  }
  kernels.linear.gemm_tn(u, d_, dproj, width_, gradient + in_, width_, d_, width_, length, true);
  kernels.linear.gemm_nt(dproj, width_, parameters + in_, width_, du, d_, length, d_, width_, accumulate);
}

template <class Real>
OutputMap<Real>::OutputMap(ParameterList& list, const std::string& prefix, std::size_t d, std::size_t heads,
                           std::size_t values, bool norm)
    : d_(d), heads_(heads), values_(values), normed_(norm) {
  if (norm) norm_ = list.add(prefix + "head_norm", {values});
  out_ = list.add_map(prefix + "out", heads * values, d);
}

template <class Real>
typename OutputMap<Real>::Tape OutputMap<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.normed = carver.take(length * heads_ * values_);
  tape.scales = carver.take(length * heads_);
  tape.gated = carver.take(length * heads_ * values_);
  return tape;
}

template <class Real>
void OutputMap<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  const std::size_t e = heads_ * values_;
  if (normed_) std::fill_n(parameters + norm_, values_, Real{1});
  draw_linear(random, e, residual_scale, parameters + out_, e * d_);
}

template <class Real>
void OutputMap<Real>::forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                              const Real* y, const Real* z, std::size_t z_stride, Real* out,
                              const Tape& tape) const {
  const std::size_t e = heads_ * values_;
  if (normed_) {
    kernels.block.rms_norm(y, parameters + norm_, tape.normed, tape.scales, length * heads_, values_,
                           Real{kHeadNormEpsilon});
  }
  const Real* from = normed_ ? tape.normed : y;
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.gate(from + t * e, z + t * z_stride, tape.gated + t * e, e);
  }
  apply_map(kernels, tape.gated, e, parameters + out_, out, d_, length, d_, e);
}

template <class Real>
void OutputMap<Real>::backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                               const Real* y, const Real* z, std::size_t z_stride, const Real* dout,
                               const Tape& tape, Real* dy, Real* dz, std::size_t dz_stride, Real* gradient,
                               Real* scratch) const {
  const std::size_t e = heads_ * values_;
  Real* dgated = scratch;
  Real* dnormed = normed_ ? scratch + length * e : dy;
  const Real* from = normed_ ? tape.normed : y;
  kernels.linear.gemm_tn(tape.gated, e, dout, d_, gradient + out_, d_, e, d_, length, true);
  kernels.linear.gemm_nt(dout, d_, parameters + out_, d_, dgated, e, length, e, d_, false);
  for (std::size_t t = 0; t < length; ++t) {
    kernels.math.gate_backward(from + t * e, z + t * z_stride, dgated + t * e, dnormed + t * e,
                               dz + t * dz_stride, e);
  }
  if (!normed_) return;
  std::fill_n(dy, length * e, Real{0});
  kernels.block.rms_norm_backward(y, parameters + norm_, tape.scales, dnormed, dy, gradient + norm_,
                                  length * heads_, values_);
}

template <class Real>
void GluMap<Real>::initialise(Random& random, float residual_scale, Real* parameters) const {
  draw_linear(random, width_, residual_scale, parameters + out_, width_ * 2 * d_);
}

template <class Real>
void GluMap<Real>::forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                           const Real* y, Real* out, const Tape& tape) const {
  kernels.math.silu(y, tape.act, length * width_);
  apply_map(kernels, tape.act, width_, parameters + out_, tape.pair, 2 * d_, length, 2 * d_, width_);
  for (std::size_t t = 0; t < length; ++t) {
    const Real* pair = tape.pair + t * 2 * d_;
    kernels.math.gate(pair, pair + d_, out + t * d_, d_);
  }
}

template <class Real>
void GluMap<Real>::backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                            const Real* y, const Real* dout, const Tape& tape, Real* dy, Real* gradient,
                            Real* scratch) const {
  for (std::size_t t = 0; t < length; ++t) {
    const Real* pair = tape.pair + t * 2 * d_;
    Real* dpair = scratch + t * 2 * d_;
    kernels.math.gate_backward(pair, pair + d_, dout + t * d_, dpair, dpair + d_, d_);
  }
  kernels.linear.gemm_tn(tape.act, width_, scratch, 2 * d_, gradient + out_, 2 * d_, width_, 2 * d_, length,
                         true);
  kernels.linear.gemm_nt(scratch, 2 * d_, parameters + out_, 2 * d_, dy, width_, length, width_, 2 * d_,
                         false);
  kernels.math.silu_backward(y, dy, dy, length * width_);
}

template class GluMap<float>;
template class GluMap<double>;
template class InputMap<float>;
template class InputMap<double>;
template class OutputMap<float>;
template class OutputMap<double>;

}  // namespace ssmz::model
