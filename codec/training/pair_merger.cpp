// SPDX-License-Identifier: Apache-2.0
// Pair counts are kept up to date at each merge; the queue is lazy: outdated entries are ranked again when
// they come up.
#include "codec/training/pair_merger.hpp"

#include <algorithm>

#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

PairMerger::PairMerger(std::span<const CountedRun> runs) : counted_(runs), pieces_(runs.size()) {
  for (unsigned byte = 0; byte < 256; ++byte) spellings_.emplace_back(1, static_cast<char>(byte));
  for (std::uint32_t run = 0; run < runs.size(); ++run) {
    const std::string& spelling = runs[run].spelling;
    std::vector<std::uint32_t>& pieces = pieces_[run];
    for (char c : spelling) pieces.push_back(static_cast<std::uint8_t>(c));
    for (std::size_t i = 1; i < pieces.size(); ++i) note(run, pieces[i - 1], pieces[i]);
  }
  for (std::uint32_t pair = 0; pair < pairs_.size(); ++pair) rank(pair);
  touched_.clear();
}

std::vector<std::string> PairMerger::merge(std::size_t limit, std::uint64_t least,
                                           const std::function<bool(std::size_t)>& progress) {
  std::vector<std::string> made;
  while (made.size() < limit && !queue_.empty()) {
    const Ranked top = queue_.top();
    queue_.pop();
    if (top.count != pairs_[top.pair].count) {
      rank(top.pair);
      continue;
    }
    if (top.count < least) break;
    const auto merged = static_cast<std::uint32_t>(spellings_.size());
    spellings_.push_back(top.spelling);
    made.push_back(top.spelling);
    apply(top.pair, merged);
    if (made.size() % 1024 == 0 && !progress(made.size())) break;
  }
  // Different pairs can spell the same piece.
  std::sort(made.begin(), made.end());
  made.erase(std::unique(made.begin(), made.end()), made.end());
  return made;
}

std::uint32_t PairMerger::pair_index(std::uint32_t left, std::uint32_t right) {
  const std::uint64_t key = std::uint64_t{left} << 32 | right;
  const auto [found, is_new] = index_.try_emplace(key, static_cast<std::uint32_t>(pairs_.size()));
  if (is_new) pairs_.push_back({left, right, 0, {}});
  return found->second;
}

void PairMerger::rank(std::uint32_t pair) {
  const Pair& p = pairs_[pair];
  if (p.count == 0) return;
  std::string spelling = spellings_[p.left] + spellings_[p.right];
  if (spelling.size() <= Vocabulary::max_spelling) queue_.push({p.count, std::move(spelling), pair});
}

void PairMerger::apply(std::uint32_t pair, std::uint32_t merged) {
  const std::vector<std::uint32_t> runs = std::move(pairs_[pair].runs);
  pairs_[pair].runs.clear();
  for (std::uint32_t run : runs) merge_in_run(run, pair, merged);
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (std::uint32_t grown : touched_) rank(grown);
  touched_.clear();
}

void PairMerger::merge_in_run(std::uint32_t run, std::uint32_t pair, std::uint32_t merged) {
  const std::uint32_t left = pairs_[pair].left;
  const std::uint32_t right = pairs_[pair].right;
  std::vector<std::uint32_t>& pieces = pieces_[run];
  std::size_t i = 0;
  while (i + 1 < pieces.size()) {
    if (pieces[i] != left || pieces[i + 1] != right) {
      ++i;
      continue;
    }
    if (i > 0) forget(run, pieces[i - 1], left);
    forget(run, left, right);
    if (i + 2 < pieces.size()) forget(run, right, pieces[i + 2]);
    pieces[i] = merged;
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    if (i > 0) note(run, pieces[i - 1], merged);
    if (i + 1 < pieces.size()) note(run, merged, pieces[i + 1]);
    ++i;
  }
}

void PairMerger::note(std::uint32_t run, std::uint32_t left, std::uint32_t right) {
  const std::uint32_t index = pair_index(left, right);
  Pair& pair = pairs_[index];
  pair.count += counted_[run].count;
  if (pair.runs.empty() || pair.runs.back() != run) pair.runs.push_back(run);
  touched_.push_back(index);
}

void PairMerger::forget(std::uint32_t run, std::uint32_t left, std::uint32_t right) {
  pairs_[pair_index(left, right)].count -= counted_[run].count;
}

}  // namespace ssmz::codec
