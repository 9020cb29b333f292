// SPDX-License-Identifier: Apache-2.0
// The table of all layers. A new layer is added here, and nowhere else outside its own two files.
#include "model/zoo/all_layers.hpp"

#include "model/layers/mlp_layer.hpp"
#include "model/layers/s6_layer.hpp"
#include "model/zoo/block_state_layer.hpp"
#include "model/zoo/bmojo_layer.hpp"
#include "model/zoo/gdn_layer.hpp"
#include "model/zoo/gmu_layer.hpp"
#include "model/zoo/gss_layer.hpp"
#include "model/zoo/h3_layer.hpp"
#include "model/zoo/hymba_layer.hpp"
#include "model/zoo/kalman_layer.hpp"
#include "model/zoo/mamba3_layer.hpp"
#include "model/zoo/moe_layer.hpp"
#include "model/zoo/mom_layer.hpp"
#include "model/zoo/pool_layer.hpp"
#include "model/zoo/s4d_layer.hpp"
#include "model/zoo/s5_layer.hpp"
#include "model/zoo/selective_layer.hpp"
#include "model/zoo/ssd_layer.hpp"
#include "model/zoo/swa_layer.hpp"

namespace ssmz::model {

LayerCatalogue all_layers() noexcept {
  static constexpr const LayerKind* rows[] = {
      &kS6Layer, &kMlpLayer,   &kGdnLayer,    &kSsdLayer,    &kSwaLayer,     &kMamba3Layer, &kS4dLayer,
      &kS5Layer, &kBmojoLayer, &kKalmanLayer, &kHymbaLayer,  &kMomLayer,     &kPoolLayer,   &kGmuLayer,
      &kH3Layer, &kGssLayer,   &kMoeLayer,    &kTaipanLayer, &kSeqboatLayer, &kHaxLayer,    &kBlockStateLayer,
  };
  return rows;
}

}  // namespace ssmz::model
