// SPDX-License-Identifier: Apache-2.0
// What the two sources of GdnLayer share: the gradients of a chunk.
#pragma once

#include <algorithm>
#include <cmath>

#include "model/zoo/gdn_layer.hpp"

namespace ssmz::model {

/// Gradients of the tape's arrays of the same name, and scratch.
template <class Real>
struct GdnLayer<Real>::Gradients {
  Real* in;
  Real* conv;
  Real* q;
  Real* k;
  Real* o;
  Real* gated;  ///< Then of the normed output.
  Real* beta;
  Real* log_alpha;
  Real* qk;  ///< One head's, as the next five.
  Real* between;
  Real* since;
  Real* u;  ///< Then of the solve's right side.
  Real* square;
  Real* rows;
  Real* solve;  ///< The transposed erase matrix, then the negated gradient of erase.

  static Gradients carve(Carver<Real>& carver, const GdnLayer& layer, std::size_t length) {
    const std::size_t square = length * length, values = length * layer.shape_.values;
    Gradients g;
    g.in = carver.take(length * layer.in_width_);
    g.conv = carver.take(length * layer.conv_width_);
    g.q = carver.take(length * layer.key_width_);
    g.k = carver.take(length * layer.key_width_);
    g.o = carver.take(length * layer.value_width_);
    g.gated = carver.take(length * layer.value_width_);
    g.beta = carver.take(length * layer.shape_.heads);
    g.log_alpha = carver.take(length * layer.shape_.heads);
    g.qk = carver.take(square);
    g.between = carver.take(square);
    g.since = carver.take(length);
    g.u = carver.take(values);
    g.square = carver.take(square);
    g.rows = carver.take(std::max({square, values, length * layer.shape_.heads}));
    g.solve = carver.take(square);
    return g;
  }
};

}  // namespace ssmz::model
