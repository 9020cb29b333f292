// SPDX-License-Identifier: Apache-2.0
// Second part of the table of layers.
#include "model/layer_kind.hpp"
#include "model/mamba3_layer.hpp"

namespace ssmz::model {
namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_mamba3(LayerOptions& options, const LayerPlace& place) {
  Mamba3Shape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  const std::size_t even = round_up16((2 * place.d + shape.heads - 1) / shape.heads);
  shape.values = whole_vectors(options, options.take_size("p", even, 16, 512), "option 'p'");
  shape.keys = whole_vectors(options, options.take_size("n", 64, 16, 256), "option 'n'");
  shape.angles = options.take_size("q", shape.keys / 4, 1, shape.keys / 2);
  shape.convolution = !options.take_flag("noconv");
  shape.heavy_tail = !options.take_flag("softplus");
  shape.half_lives = take_half_lives(options, {2, 16, 128, 1024});
  return std::make_unique<Mamba3Layer<Real>>(shape);
}

template <class Real>
constexpr LayerKind<Real> kKinds[] = {
    {"mamba3",
     "Mamba-3: h heads (4), p head width (2d/h), n key width (64), q rotating pairs (n/4), noconv, "
     "softplus decay instead of the heavy-tailed one, ladder=half-life/...",
     make_mamba3<Real>},
};

}  // namespace

template <class Real>
std::span<const LayerKind<Real>> further_kinds() {
  return kKinds<Real>;
}

template std::span<const LayerKind<float>> further_kinds();
template std::span<const LayerKind<double>> further_kinds();

}  // namespace ssmz::model
