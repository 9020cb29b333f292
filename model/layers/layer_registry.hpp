// SPDX-License-Identifier: Apache-2.0
// The layers a stack description can name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "model/layers/layer.hpp"
#include "model/layers/layer_options.hpp"

namespace ssmz::model {

/// Where in a stack a layer is to stand.
struct LayerPlace {
  std::size_t d;  ///< Width of the residual stream, a multiple of 16.
  /// LayerSizes::memory of the nearest lower layer that offers a read-out or summaries, else 0.
  std::size_t readout_width, summaries_width;
};

/// Makes the layer called `name`, taking its options; mistakes are noted in `options`. nullptr if there is no
/// such layer.
template <class Real>
[[nodiscard]] std::unique_ptr<Layer<Real>> make_layer(std::string_view name, LayerOptions& options,
                                                      const LayerPlace& place);

extern template std::unique_ptr<Layer<float>> make_layer(std::string_view, LayerOptions&, const LayerPlace&);
extern template std::unique_ptr<Layer<double>> make_layer(std::string_view, LayerOptions&, const LayerPlace&);

/// One line per layer and its options, for help texts and error messages.
[[nodiscard]] std::string layer_help();

}  // namespace ssmz::model
