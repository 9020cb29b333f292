// SPDX-License-Identifier: Apache-2.0
// A symbol's decisions through a decision model of contexts alone: no matches, no followers.
#pragma once

#include <cstdint>

#include "codec/predict/decision_io.hpp"
#include "codec/predict/decision_model.hpp"
#include "codec/predict/symbol_path.hpp"

namespace ssmz::codec {

/// Order of calls: begin(), decide() for each decision, end().
class SymbolWalk {
 public:
  explicit SymbolWalk(DecisionModel& model) noexcept : model_(model) {}

  /// `set_contexts()` sets the model's contexts of the coming symbol.
  template <class SetContexts>
  void begin(SetContexts&& set_contexts) {
    model_.begin_symbol([](std::uint32_t) { return SymbolPath{}; },
                        [&] {
                          set_contexts();
                          return tree;
                        });
  }

  /// Codes one decision; `choose()` returns the DecisionContexts. `last`: of the symbol.
  template <class Choose>
  unsigned decide(DecisionIo& io, bool bit, const Position& at, unsigned phase, Choose&& choose, bool last) {
    return model_.decide(io, bit, at, phase, choose,
                         [last](unsigned) { return NextDecision{.same_tree = !last}; });
  }

  void end(std::uint32_t symbol) { model_.end_symbol(symbol); }

 private:
  static constexpr unsigned tree = 1;
  DecisionModel& model_;
};

}  // namespace ssmz::codec
