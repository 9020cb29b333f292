// SPDX-License-Identifier: Apache-2.0
// Looking up, predicting from and updating groups of slots.
#include "codec/jpeg/slot_groups.hpp"

#include <algorithm>
#include <cassert>

#include "codec/predict/context_bank.hpp"
#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned history_limit = 1023;
constexpr unsigned usual_count =
    6;  // of bits that the first value of a history stands for; 0: +0.1 %, 3 and 10 the same
constexpr unsigned most_count = 126;
constexpr float confidence_offset = 0.4f;
constexpr unsigned probability_at = 15, count_at = 8;
constexpr std::uint32_t first_slot = 1u << 31;  // a half, nothing seen

}  // namespace

SlotGroups::SlotGroups(unsigned contexts, unsigned kinds, unsigned groups_log2)
    : count_(contexts),
      kinds_(kinds),
      shift_(64 - groups_log2),
      groups_(std::size_t{1} << groups_log2),
      histories_(AdaptiveMap::unset(std::size_t{256} * contexts * kinds, history_limit)) {
  assert(contexts <= max_contexts);
  for (std::size_t row = 0; row < std::size_t{contexts} * kinds; ++row) {
    for (unsigned state = 0; state < history_.count; ++state) {
      histories_.set(row * 256 + state, ContextBank::usual_probability(state), usual_count);
    }
  }
  for (unsigned count = 0; count < confidence_.size(); ++count) {
    const auto seen = static_cast<float>(static_cast<int>(count));
    confidence_[count] = seen / (seen + confidence_offset);
  }
}

std::uint64_t SlotGroups::memory(unsigned contexts, unsigned kinds, unsigned groups_log2) {
  return (sizeof(Group) << groups_log2) + AdaptiveMap::memory(std::size_t{256} * contexts * kinds);
}

SlotGroups::Group* SlotGroups::find(std::uint64_t hash) noexcept {
  const std::size_t place = hash >> shift_;
  const auto check = static_cast<std::uint16_t>(hash | 1);
  Group* const first = &groups_[place];
  if (first->check == check) return first;
  Group* const second = &groups_[place ^ 1];
  if (second->check == check) return second;
  const auto seen = [](const Group& group) {
    return group.check ? 1 + (group.slots[0] >> count_at & 127u) : 0u;
  };
  Group* const given_up = seen(*first) <= seen(*second) ? first : second;
  given_up->check = check;
  given_up->slots.fill(first_slot);
  return given_up;
}

void SlotGroups::look_up() noexcept {
  for (unsigned i = 0; i < count_; ++i)
    if (!found_[i]) found_[i] = find(hashes_[i]);
  looked_up_ = true;
}

// Members are read once: what is written in the loops could be any of them.
void SlotGroups::predict(unsigned node, unsigned kind, float* inputs) noexcept {
  if (!looked_up_) look_up();
  node_ = node;
  kind_ = kind;
  const float* const stretch = stretch_table().data();
  const unsigned count = count_;
  const std::size_t row = std::size_t{kinds_} * 256;
  std::size_t at = std::size_t{kind} * 256;
  for (unsigned i = 0; i < count; ++i, at += row) {
    const std::uint32_t slot = found_[i]->slots[node];
    const unsigned indirect = histories_.probability(at + (slot & 255u));
    inputs[i] = stretch[slot >> (32 - stretch_bits)] * confidence_[slot >> count_at & 127u];
    inputs[count + i] = stretch[indirect >> (16 - stretch_bits)];
  }
}

void SlotGroups::update(unsigned bit) noexcept {
  const std::int32_t target = bit ? (1 << 17) - 1 : 0;
  const unsigned count = count_, node = node_;
  const std::size_t row = std::size_t{kinds_} * 256;
  std::size_t at = std::size_t{kind_} * 256;
  for (unsigned i = 0; i < count; ++i, at += row) {
    std::uint32_t& slot = found_[i]->slots[node];
    const unsigned history = slot & 255u, seen = slot >> count_at & 127u;
    const auto p = static_cast<std::int32_t>(slot >> probability_at);
    const std::int32_t moved = p + ((target - p) * (adaptive_rates[seen] >> 2) >> 14);  // within 32 bits
    histories_.update(at + history, bit);
    slot = static_cast<std::uint32_t>(moved) << probability_at | (seen + (seen < most_count)) << count_at |
           history_.states[history].next[bit];
  }
}

}  // namespace ssmz::codec
