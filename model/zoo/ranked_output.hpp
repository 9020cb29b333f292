// SPDX-License-Identifier: Apache-2.0
// The map out of Mamba-3's MIMO form: several read-outs of a head, each gated by itself, become one
// (LAYERS.md 4).
#pragma once

#include "model/layers/layer.hpp"

namespace ssmz::model {

/// out = (sum_r m_o[r] o RMSNorm_head(y_r) o silu(z o m_z[r])) W over R read-outs y_r of a token; m_o and m_z
/// are vectors per rank and head.
template <class Real>
class RankedOutputMap {
 public:
  /// Sizes: e = heads x values.
  struct Shape {
    std::size_t d, heads, values, rank;
  };
  /// Rows are read-outs (token by token, rank by rank), those of `mixed` tokens.
  struct Tape {
    Real* normed;  ///< [e]
    Real* scales;  ///< [heads]
    Real* z;       ///< [e]: z o m_z
    Real* gated;   ///< [e]
    Real* mixed;   ///< [e]
  };

  RankedOutputMap() = default;
  /// Declares its arrays in `list`.
  RankedOutputMap(ParameterList& list, const Shape& shape);

  [[nodiscard]] Tape carve(Carver<Real>& carver, std::size_t length) const;
  void initialise(Random& random, float residual_scale, Real* parameters) const;
  /// Elements backward() needs as scratch.
  [[nodiscard]] std::size_t scratch(std::size_t length) const noexcept {
    return (length * (shape_.rank + 1) + 2) * width();
  }

  /// y [length x rank x e]; rows of z [e] are `z_stride` apart.
  void forward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* y,
               const Real* z, std::size_t z_stride, Real* out, const Tape& tape) const;
  /// Adds to dy, and to dz (rows `dz_stride` apart).
  void backward(const KernelTable<Real>& kernels, const Real* parameters, std::size_t length, const Real* y,
                const Real* z, std::size_t z_stride, const Real* dout, const Tape& tape, Real* dy, Real* dz,
                std::size_t dz_stride, Real* gradient, Real* scratch) const;

 private:
  [[nodiscard]] std::size_t width() const noexcept { return shape_.heads * shape_.values; }

  Shape shape_{};
  std::size_t norm_ = 0, gate_ = 0, mix_ = 0, out_ = 0;
};

extern template class RankedOutputMap<float>;
extern template class RankedOutputMap<double>;

}  // namespace ssmz::model
