// SPDX-License-Identifier: Apache-2.0
// The catalogue of every kind of layer.
#pragma once

#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// Every kind, those of core_layers() first. Links them all.
[[nodiscard]] LayerCatalogue all_layers() noexcept;

}  // namespace ssmz::model
