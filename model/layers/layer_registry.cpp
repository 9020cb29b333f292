// SPDX-License-Identifier: Apache-2.0
// The table of layers: name, options in words, and how to make one. New layers are added here.
#include "model/layers/layer_registry.hpp"

#include <algorithm>
#include <utility>

#include "model/layers/layer_kind.hpp"
#include "model/layers/mlp_layer.hpp"
#include "model/layers/s6_layer.hpp"
#include "model/zoo/gdn_layer.hpp"
#include "model/zoo/ssd_layer.hpp"
#include "model/zoo/swa_layer.hpp"

namespace ssmz::model {
namespace {

template <class Real>
std::unique_ptr<Layer<Real>> make_s6(LayerOptions& options, const LayerPlace& place) {
  S6Shape shape;
  shape.d = place.d;
  shape.width = whole_vectors(options, options.take_size("e", 2 * place.d, 16, 4096), "option 'e'");
  shape.states = options.take_size("n", 16, 1, 62);
  shape.rank = options.take_size("r", (place.d + 15) / 16, 1, 256);
  shape.polarised = options.take_flag("polar");
  if (shape.polarised) shape.states += 2;
  shape.mimetic = options.take_flag("mimetic");
  shape.half_lives = take_half_lives(options, {1, 8, 64, 2048});
  return std::make_unique<S6Layer<Real>>(shape);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_gdn(LayerOptions& options, const LayerPlace& place) {
  GdnShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.keys = whole_vectors(options, options.take_size("dk", 32, 16, 256), "option 'dk'");
  const std::size_t values = std::clamp<std::size_t>(round_up16(2 * place.d / shape.heads), 16, 512);
  shape.values = whole_vectors(options, options.take_size("dv", values, 16, 512), "option 'dv'");
  shape.half_lives = take_half_lives(options, {8, 64, 512, 8192});
  shape.direct = !options.take_flag("nodirect");
  shape.longhorn = options.take_flag("longhorn");
  shape.negative = options.take_flag("neg");
  return std::make_unique<GdnLayer<Real>>(std::move(shape));
}

template <class Real>
std::unique_ptr<Layer<Real>> make_ssd(LayerOptions& options, const LayerPlace& place) {
  SsdShape shape;
  shape.d = place.d;
  shape.values = whole_vectors(options, options.take_size("p", 32, 16, 256), "option 'p'");
  shape.heads = options.take_size("h", std::max<std::size_t>(2 * place.d / shape.values, 1), 1, 64);
  shape.states = whole_vectors(options, options.take_size("n", 32, 16, 256), "option 'n'");
  shape.half_lives = take_half_lives(options, {1, 8, 64, 2048});
  shape.mimetic = options.take_flag("mimetic");
  return std::make_unique<SsdLayer<Real>>(std::move(shape));
}

template <class Real>
std::unique_ptr<Layer<Real>> make_swa(LayerOptions& options, const LayerPlace& place) {
  SwaShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.window = options.take_size("w", 128, 1, 4096);
  if (place.d % shape.heads != 0) {
    options.reject("option 'h' must divide the width of the stack");
    shape.heads = 1;
  }
  return std::make_unique<SwaLayer<Real>>(shape);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_mlp(LayerOptions& options, const LayerPlace& place) {
  const std::size_t hidden = options.take_size("", 2 * place.d, 16, 8192);
  return std::make_unique<MlpLayer<Real>>(place.d, whole_vectors(options, hidden, "the hidden width"));
}

template <class Real>
constexpr LayerKind<Real> kKinds[] = {
    {"s6",
     "selective scan (Mamba): e inner width (2d), n states per channel (16), r step-size rank (d/16), "
     "polar adds a slow and an instant state, mimetic, ladder=half-life/...",
     make_s6<Real>},
    {"gdn",
     "Gated DeltaNet: h heads (4), dk key width (32), dv value width (2d/h), ladder half-lives per head "
     "(8/64/512/8192), nodirect, longhorn, neg",
     make_gdn<Real>},
    {"ssd",
     "Mamba-2: h heads (2d/p) of p values (32), n states (32), ladder half-lives per head (1/8/64/2048), "
     "mimetic",
     make_ssd<Real>},
    {"swa", "sliding-window attention: w tokens seen (128), h heads (4)", make_swa<Real>},
    {"mlp", "SwiGLU feed-forward: a bare number is the hidden width (2d)", make_mlp<Real>},
};

}  // namespace

template <class Real>
std::unique_ptr<Layer<Real>> make_layer(std::string_view name, LayerOptions& options,
                                        const LayerPlace& place) {
  for (const LayerKind<Real>& kind : kKinds<Real>) {
    if (kind.name == name) return kind.make(options, place);
  }
  for (const LayerKind<Real>& kind : further_kinds<Real>()) {
    if (kind.name == name) return kind.make(options, place);
  }
  return nullptr;
}

template std::unique_ptr<Layer<float>> make_layer(std::string_view, LayerOptions&, const LayerPlace&);
template std::unique_ptr<Layer<double>> make_layer(std::string_view, LayerOptions&, const LayerPlace&);

std::string layer_help() {
  std::string text;
  for (const LayerKind<float>& kind : kKinds<float>) text += std::string(kind.name) + ": " + kind.help + "\n";
  for (const LayerKind<float>& kind : further_kinds<float>()) {
    text += std::string(kind.name) + ": " + kind.help + "\n";
  }
  return text;
}

}  // namespace ssmz::model
