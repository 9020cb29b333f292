// SPDX-License-Identifier: Apache-2.0
// Base of the layers whose step is their chunk form of one token.
#pragma once

#include "model/layers/layer.hpp"

namespace ssmz::model {

/// A layer written once for both forms. `Derived` names this class its friend and has
///
///     Tape carve(Carver<Real>& carver, std::size_t length) const;
///     void run(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
///              Real* end, const Real* u, Real* out, const Tape& tape) const;
///
/// where run is Layer::forward on a tape that is carved already. For a step the tape is the scratch, `end` is
/// `start`, and the context has neither scratch nor gradients. It declares its parameters in `list_`.
template <class Derived, class Real>
class ChunkFormLayer : public Layer<Real> {
 public:
  void declare(ParameterList& list) const final { list.append("", list_); }

  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const final {
    const ChunkContext<Real> one{context.kernels,    nullptr,           1,
                                 context.position,   &context.surprise, context.memory_in,
                                 context.memory_out, nullptr,           nullptr};
    Carver<Real> carver(context.scratch);
    self().run(one, weights, state, state, u, out, self().carve(carver, 1));
  }

  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const final {
    Carver<Real> carver(tape);
    self().run(context, weights, start, end, u, out, self().carve(carver, context.length));
  }

 protected:
  /// The sizes of step_scratch and tape; all others are 0.
  [[nodiscard]] LayerSizes tape_sizes(std::size_t length) const {
    return carved_sizes<Real>(
        length, [&](Carver<Real>& carver, std::size_t tokens) { self().carve(carver, tokens); });
  }

  ParameterList list_;

 private:
  [[nodiscard]] const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }
};

}  // namespace ssmz::model
