// SPDX-License-Identifier: Apache-2.0
// Bit histories: one byte that sums up the bits seen in a context (counts of zeros and ones, recency).
// The idea is the indirect modelling of PAQ6 and later (M. Mahoney, "Adaptive weighing of context models",
// 2005); the state set here is generated from the bounds below.
#pragma once

#include <array>
#include <cstdint>

namespace ssmz::codec {

/// Full order is kept for up to four bits; then (zeros, ones, last bit) within
/// bounds. When a bit contradicts more than two earlier ones, about half of the
/// excess is forgotten. States are numbered by rising confidence, so a smaller state
/// is the better victim when a table slot must be replaced. State 0: nothing seen.
struct BitHistory {
  struct State {
    std::uint8_t next[2];  ///< State after a 0 and after a 1.
    std::uint8_t zeros;
    std::uint8_t ones;
  };
  std::array<State, 256> states;
  unsigned count = 0;  ///< States in use, at most 256.
};

/// The table, worked out by the compiler. FORMAT.
const BitHistory& bit_history() noexcept;

}  // namespace ssmz::codec
