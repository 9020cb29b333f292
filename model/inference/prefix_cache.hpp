// SPDX-License-Identifier: Apache-2.0
// Sessions kept by the tokens that led to them, so that prompts with a common beginning are processed once
// (what to keep follows Marconi, Pan et al., arXiv 2411.19379).
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "model/inference/runner.hpp"

namespace ssmz::model {

/// Of one model; not thread-safe. A session of a state-space model stands for a whole prefix and cannot be
/// cut back, so the cache chooses where to keep one: at the end of every prompt (conversations go on there),
/// and at the last block boundary an earlier prompt also passed (instructions and documents that many prompts
/// share). The entry used longest ago goes first. Prefixes are told apart by a hash of 128 bits.
class PrefixCache {
 public:
  /// Keeps at most `memory` bytes of sessions. `block` is the distance of boundaries in tokens, at least 1.
  PrefixCache(std::uint64_t memory, std::size_t block = 32);

  /// The session after `tokens`, as start() and Runner::prefill() would give up to rounding, made from the
  /// longest prefix kept. The same calls in the same order give the same bits. false in `valid` if a token is
  /// not a row of the model.
  [[nodiscard]] Session prefill(Runner& runner, std::span<const std::uint32_t> tokens, bool& valid);

  /// Since the start.
  struct Counts {
    std::uint64_t prompts = 0, prompts_hit = 0;  ///< Hit: some prefix was kept.
    std::uint64_t tokens = 0, tokens_saved = 0;
    std::uint64_t evictions = 0;
  };
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  /// Bytes of the sessions kept.
  [[nodiscard]] std::uint64_t memory() const noexcept { return memory_; }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;
  struct Entry {
    Key key;
    Session session;
  };
  static std::vector<Key> keys_of(std::span<const std::uint32_t> tokens);
  [[nodiscard]] std::size_t longest_kept(const std::vector<Key>& keys);
  [[nodiscard]] std::size_t last_shared(const std::vector<Key>& keys, std::size_t from);
  void keep(const Key& key, const Session& session);

  std::uint64_t most_memory_, memory_ = 0;
  std::size_t block_;
  std::list<Entry> entries_;  // the newest use first
  std::map<Key, std::list<Entry>::iterator> find_;
  std::map<Key, std::uint64_t> passed_;  // boundaries of earlier prompts, and when
  std::uint64_t clock_ = 0;
  Counts counts_;
};

}  // namespace ssmz::model
