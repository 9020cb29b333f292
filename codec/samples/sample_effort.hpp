// SPDX-License-Identifier: Apache-2.0
// How much a level lets a model of samples do.
#pragma once

#include "codec/levels/level_models.hpp"

namespace ssmz::codec {

/// FORMAT. What a model of pictures or sound does for each sample.
struct SampleEffort {
  unsigned contexts = 0;  ///< At most so many.
  unsigned interval = 1;  ///< Least squares are solved anew for each so many samples.
  /// The most telling predictors, two weight sets and their mean instead of seven, final mixers and APMs.
  /// With the contexts and intervals below, bytes and user time of a busy machine at -1: 200,054 of a
  /// photograph 102,468 in 1.5 s -> 102,949 in 0.7 (instructions 10.9 -> 4.9 thousand million), 137,134 of
  /// speech 43,900 in 0.78 -> 44,641 in 0.24; at -3 101,800 in 1.9 -> 102,166 in 1.2, 43,876 in 0.82 ->
  /// 44,135 in 0.6. What is left out costs (photograph, -1): final mixers +0.03 %, APMs -0.1 %, five of seven
  /// sets +0.2 %, two of three recalls +0.06 %, one of three least squares +0.07 %, four of eight predictors
  /// +0.15 %.
  bool lean = false;
};

/// Contexts that a model of samples may take at the level.
[[nodiscard]] inline unsigned sample_contexts(const ModelParameters& parameters) {
  return byte_options(parameters, 1).contexts / 2;
}

[[nodiscard]] inline SampleEffort sample_effort(const ModelParameters& parameters) {
  if (parameters.level <= 2) return {.contexts = 3, .interval = 32, .lean = true};
  if (parameters.level == 3) return {.contexts = sample_contexts(parameters), .interval = 6, .lean = true};
  return {.contexts = sample_contexts(parameters), .interval = parameters.level >= 7 ? 1u : 6u};
}

}  // namespace ssmz::codec
