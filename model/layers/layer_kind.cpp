// SPDX-License-Identifier: Apache-2.0
// The core catalogue, and reading catalogues.
#include "model/layers/layer_kind.hpp"

#include "model/layers/mlp_layer.hpp"
#include "model/layers/s6_layer.hpp"

namespace ssmz::model {

LayerCatalogue core_layers() noexcept {
  static constexpr const LayerKind* rows[] = {&kS6Layer, &kMlpLayer};
  return rows;
}

const LayerKind* find_layer(LayerCatalogue catalogue, std::string_view name) noexcept {
  for (const LayerKind* kind : catalogue) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

std::string layer_help(LayerCatalogue catalogue) {
  std::string text;
  for (const LayerKind* kind : catalogue)
    text.append(kind->name).append(": ").append(kind->help).append("\n");
  return text;
}

}  // namespace ssmz::model
