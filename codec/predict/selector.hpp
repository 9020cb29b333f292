// SPDX-License-Identifier: Apache-2.0
// Small contexts that choose a row of a mixer's weight set or of an APM, each with its name and number of
// rows.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

namespace ssmz::codec {

/// `Situation`: what a model knows at one decision. `row` gives 0..rows-1. FORMAT.
template <class Situation>
struct Selector {
  const char* name;
  unsigned rows;
  unsigned (*row)(const Situation&);
};

/// The first `count` of a table, or all.
template <class Situation>
[[nodiscard]] std::span<const Selector<Situation>> first_of(std::span<const Selector<Situation>> selectors,
                                                            std::size_t count) {
  return selectors.first(std::min(count, selectors.size()));
}

/// Rows of each, for a DecisionModelShape.
template <class Situation>
[[nodiscard]] std::vector<unsigned> rows_of(std::span<const Selector<Situation>> selectors) {
  std::vector<unsigned> rows;
  for (const Selector<Situation>& selector : selectors) rows.push_back(selector.rows);
  return rows;
}

/// Writes the row of each to `out`, which has room for them.
template <class Situation>
void choose_rows(std::span<const Selector<Situation>> selectors, const Situation& situation,
                 std::span<unsigned> out) {
  assert(selectors.size() <= out.size());
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    out[i] = selectors[i].row(situation);
    assert(out[i] < selectors[i].rows);
  }
}

}  // namespace ssmz::codec
