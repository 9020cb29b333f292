// SPDX-License-Identifier: Apache-2.0
// What a trainer needs of a run of tokens: input rows, decisions that followed, and the state it started
// from.
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/aligned.hpp"

namespace ssmz::model {

/// One binary decision made after a token.
struct Target {
  std::uint32_t node;
  float bit;             ///< 0 or 1.
  float weight;          ///< Multiplies the gradient.
  float external_error;  ///< The caller's own error (probability of 1 minus bit), see
                         ///< OnlineConfig::external_share.
};

/// Consecutive tokens. Token t's rows are rows[row_ends[t-1] .. row_ends[t]), its targets alike.
struct TrainingChunk {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> row_ends;
  std::vector<Target> targets;
  std::vector<std::uint32_t> target_ends;
  std::vector<float> surprise;
  AlignedVector<float> start_state;
  std::uint64_t position = 0;  ///< Tokens before the first.

  [[nodiscard]] std::size_t tokens() const noexcept { return row_ends.size(); }
  void clear() {
    rows.clear();
    row_ends.clear();
    targets.clear();
    target_ends.clear();
    surprise.clear();
  }
};

}  // namespace ssmz::model
