// SPDX-License-Identifier: Apache-2.0
// Predicting from and updating the followers of all contexts.
#include "codec/predict/follower_bank.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "codec/base/hash.hpp"
#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint32_t expected_flag = 0x80000000u;
// A packed table is spread out when so large a part of it was asked for: its index takes twice as much for
// each slot as the slot itself.
constexpr std::size_t packed_part = 8;

constexpr unsigned trained_count = 12;  // as in context_bank.cpp

// Kinds of decision: attributes, letters, and the path by how many decisions the
// candidate has shared so far (one kind for all paths +0.08 %, enwik8-1M at -5).
unsigned kind_of(const Position& at) {
  if (at.stage == Stage::letter) return 7;
  if (at.stage != Stage::path) return 0;
  const unsigned shared = at.taken.depth;
  if (shared < 2) return 1 + shared;
  return shared < 4 ? 3 : shared < 7 ? 4 : shared < 11 ? 5 : 6;
}

unsigned run_bucket(unsigned run) {
  if (run < 4) return run;
  return run < 6 ? 4 : run < 10 ? 5 : run < 24 ? 6 : 7;
}

}  // namespace

FollowerBank::FollowerBank(unsigned contexts, unsigned slots_log2)
    : count_(contexts),
      shift_(64 - slots_log2),
      table_(slots_of(contexts, slots_log2)),
      index_(table_.size() >= std::size_t{1} << packed_slots_log2 ? PlaceIndex(table_.size()) : PlaceIndex()),
      slots_(contexts),
      checks_(contexts),
      bases_(contexts),
      paths_(contexts),
      valid_(contexts),
      maps_(std::size_t{contexts} * entries_per_context, 255),
      indices_(std::size_t{contexts} * inputs_per_context) {
  for (std::size_t i = 0; i < maps_.size(); ++i) maps_.set(i, 50000);
}

void FollowerBank::start_from(const FirstValues& first) noexcept {
  if (first.follower_entries != entries_per_context) return;
  const std::size_t entries = std::size_t{std::min<unsigned>(count_, first.followers)} * entries_per_context;
  for (std::size_t i = 0; i < entries; ++i) {
    const int value = static_cast<std::int8_t>(first.follower_maps[i]);
    if (value != FirstValues::unknown) maps_.set(i, first_probability(value), trained_count);
  }
}

void FollowerBank::set(unsigned i, std::uint64_t hash) noexcept {
  const std::uint64_t mixed = hash_mix(hash, i + 1000);
  const auto slot = static_cast<std::uint32_t>(mixed >> shift_);
  slots_[i] = index_.in_use() ? index_.place(slot) : slot;
  checks_[i] = static_cast<std::uint16_t>(mixed | 1u);
  __builtin_prefetch(&table_[slots_[i]], 1);
}

std::uint32_t FollowerBank::base_of(unsigned context, const Slot& slot) noexcept {
  return ((context * candidates * 8 + run_bucket(slot.run)) * 4 + (slot.history & 3u)) * kinds;
}

inline FollowerBank::Opinion FollowerBank::ask(unsigned context, unsigned candidate, unsigned kind,
                                               const Position& at) const noexcept {
  const int bit = expected_bit(paths_[context][candidate], at);
  if (bit < 0) return {};
  const std::uint32_t entry = bases_[context] + candidate * 8 * 4 * kinds + kind;
  const float strength = stretch_table()[maps_.probability(entry) >> (16 - stretch_bits)];
  return bit ? Opinion{(entry + 1) | expected_flag, strength} : Opinion{entry + 1, -strength};
}

void FollowerBank::reject(std::uint32_t symbol) noexcept {
  for (unsigned i = 0; i < count_; ++i)
    for (unsigned k = 0; k < candidates; ++k)
      valid_[i][k] = valid_[i][k] && table_[slots_[i]].symbols[k] != symbol;
}

void FollowerBank::predict(const Position& at, float* inputs) noexcept {
  if (count_ == 0) return;
  const unsigned kind = kind_of(at);
  for (unsigned i = 0; i < count_; ++i) {
    Opinion latest, earlier;
    if (valid_[i][0]) {
      latest = ask(i, 0, kind, at);
      for (unsigned k = 1; k < candidates && valid_[i][k] && earlier.index == 0; ++k)
        earlier = ask(i, k, kind, at);
    }
    indices_[i * inputs_per_context] = latest.index;
    indices_[i * inputs_per_context + 1] = earlier.index;
    inputs[i] = latest.input;
    inputs[count_ + i] = earlier.input;
  }
}

void FollowerBank::update(unsigned bit) noexcept {
  for (const std::uint32_t index : indices_) {
    if (!index) continue;
    const unsigned expected = index >> 31;
    maps_.update((index & ~expected_flag) - 1, expected == bit);
  }
}

void FollowerBank::finish(std::uint32_t symbol) noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    Slot& slot = table_[slots_[i]];
    if (slot.symbols[0] == symbol) {
      if (slot.run < 255) ++slot.run;
      slot.history = static_cast<std::uint8_t>(slot.history << 1 | 1u);
      continue;
    }
    const unsigned at = slot.symbols[1] == symbol ? 1u : 2u;
    for (unsigned k = at; k > 0; --k) slot.symbols[k] = slot.symbols[k - 1];
    slot.symbols[0] = symbol;
    slot.run = 1;
    slot.history = static_cast<std::uint8_t>(slot.history << 1);
  }
  if (index_.in_use() && index_.used() >= table_.size() / packed_part) spread();
}

// Without memory for it the table stays packed.
void FollowerBank::spread() noexcept {
  try {
    model::Zeroed<Slot> wide(table_.size());
    wide.use_huge_pages(UINT64_MAX);
    for (std::uint64_t place = 0; place < index_.used(); ++place) wide[index_.owner(place)] = table_[place];
    table_ = std::move(wide);
    for (std::uint32_t& slot : slots_) slot = index_.owner(slot);
    index_ = PlaceIndex();
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace ssmz::codec
