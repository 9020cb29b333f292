// SPDX-License-Identifier: Apache-2.0
// Divides the columns of a product among the threads of a step.
#pragma once

#include <algorithm>
#include <cstddef>

#include "model/base/team.hpp"

namespace ssmz::model {

/// Multiply-adds below which a product stays with one thread: some 10 us of work (12 G a second,
/// bench/INFERENCE.md), of which half must be worth more than finding the members awake. Not tuned on a quiet
/// machine.
constexpr std::size_t kLeastShared = std::size_t{1} << 17;

/// Calls work(first, last) for parts of 0..columns at the same time, or once for all: without a team, or
/// where the product's `multiply_adds` are few. Parts begin at multiples of 64 columns, so that what a kernel
/// gives for a column (which no other column changes) comes of the same tiles. `work` must not throw.
template <class Work>
void share_columns(Team* team, std::size_t columns, std::size_t multiply_adds, const Work& work) {
  if (team == nullptr || multiply_adds < kLeastShared) return work(std::size_t{0}, columns);
  const std::size_t blocks = (columns + 63) / 64, parts = team->size();
  team->run([&](std::size_t part) {
    const std::size_t first = blocks * part / parts * 64;
    const std::size_t last = std::min(columns, blocks * (part + 1) / parts * 64);
    if (first < last) work(first, last);
  });
}

}  // namespace ssmz::model
