// SPDX-License-Identifier: Apache-2.0
// Looking up, predicting from and updating the slots of all contexts.
#include "codec/context_bank.hpp"

#include <algorithm>

#include "codec/bit_history.hpp"
#include "codec/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned history_limit = 255;  // of the history maps' rates; 1000 gives the same within 0.01 %
constexpr unsigned direct_limit =
    30;  // slowest direct rate is 1 / (this + 1.5); 15..250 the same within 0.01 %
constexpr std::uint64_t group_salt = 0x5c1f;
constexpr float confidence_offset = 0.4f;
// The second form of an indirect probability: (p - 1/2)
// times this. Without it +0.19 %, at 2 +0.11 % (enwik8-1M).
constexpr float linear_scale = 4.0f;

}  // namespace

ContextBank::ContextBank(SlotTable& table, unsigned contexts, unsigned phases)
    : table_(table), count_(contexts), histories_(std::size_t{256} * contexts * phases, history_limit) {
  const BitHistory& history = bit_history();
  for (unsigned state = 0; state < history.count; ++state) {
    const unsigned zeros = history.states[state].zeros;
    const unsigned ones = history.states[state].ones;
    const unsigned total = zeros + ones;
    direct_rates_[state] = rate_table()[std::min(total, direct_limit)];
    confidence_[state] = static_cast<float>(total) / (static_cast<float>(total) + confidence_offset);
    const unsigned p = (ones * 2 + 1) * 65535u / (total * 2 + 2);
    for (unsigned i = 0; i < contexts * phases; ++i) histories_.set(std::size_t{i} * 256 + state, p);
  }
}

void ContextBank::open_group(std::uint64_t key, std::uint64_t shared_key) noexcept {
  const std::uint64_t own = hash_mix(key, group_salt);
  const std::uint64_t shared = hash_mix(shared_key, group_salt);
  for (unsigned i = 0; i < count_; ++i) {
    const std::uint64_t hash = hashes_[i] + (shared_[i] ? shared : own);
    lines_[i] = &table_.line(hash);
    tags_[i] = static_cast<std::uint16_t>(hash);
    __builtin_prefetch(lines_[i], 1);
  }
}

unsigned ContextBank::predict(unsigned local, unsigned phase, float* inputs) noexcept {
  const float* const stretch = stretch_table().data();
  const std::uint16_t mark = static_cast<std::uint16_t>(local * 0x9e35u);
  phase_ = phase;
  unsigned seen = 0;
  for (unsigned i = 0; i < count_; ++i) {
    std::uint16_t tag = static_cast<std::uint16_t>(tags_[i] + mark);
    tag = tag ? tag : std::uint16_t{1};
    wanted_[i] = tag;
    const SlotLine& line = *lines_[i];
    const int slot = find_slot(line, tag);
    slots_[i] = static_cast<std::int8_t>(slot);
    if (slot < 0) {
      inputs[i] = inputs[count_ + i] = inputs[2 * count_ + i] = 0.0f;
      continue;
    }
    ++seen;
    const unsigned state = line.states[slot];
    const unsigned indirect = histories_.probability((std::size_t{phase} * count_ + i) * 256 + state);
    inputs[i] = stretch[indirect >> (16 - stretch_bits)];
    inputs[count_ + i] = stretch[line.probabilities[slot] >> (16 - stretch_bits)] * confidence_[state];
    inputs[2 * count_ + i] = (static_cast<float>(indirect) - 32768.0f) * (linear_scale / 65536.0f);
  }
  return seen;
}

void ContextBank::update(unsigned bit) noexcept {
  const auto& states = bit_history().states;
  const std::int32_t target = bit ? 65535 : 0;
  for (unsigned i = 0; i < count_; ++i) {
    SlotLine& line = *lines_[i];
    unsigned slot;
    if (slots_[i] >= 0) {
      slot = static_cast<unsigned>(slots_[i]);
      histories_.update((std::size_t{phase_} * count_ + i) * 256 + line.states[slot], bit);
    } else {
      slot = victim_slot(line);
      line.tags[slot] = wanted_[i];
      line.states[slot] = 0;
      line.probabilities[slot] = 32768;
    }
    const unsigned state = line.states[slot];
    const std::int32_t p = line.probabilities[slot];
    line.probabilities[slot] = static_cast<std::uint16_t>(p + ((target - p) * direct_rates_[state] >> 16));
    line.states[slot] = states[state].next[bit];
  }
}

}  // namespace ssmz::codec
