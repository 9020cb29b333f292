// SPDX-License-Identifier: Apache-2.0
// Second part of the table of layers.
#include "model/layer_kind.hpp"

namespace ssmz::model {

template <class Real>
std::span<const LayerKind<Real>> further_kinds() {
  return {};
}

template std::span<const LayerKind<float>> further_kinds();
template std::span<const LayerKind<double>> further_kinds();

}  // namespace ssmz::model
