// SPDX-License-Identifier: Apache-2.0
// The cache of sessions by prefix.
#include "model/inference/prefix_cache.hpp"

#include <algorithm>

namespace ssmz::model {
namespace {

constexpr std::size_t kMostPassed = 1u << 16;  // boundaries remembered; about 5 MB

std::uint64_t mix(std::uint64_t hash, std::uint64_t value, std::uint64_t factor) {
  hash = (hash ^ value) * factor;
  return hash ^ (hash >> 29);
}

}  // namespace

PrefixCache::PrefixCache(std::uint64_t memory, std::size_t block)
    : most_memory_(memory), block_(std::max<std::size_t>(block, 1)) {}

/// keys[n] names the first n tokens.
std::vector<PrefixCache::Key> PrefixCache::keys_of(std::span<const std::uint32_t> tokens) {
  std::vector<Key> keys{{0x9e3779b97f4a7c15u, 0xd1342543de82ef95u}};
  for (const std::uint32_t token : tokens) {
    const Key& last = keys.back();
    keys.push_back({mix(last.first, token + 1ull, 0xbf58476d1ce4e5b9u),
                    mix(last.second, token + 1ull, 0x94d049bb133111ebu)});
  }
  return keys;
}

std::size_t PrefixCache::longest_kept(const std::vector<Key>& keys) {
  for (std::size_t n = keys.size(); n-- > 1;) {
    if (find_.count(keys[n]) != 0) return n;
  }
  return 0;
}

/// The last boundary behind `from` that an earlier prompt passed, or 0; marks all boundaries as passed.
std::size_t PrefixCache::last_shared(const std::vector<Key>& keys, std::size_t from) {
  std::size_t shared = 0;
  for (std::size_t n = block_; n < keys.size(); n += block_) {
    const bool fresh = passed_.insert_or_assign(keys[n], ++clock_).second;
    if (!fresh && n > from) shared = n;
  }
  if (passed_.size() > kMostPassed) {  // forget the older half
    const std::uint64_t limit = clock_ - kMostPassed / 2;
    std::erase_if(passed_, [&](const auto& entry) { return entry.second <= limit; });
  }
  return shared;
}

void PrefixCache::keep(const Key& key, const Session& session) {
  const std::uint64_t size = session.memory();
  if (size > most_memory_ || find_.count(key) != 0) return;
  while (memory_ + size > most_memory_) {
    memory_ -= entries_.back().session.memory();
    find_.erase(entries_.back().key);
    entries_.pop_back();
    ++counts_.evictions;
  }
  entries_.push_front({key, session});
  find_[key] = entries_.begin();
  memory_ += entries_.front().session.memory();
}

Session PrefixCache::prefill(Runner& runner, std::span<const std::uint32_t> tokens, bool& valid) {
  Session session = runner.model().start();
  valid =
      std::all_of(tokens.begin(), tokens.end(), [&](std::uint32_t t) { return t < runner.model().rows(); });
  if (!valid) return session;
  const std::vector<Key> keys = keys_of(tokens);
  const std::size_t kept = longest_kept(keys);
  if (kept > 0) {
    entries_.splice(entries_.begin(), entries_, find_[keys[kept]]);
    session = entries_.front().session;
  }
  ++counts_.prompts;
  counts_.prompts_hit += kept > 0;
  counts_.tokens += tokens.size();
  counts_.tokens_saved += kept;
  std::size_t at = kept;
  for (const std::size_t stop : {last_shared(keys, kept), tokens.size()}) {
    if (stop <= at) continue;
    valid = valid && runner.prefill(session, tokens.subspan(at, stop - at));
    at = stop;
    keep(keys[at], session);
  }
  return session;
}

}  // namespace ssmz::model
