// SPDX-License-Identifier: Apache-2.0
// Second part of the table of layers.
#include "model/layers/layer_kind.hpp"
#include "model/zoo/bmojo_layer.hpp"
#include "model/zoo/gmu_layer.hpp"
#include "model/zoo/hymba_layer.hpp"
#include "model/zoo/kalman_layer.hpp"
#include "model/zoo/mamba3_layer.hpp"
#include "model/zoo/mom_layer.hpp"
#include "model/zoo/pool_layer.hpp"
#include "model/zoo/s4d_layer.hpp"
#include "model/zoo/s5_layer.hpp"

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
  shape.rank = options.take_size("r", 1, 1, 8);
  shape.convolution = !options.take_flag("noconv");
  shape.heavy_tail = !options.take_flag("softplus");
  shape.half_lives = take_half_lives(options, {2, 16, 128, 1024});
  return std::make_unique<Mamba3Layer<Real>>(shape);
}

/// S4D or S5: their options are the same.
template <template <class> class Fixed, std::size_t usual_states, class Real>
std::unique_ptr<Layer<Real>> make_fixed(LayerOptions& options, const LayerPlace& place) {
  const std::size_t states = options.take_size("n", usual_states, 2, 256);
  if (states % 2 != 0) options.reject("option 'n' must be even");
  const bool linear = options.take_flag("lin"), inverse = options.take_flag("inv");
  const bool legs = !linear && !inverse;
  if (linear && inverse) options.reject("options 'lin' and 'inv' exclude each other");
  if (legs && states != 16 && states != 32 && states != 64) {
    options.reject("without 'lin' or 'inv', option 'n' must be 16, 32 or 64");
  }
  const FrequencyStart start = legs     ? FrequencyStart::legs
                               : linear ? FrequencyStart::linear
                                        : FrequencyStart::inverse;
  return std::make_unique<Fixed<Real>>(place.d, states, start);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_gmu(LayerOptions& options, const LayerPlace& place) {
  const bool norm = options.take_flag("norm");
  if (place.readout_width == 0 || place.readout_width % 16 != 0) {
    options.reject("a GMU needs a layer below that offers memory");
    return std::make_unique<GmuLayer<Real>>(place.d, place.d, norm);
  }
  return std::make_unique<GmuLayer<Real>>(place.d, place.readout_width, norm);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_kalman(LayerOptions& options, const LayerPlace& place) {
  KalmanShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.width = whole_vectors(options, options.take_size("dk", 32, 16, 128), "option 'dk'");
  shape.half_lives = take_half_lives(options, {8, 64, 512, 8192});
  if (shape.half_lives.empty()) shape.half_lives = {8, 64, 512, 8192};
  return std::make_unique<KalmanLayer<Real>>(shape);
}

/// Takes the number of heads of an attention; they divide the width.
std::size_t take_heads(LayerOptions& options, std::size_t d) {
  const std::size_t heads = options.take_size("h", 4, 1, 64);
  if (d % heads == 0) return heads;
  options.reject("option 'h' must divide the width");
  return 1;
}

template <class Real>
std::unique_ptr<Layer<Real>> make_bmojo(LayerOptions& options, const LayerPlace& place) {
  BmojoShape shape;
  shape.d = place.d;
  shape.heads = take_heads(options, place.d);
  shape.window = options.take_size("w", 64, 1, 1024);
  shape.kept = options.take_size("m", 64, 1, 1024);
  shape.states = options.take_size("n", 16, 1, 62);
  return std::make_unique<BmojoLayer<Real>>(shape);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_hymba(LayerOptions& options, const LayerPlace& place) {
  HymbaShape shape;
  shape.d = place.d;
  shape.width = whole_vectors(options, options.take_size("e", place.d, 16, 4096), "option 'e'");
  shape.heads = take_heads(options, shape.width);
  shape.window = options.take_size("w", 128, 1, 2048);
  shape.meta = options.take_size("m", 8, 0, 128);
  shape.states = options.take_size("n", 16, 1, 62);
  shape.rank = options.take_size("r", (place.d + 15) / 16, 1, 256);
  return std::make_unique<HymbaLayer<Real>>(shape);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_mom(LayerOptions& options, const LayerPlace& place) {
  MomShape shape;
  shape.d = place.d;
  shape.heads = options.take_size("h", 4, 1, 64);
  shape.keys = whole_vectors(options, options.take_size("dk", 32, 16, 128), "option 'dk'");
  shape.values = whole_vectors(options, options.take_size("dv", 32, 16, 256), "option 'dv'");
  shape.memories = options.take_size("m", 4, 2, 64);
  shape.half_lives = take_half_lives(options, {8, 64, 512, 8192});
  if (shape.half_lives.empty()) shape.half_lives = {8, 64, 512, 8192};
  return std::make_unique<MomLayer<Real>>(shape);
}

template <class Real>
std::unique_ptr<Layer<Real>> make_pool(LayerOptions& options, const LayerPlace& place) {
  PoolShape shape;
  shape.d = place.d;
  shape.summary = whole_vectors(options, options.take_size("s", 64, 16, 512), "option 's'");
  shape.rows = options.take_size("m", 50, 1, 1024);
  shape.bits = options.take_number("bits", 0.0f, 0.0f, 64.0f);
  shape.share = options.take_flag("share");
  if (options.take_flag("cross")) {
    const std::size_t record = shape.summary + kPoolFlags;
    shape.below = place.summaries_width / record;
    if (shape.below == 0 || place.summaries_width % record != 0) {
      options.reject("option 'cross' needs a pool below with 'share' and summaries of the same width");
      shape.below = 0;
    }
  }
  return std::make_unique<PoolLayer<Real>>(shape);
}

template <class Real>
constexpr LayerKind<Real> kKinds[] = {
    {"mamba3",
     "Mamba-3: h heads (4), p head width (2d/h), n key width (64), q rotating pairs (n/4), r keys and "
     "queries "
     "of a token (1; more: MIMO), noconv, "
     "softplus decay instead of the heavy-tailed one, ladder=half-life/...",
     make_mamba3<Real>},
    {"s4d", "fixed complex decays per channel: n states (16); frequencies of HiPPO-LegS, or lin, or inv",
     make_fixed<S4dLayer, 16, Real>},
    {"s5", "fixed complex decays for all channels: n states (64); frequencies of HiPPO-LegS, or lin, or inv",
     make_fixed<S5Layer, 64, Real>},
    {"bmojo",
     "B'MOJO, attention to a window, to fading rows of an S6 and to surprising tokens kept: h heads (4), w "
     "tokens "
     "seen (64), m tokens kept (64), n states of the S6 (16)",
     make_bmojo<Real>},
    {"gka",
     "Gated KalmaNet, ridge regression of values on keys: h heads (4), dk their width (32), "
     "ladder=half-life/... (8/64/512/8192)",
     make_kalman<Real>},
    {"hymba",
     "Hymba, attention and selective scan side by side: e width of each (d), h heads (4), w tokens seen "
     "(128), m "
     "meta rows (8), n states (16), r step-size rank (d/16)",
     make_hymba<Real>},
    {"mom",
     "Mixture-of-Memories, delta-rule memories with a router: h heads (4), dk key width (32), dv value width "
     "(32), m "
     "memories beside the shared one (4), ladder=half-life/... (8/64/512/8192)",
     make_mom<Real>},
    {"pool",
     "MemMamba's pool of summaries, to stand above a scan: m summaries (50), s their width (64), bits "
     "surprise that lets a token in (0: a learned score does), share offers the summaries to layers above, "
     "cross reads those of the pools below too",
     make_pool<Real>},
    {"gmu", "gates again what the nearest lower layer's memory read: norm before its map out",
     make_gmu<Real>},
};

}  // namespace

template <class Real>
std::span<const LayerKind<Real>> further_kinds() {
  return kKinds<Real>;
}

template std::span<const LayerKind<float>> further_kinds();
template std::span<const LayerKind<double>> further_kinds();

}  // namespace ssmz::model
