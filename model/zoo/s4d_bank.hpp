// SPDX-License-Identifier: Apache-2.0
// A bank of fixed complex decays for each channel (arXiv 2206.11893; LAYERS.md 1), the part that S4D, H3 and
// GSS share.
#pragma once

#include <string>

#include "model/layers/layer.hpp"
#include "model/zoo/complex_scan.hpp"

namespace ssmz::model {

/// Per channel, over states / 2 modes: h <- exp(D A) h + u; y = 2 Re sum_n C_n f_n h_n + skip u, f = (exp(D
/// A) - 1) / A. Modes are mode-major [n x width].
template <class Real>
class S4dBank {
 public:
  struct Tape {
    Real* h;      ///< [2 modes], rows are tokens
    Real* minus;  ///< [modes] in all
  };

  S4dBank() = default;
  /// Declares its arrays in `list`. `width` is a multiple of 16; `states` counts both of each conjugate pair.
  S4dBank(ParameterList& list, std::size_t width, std::size_t states, FrequencyStart start);

  [[nodiscard]] std::size_t state() const noexcept { return 2 * n_; }
  [[nodiscard]] std::size_t prepared() const noexcept { return 9 * n_; }
  /// Elements of backward's scratch.
  [[nodiscard]] std::size_t scratch(std::size_t length) const noexcept { return length * 2 * n_ + 10 * n_; }
  [[nodiscard]] Tape carve(Carver<Real>& carver, std::size_t length) const;
  void initialise(Random& random, Real* parameters) const;
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const;

  /// y [length x width] of u [length x width]; `start` and `end` (or nullptr) may be the same.
  void forward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
               const Real* start, Real* end, const Real* u, Real* y, const Tape& tape) const;
  /// Writes du; may change the tape.
  void backward(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t length,
                const Real* start, const Real* u, const Real* dy, Real* du, Real* gradient, const Tape& tape,
                Real* scratch) const;

 private:
  struct Prepared {
    DiscreteModes<Real> modes;
    Real* read;  ///< 2 Re(C f), then -2 Im(C f)
  };
  Prepared cut(Real* prepared, const Real* parameters) const;

  std::size_t width_ = 0, n_ = 0, states_ = 0;
  FrequencyStart start_ = FrequencyStart::legs;
  std::size_t log_step_ = 0, decay_log_ = 0, frequency_ = 0, c_ = 0, skip_ = 0;
};

extern template class S4dBank<float>;
extern template class S4dBank<double>;

}  // namespace ssmz::model
