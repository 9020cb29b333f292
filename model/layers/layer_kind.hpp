// SPDX-License-Identifier: Apache-2.0
// What a stack's text can name: a row for each kind of layer, and catalogues of rows.
//
// Catalogues are passed explicitly: a program links the layers of those it names. core_layers() holds what
// the levels of the compressor use; all_layers() (model/zoo/all_layers.hpp, a library of its own) holds every
// kind.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "model/layers/layer.hpp"
#include "model/layers/layer_options.hpp"

namespace ssmz::model {

/// Where in a stack a layer is to stand.
struct LayerPlace {
  std::size_t d;  ///< Width of the residual stream, a multiple of 16.
  /// LayerSizes::memory of the nearest lower layer that offers a read-out or summaries, else 0.
  std::size_t readout_width, summaries_width;
};

/// One kind of layer. Each is a constant in the layer's own source.
struct LayerKind {
  template <class Real>
  using Make = std::unique_ptr<Layer<Real>> (*)(LayerOptions&, const LayerPlace&);

  std::string_view name;  ///< As it stands in a stack's text.
  std::string_view help;  ///< What it is, and its options with their defaults; one line.
  Make<float> make_float;
  Make<double> make_double;

  /// Makes the layer, taking its options; mistakes are noted in `options`.
  template <class Real>
  [[nodiscard]] std::unique_ptr<Layer<Real>> make(LayerOptions& options, const LayerPlace& place) const {
    if constexpr (std::is_same_v<Real, float>) {
      return make_float(options, place);
    } else {
      return make_double(options, place);
    }
  }
};

/// The kinds a stack may be made of; lives as long as the program.
using LayerCatalogue = std::span<const LayerKind* const>;

/// s6 and mlp.
[[nodiscard]] LayerCatalogue core_layers() noexcept;

/// The kind called `name`, or nullptr.
[[nodiscard]] const LayerKind* find_layer(LayerCatalogue catalogue, std::string_view name) noexcept;

/// One line per kind, "name: help", for the help texts of programs.
[[nodiscard]] std::string layer_help(LayerCatalogue catalogue);

}  // namespace ssmz::model
