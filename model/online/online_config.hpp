// SPDX-License-Identifier: Apache-2.0
// Everything that sets what an online model computes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/kernels/kernels.hpp"
#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// Parameters of OnlineModel. All but `threads` and `kernels` change the results: FORMAT.
///
/// Rates and scales: rows of the embedding and the head are seldom touched, so they want larger steps than
/// dense weights. First 160 kB of enwik8 by bytes and byte pairs, d 64, "gdn:dk16,ladder | mlp:64" twice:
/// scale 0.1, rates 1 and 1, clip 1: 2.677 bits a byte; 0.3, 10, 2, 4: 2.507. Flat around it: embedding rate
/// 30: 2.500, head rate 4: 2.514, learning rate 2e-3: 2.525.
struct OnlineConfig {
  std::string stack = "s6 | s6";          ///< Layers, see Stack::create.
  LayerCatalogue layers = core_layers();  ///< What the stack may name.
  std::size_t d_model = 128;              ///< Width, a multiple of 16 in 16..1024.
  std::size_t embedding_rows = 256;       ///< Rows callers may sum for a token's input.
  std::size_t head_nodes = 256;           ///< Binary decisions with a logit of their own, or symbols.
  /// Whether the head's rows are symbols, one of which comes next: their logits are one distribution
  /// (softmax), all of which is computed and trained with each token.
  bool symbols = false;
  std::size_t chunk = 32;  ///< Tokens per training chunk, 1..256. Also the delay of an update.
  std::size_t replay = 1;  ///< Earlier chunks trained once more after each chunk.
  std::size_t replay_chunks =
      1024;  ///< Newest chunks kept to draw from, each with its start state; at least 1 with replay.
  float learning_rate = 3e-3f;
  float embedding_rate = 10.0f;    ///< Multiplies the learning rate of embedding rows.
  float head_rate = 2.0f;          ///< Multiplies the learning rate of head rows.
  float replay_rate = 1.0f;        ///< Multiplies the learning rate of replayed chunks.
  std::size_t warmup_chunks = 20;  ///< The rate grows linearly over them.
  std::size_t decay_chunks = 0;    ///< Rate divided by sqrt(1 + chunks / this); 0: constant.
  float beta1 = 0.9f;              ///< Adam. 0 keeps no momentum, and no memory for it.
  float beta2 = 0.99f;
  /// Whether the n-th update of an embedding or head row has beta2 = 1 - 1/n until that exceeds beta2, so
  /// that the moment is the mean over the row's own updates. Else all arrays share one correction for the
  /// start, and a row first touched late takes too long a first step: 1 / sqrt(1 - beta2) times the rate.
  bool row_counts = false;
  float epsilon = 1e-8f;
  float clip = 4.0f;             ///< Bound on the norm of a chunk's gradient (mean over its tokens); 0: none.
  float embedding_scale = 0.3f;  ///< Embedding rows start uniform with this standard deviation.
  float external_share =
      0.0f;  ///< Share of the caller's error in the gradient of a logit, 0..1 (see record()).
  std::uint64_t seed = 1;
  int threads = 1;                   ///< 2: training on a worker thread; else inline. Results are equal.
  const Kernels* kernels = nullptr;  ///< Kernel path; nullptr: model::kernels(). Results are equal.
};

}  // namespace ssmz::model
