// SPDX-License-Identifier: Apache-2.0
// The two ends many layers share: a map in with a short convolution on some of its outputs, and a map out
// behind a norm per head and a gate.
#pragma once

#include <string>

#include "model/layers/layer.hpp"

namespace ssmz::model {

/// proj = u W [length x width]; its first `conv` columns pass a convolution of width 4 and silu.
template <class Real>
class InputMap {
 public:
  /// What forward keeps; rows are tokens.
  struct Tape {
    Real* proj;  ///< [width]
    Real* pre;   ///< [conv]: convolution before silu
    Real* act;   ///< [conv]
  };

  InputMap() = default;
  /// Declares its arrays in `list`, their names after `prefix`. Widths are multiples of 16; `conv` may be 0.
  InputMap(ParameterList& list, const std::string& prefix, std::size_t d, std::size_t width,
           std::size_t conv);

  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  /// Elements of the state: the last three inputs of the convolution.
  [[nodiscard]] std::size_t state() const noexcept { return 3 * conv_; }
  [[nodiscard]] Tape carve(Carver<Real>& carver, std::size_t length) const;
  void initialise(Random& random, Real* parameters) const;

  /// `start` and `end` (or nullptr) are its state; they may be the same.
  void forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
               const Real* start, Real* end, const Real* u, const Tape& tape) const;
  /// Takes dact [length x conv] and dproj [length x width], whose first `conv` columns it writes; writes du
  /// (adds to it if `accumulate`).
  void backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length,
                const Real* start, const Real* u, const Tape& tape, const Real* dact, Real* dproj, Real* du,
                Real* gradient, bool accumulate = false) const;

 private:
  [[nodiscard]] Convolution<Real> convolution(const Real* parameters, std::size_t length, const Real* start,
                                              const Tape& tape) const;
  std::size_t d_ = 0, width_ = 0, conv_ = 0;
  std::size_t in_ = 0, weight_ = 0, bias_ = 0;
};

/// out = (RMSNorm_head(y) o silu(z)) W; the norm can be left out.
template <class Real>
class OutputMap {
 public:
  struct Tape {
    Real* normed;  ///< [heads x values]
    Real* scales;  ///< [heads]
    Real* gated;   ///< [heads x values]
  };

  OutputMap() = default;
  OutputMap(ParameterList& list, const std::string& prefix, std::size_t d, std::size_t heads,
            std::size_t values, bool norm);

  [[nodiscard]] Tape carve(Carver<Real>& carver, std::size_t length) const;
  void initialise(Random& random, float residual_scale, Real* parameters) const;

  /// y [length x heads x values]; rows of z are `z_stride` apart.
  void forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* y,
               const Real* z, std::size_t z_stride, Real* out, const Tape& tape) const;
  /// Writes dy (contiguous) and dz (rows `dz_stride` apart); `scratch` has 2 length heads values elements.
  void backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* y,
                const Real* z, std::size_t z_stride, const Real* dout, const Tape& tape, Real* dy, Real* dz,
                std::size_t dz_stride, Real* gradient, Real* scratch) const;

 private:
  std::size_t d_ = 0, heads_ = 0, values_ = 0, norm_ = 0, out_ = 0;
  bool normed_ = false;
};

/// out = l o silu(r), (l, r) = silu(y) W: the mixing of channels behind a layer that runs each on its own.
template <class Real>
class GluMap {
 public:
  struct Tape {
    Real* act;   ///< [width]
    Real* pair;  ///< [2 d]
  };

  GluMap() = default;
  GluMap(ParameterList& list, const std::string& prefix, std::size_t width, std::size_t d)
      : width_(width), d_(d), out_(list.add_map(prefix + "out", width, 2 * d)) {}

  [[nodiscard]] Tape carve(Carver<Real>& carver, std::size_t length) const {
    Tape tape;
    tape.act = carver.take(length * width_);
    tape.pair = carver.take(length * 2 * d_);
    return tape;
  }
  void initialise(Random& random, float residual_scale, Real* parameters) const;
  void forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* y,
               Real* out, const Tape& tape) const;
  /// Writes dy; `scratch` has 2 length d elements.
  void backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* y,
                const Real* dout, const Tape& tape, Real* dy, Real* gradient, Real* scratch) const;

 private:
  std::size_t width_ = 0, d_ = 0, out_ = 0;
};

extern template class GluMap<float>;
extern template class GluMap<double>;
extern template class InputMap<float>;
extern template class InputMap<double>;
extern template class OutputMap<float>;
extern template class OutputMap<double>;

}  // namespace ssmz::model
