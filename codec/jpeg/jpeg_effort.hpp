// SPDX-License-Identifier: Apache-2.0
// How much a level lets the model of JPEG do.
#pragma once

#include <algorithm>
#include <bit>

#include "codec/levels/levels.hpp"

namespace ssmz::codec {

/// FORMAT. Five photographs of 20 to 61 kB, 195,112 bytes: eight contexts and two sets 116,997 (six: +0.9 %
/// in 0.9 of the instructions), twelve contexts, three sets, a final mixer and an APM 112,284, what -5 has
/// 109,814, with fewer contexts 16 +0.4
/// %, 20 +0.06 %, without final mixers +0.5 %, of five sets three +0.3 %, four +0.06 %, with one APM +0.03 %;
/// a preconditioner -0.13 %, a second network -0.1 %, both -0.28 %. Rates of the mixers, limits of counts and
/// the share of the final error are flat within 0.1 % around what text has.
struct JpegEffort {
  unsigned contexts = 0;
  unsigned sets = 0, finals = 0, apms = 0;
  unsigned preconditioner_rank = 0;
  float second_joint_share = 0.0f;
  unsigned groups_log2 = 16;
};

[[nodiscard]] inline JpegEffort jpeg_effort(const ModelParameters& parameters) {
  // 16 to 32 groups for each byte of input. A quarter of that: +0.7 % (five photographs of 20 to 61 kB at
  // -5). No more than 2^19, so that -9 stays under 2 GB: 2^18 takes 0.5 % more bytes of these than 2^20.
  const auto wanted = static_cast<unsigned>(std::bit_width(copy_reach(parameters))) + 3;
  const auto groups = [&](unsigned most) { return std::clamp(wanted, 12u, most); };
  if (parameters.level <= 2)
    return {.contexts = parameters.level == 1 ? 6u : 8u, .sets = 2, .groups_log2 = groups(16)};
  if (parameters.level == 3)
    return {.contexts = 12, .sets = 3, .finals = 1, .apms = 1, .groups_log2 = groups(18)};
  JpegEffort effort{.contexts = 24, .sets = 5, .finals = 2, .apms = 2, .groups_log2 = groups(19)};
  if (parameters.level >= 8) {
    effort.preconditioner_rank = 8;
    effort.second_joint_share = 0.3f;
  }
  return effort;
}

}  // namespace ssmz::codec
