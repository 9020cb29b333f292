// SPDX-License-Identifier: Apache-2.0
// How much a level lets the model of JPEG do.
#pragma once

#include "codec/levels/levels.hpp"

namespace ssmz::codec {

/// FORMAT.
struct JpegEffort {
  unsigned contexts = 0;
  unsigned inputs = 2;  ///< Of each context.
  unsigned sets = 0, finals = 0, apms = 0;
  unsigned groups_log2 = 16;
};

[[nodiscard]] inline JpegEffort jpeg_effort(const ModelParameters& parameters) {
  if (parameters.level <= 2) return {.contexts = 8, .inputs = 2, .sets = 2, .groups_log2 = 16};
  if (parameters.level <= 6)
    return {.contexts = 24, .inputs = 3, .sets = 5, .finals = 2, .apms = 2, .groups_log2 = 18};
  return {.contexts = 24, .inputs = 3, .sets = 5, .finals = 2, .apms = 2, .groups_log2 = 20};
}

}  // namespace ssmz::codec
