// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding over counted runs: which pieces text is made of (Sennrich et al. 2016, on bytes).
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "codec/training/corpus_runs.hpp"

namespace ssmz::codec {

/// Merges the most frequent pair of neighbouring pieces again and again; of equal counts the smaller spelling
/// first, so the result depends on the runs only.
class PairMerger {
 public:
  /// Keeps copies of nothing: `runs` must outlive the object.
  explicit PairMerger(std::span<const CountedRun> runs);

  /// Merges until `limit` pieces were made or the best pair counts less than `least`. `progress` gets the
  /// pieces made so far now and then and stops the work by returning false. Returns the spellings in the
  /// order of their making.
  std::vector<std::string> merge(std::size_t limit, std::uint64_t least,
                                 const std::function<bool(std::size_t)>& progress);

 private:
  struct Pair {
    std::uint32_t left, right;
    std::uint64_t count = 0;
    std::vector<std::uint32_t>
        runs;  // Runs that held the pair when it was noted; may repeat, may be outdated.
  };
  struct Ranked {
    std::uint64_t count;
    std::string spelling;
    std::uint32_t pair;
    bool operator<(const Ranked& other) const {
      return count != other.count ? count < other.count : spelling > other.spelling;
    }
  };

  std::uint32_t pair_index(std::uint32_t left, std::uint32_t right);
  void rank(std::uint32_t pair);
  void apply(std::uint32_t pair, std::uint32_t merged);
  void merge_in_run(std::uint32_t run, std::uint32_t pair, std::uint32_t merged);
  void note(std::uint32_t run, std::uint32_t left, std::uint32_t right);
  void forget(std::uint32_t run, std::uint32_t left, std::uint32_t right);

  std::span<const CountedRun> counted_;
  std::vector<std::vector<std::uint32_t>> pieces_;  // [run]: its pieces so far
  std::vector<std::string> spellings_;              // [piece]
  std::vector<Pair> pairs_;
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::priority_queue<Ranked> queue_;
  std::vector<std::uint32_t> touched_;  // Pairs whose count grew in the merge at hand.
};

}  // namespace ssmz::codec
