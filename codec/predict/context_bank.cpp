// SPDX-License-Identifier: Apache-2.0
// Looking up, predicting from and updating the slots of all contexts.
#include "codec/predict/context_bank.hpp"

#include <algorithm>
#include <bit>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned history_limit = 255;  // of the history maps' rates; 1000 gives the same within 0.01 %
constexpr unsigned direct_limit =
    30;  // slowest direct rate is 1 / (this + 1.5); 15..250 the same within 0.01 %
// Bits that a trained first value stands for. 4, 30: +-0.04 % (eight files of 2 to 38 kB compressed, -3).
constexpr unsigned trained_count = 12;
constexpr std::uint64_t group_salt = 0x5c1f;
constexpr float confidence_offset = 0.4f;

constexpr unsigned longest_run = 15;
constexpr std::uint16_t even = 32768;

std::uint16_t moved(std::int32_t p, unsigned bit, std::uint16_t rate) {
  const std::int64_t target = bit ? 65535 : 0;  // 16 bits times 16 bits do not fit 32 with a sign
  return static_cast<std::uint16_t>(p + ((target - p) * rate >> 16));
}

std::uint16_t tag_of(std::uint16_t group, unsigned node) {
  const auto tag = static_cast<std::uint16_t>(group + node * 0x9e35u);
  return tag ? tag : std::uint16_t{1};
}

// The lowest `length` of `bits` below a 1.
std::uint64_t first_bits(std::uint64_t bits, unsigned length) {
  const std::uint64_t one = std::uint64_t{1} << length;
  return (bits & (one - 1)) | one;
}

}  // namespace

ContextBank::ContextBank(SlotTable& table, unsigned contexts, unsigned phases)
    : table_(&table),
      moves_(table.moves()),
      count_(contexts),
      phases_(phases),
      histories_(AdaptiveMap::unset(std::size_t{map_size} * contexts * phases, history_limit)) {
  for (unsigned state = 0; state < history_.count; ++state) {
    const unsigned zeros = history_.states[state].zeros;
    const unsigned ones = history_.states[state].ones;
    const unsigned total = zeros + ones;
    direct_rates_[state] = adaptive_rates[std::min(total, direct_limit)];
    confidence_[state] = static_cast<float>(total) / (static_cast<float>(total) + confidence_offset);
  }
  for (unsigned bit = 0; bit < 2; ++bit) set_runs(bit);
  // 1 kB of text at -5 uses 139 of its 236 pages, and each would be read first.
  histories_.expect_use_of_all();
}

unsigned ContextBank::usual_probability(unsigned kind) noexcept {
  unsigned zeros = 0, ones = 0;
  if (kind < 256) {
    const BitHistory& history = bit_history();
    if (kind >= history.count) return even;
    zeros = history.states[kind].zeros;
    ones = history.states[kind].ones;
  } else {
    const unsigned run = kind - 256;
    (run / 64 ? ones : zeros) = run % 64 / 8 + 1;
  }
  return (ones * 2 + 1) * 65535u / ((zeros + ones) * 2 + 2);
}

// A run's levels: 1, 3, 7, 15, where the histories of one, two, three and four bits begin, then each next
// number. Its kind, of which there are 64 for each bit: 8 buckets of how often it came (1, 2, 3,
// 4, 5.., 8.., 16.., 32..), 4 depths in the run, at least two more bits of it to come or not (all three
// against the history alone: -0.17 % enwik8-1M, -0.6 % kennedy.xls at -5 without SSM; 8 depths another -0.02
// %, but 3 % of the contexts' time).
void ContextBank::set_runs(unsigned bit) {
  std::uint8_t state = history_.states[0].next[bit];
  std::uint16_t p = moved(even, bit, direct_rates_[0]);
  unsigned level = 1;
  for (unsigned times = 1; level < 256; ++times) {
    runs_[bit][level] = {p, state};
    const unsigned bucket =
        times < 5 ? times - 1 : std::min(7u, static_cast<unsigned>(std::bit_width(times)) + 1);
    level_buckets_[level] = static_cast<std::uint8_t>(bucket);
    p = moved(p, bit, direct_rates_[state]);
    state = history_.states[state].next[bit];
    const unsigned next = level < 15 ? level * 2 + 1 : level + 1;
    next_level_[level] = static_cast<std::uint8_t>(std::min(next, 255u));
    level = next;
  }
}

void ContextBank::move_to(SlotTable& table) noexcept {
  const auto move = [&](Place& place) { place.line = table.counterpart(place.line, *table_); };
  for (Context& context : contexts_) {
    move(context.group);
    move(context.anchor);
  }
  for (unsigned i = 0; i < insertion_count_; ++i) move(insertions_[i].place);
  table_ = &table;
  moves_ = table.moves();
}

void ContextBank::start_from(const FirstValues& first) noexcept {
  first_ = first.kinds == map_size ? &first : nullptr;
}

// Most of them are never met in a short input: to set all was 15 % of the instructions of 1 kB at -5.
void ContextBank::begin_history(AdaptiveMap& map, std::size_t at, unsigned phase, unsigned kind,
                                unsigned i) const noexcept {
  const auto value = [](std::uint8_t byte) { return static_cast<std::int8_t>(byte); };
  const bool trained = first_ && phase < first_->phases;
  const int usual = trained ? value(first_->phase_histories[phase * map_size + kind]) : FirstValues::unknown;
  if (usual == FirstValues::unknown) {
    map.set(at, usual_probability(kind));
    return;
  }
  const bool own = first_->phase_groups[phase] && i < first_->contexts;
  const int more = own ? value(first_->context_histories[i * map_size + kind]) : 0;
  map.set(at, first_probability(usual + more), trained_count);
}

unsigned ContextBank::history_probability(unsigned phase, unsigned kind, unsigned i) const {
  const std::size_t at = history_at(phase, kind, i);
  if (histories_.is_set(at)) return histories_.probability(at);
  AdaptiveMap first(1, history_limit);
  begin_history(first, 0, phase, kind, i);
  return first.probability(0);
}

void ContextBank::start(unsigned tree) noexcept {
  if (table_->crowded()) table_->spread();
  if (moves_ != table_->moves()) move_to(*table_);
  bits_ = 0;
  depth_ = tree_start_ = 0;
  tree_ = tree;
  active_count_ = 0;
  for (unsigned i = 0; i < count_; ++i) {
    contexts_[i].begin();
    if (!contexts_[i].left_out) active_[active_count_++] = static_cast<std::uint16_t>(i);
  }
  open_group();
}

// A context to which the attributes were new has seen nothing after them either, unless it is shared or goes
// on as if they had been others.
void ContextBank::enter(unsigned tree, bool skip_first) noexcept {
  note_new();
  if (skip_first) {
    bits_ >>= 1;
    --depth_;
  }
  tree_ = tree;
  tree_start_ = depth_;
  active_count_ = 0;
  for (unsigned i = 0; i < count_; ++i) {
    Context& context = contexts_[i];
    if (context.standing() == Standing::fresh && !context.shared && !skip_first) continue;
    active_[active_count_++] = static_cast<std::uint16_t>(i);
    context.begin();
  }
  open_group();
  for (unsigned i = 0; i < count_; ++i) {
    Context& context = contexts_[i];
    if (context.slot >= 0) continue;
    context.group = group_place(context, group_key_);
    expect_new(context, bits_, depth_);
  }
}

// In the midst of a run that passes the group nothing has to be looked up.
void ContextBank::open_group() noexcept {
  group_start_ = depth_;
  group_key_ = key(bits_, depth_);
  for (unsigned k = 0; k < active_count_; ++k) {
    Context& context = contexts_[active_[k]];
    if (context.ahead >= 1u << group_levels) {
      context.group.line = nullptr;
      continue;
    }
    context.group = group_place(context, group_key_);
    __builtin_prefetch(context.group.line, 1);
  }
}

// Both lines of the pairs where the group after the next decision begins.
void ContextBank::fetch_ahead() noexcept {
  const GroupKey coming = key(bits_, depth_ + 1);
  for (unsigned k = 0; k < active_count_; ++k) {
    const Context& context = contexts_[active_[k]];
    if (context.ahead >= 2u << group_levels) continue;
    const SlotLine* const pair = table_->seen_pair(context.hash + coming.of(context.shared));
    __builtin_prefetch(pair, 1);
    __builtin_prefetch(pair + 1, 1);
  }
}

void ContextBank::expect(unsigned tree, std::uint64_t bits, unsigned depth) noexcept {
  const std::uint64_t salt = group_salt + tree;
  const GroupKey root{
      .own = hash_mix(first_bits(bits, depth), salt), .shared = hash_mix(1, salt), .root = true};
  for (unsigned i = 0; i < count_; ++i) {
    const std::uint64_t hash = contexts_[i].hash + root.of(contexts_[i].shared);
    __builtin_prefetch(table_->seen_pair(hash) + (hash >> 16 & 1), 1);
  }
}

// What is longer than a run can be is cut where a group begins.
void ContextBank::note_new() noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    const Context& context = contexts_[i];
    if (context.standing() != Standing::fresh) continue;
    Place place = context.anchor;
    for (unsigned from = context.depth; from < depth_;) {
      unsigned length = depth_ - from;
      if (length > longest_run) length = longest_run - (from + longest_run - tree_start_) % group_levels;
      insert_later(place, static_cast<unsigned>(first_bits(bits_ >> from, length)), 1, true);
      from += length;
      if (from < depth_) place = group_start(context, bits_, from);
    }
  }
}

ContextBank::GroupKey ContextBank::key(std::uint64_t bits, unsigned depth) const noexcept {
  const bool root = depth == tree_start_;
  const unsigned end = root ? depth : depth - 1;
  const std::uint64_t salt = group_salt + tree_;
  return {.own = hash_mix(first_bits(bits, end), salt),
          .shared = hash_mix(first_bits(bits >> tree_start_, end - tree_start_), salt),
          .root = root,
          .second = !root && (bits >> end & 1)};
}

// The number of a node in its group: the bits that lead to it below a 1.
unsigned ContextBank::node(std::uint64_t bits, unsigned depth) const noexcept {
  return static_cast<unsigned>(first_bits(bits >> group_start_, depth - group_start_));
}

// Its tag is the base of its nodes' tags.
ContextBank::Place ContextBank::group_place(const Context& context, const GroupKey& key) const noexcept {
  const std::uint64_t hash = context.hash + key.of(context.shared);
  const bool second = key.root ? hash >> 16 & 1 : key.second;
  return {table_->pair(hash) + second, static_cast<std::uint16_t>(hash)};
}

// The first node of the group that `bits` lead to.
ContextBank::Place ContextBank::group_start(const Context& context, std::uint64_t bits,
                                            unsigned depth) const noexcept {
  const Place group = group_place(context, key(bits, depth));
  return {group.line, tag_of(group.tag, 1)};
}

ContextBank::Place ContextBank::place_in_group(Context& context, unsigned node) noexcept {
  if (!context.group.line) context.group = group_place(context, group_key_);
  return {context.group.line, tag_of(context.group.tag, node)};
}

void ContextBank::expect_new(Context& context, std::uint64_t bits, unsigned depth) noexcept {
  context.slot = -1;
  context.known = false;
  context.anchor = place_in_group(context, node(bits, depth));
  context.depth = static_cast<std::uint16_t>(depth);
}

// `node`: of the decision in hand, in its group.
inline bool ContextBank::look(Context& context, unsigned node) noexcept {
  const Place place = place_in_group(context, node);
  const int slot = find_slot(*place.line, place.tag);
  context.anchor = place;
  context.depth = static_cast<std::uint16_t>(depth_);
  context.slot = static_cast<std::int16_t>(slot);
  context.ahead = slot >= 0 && (place.line->runs >> slot & 1) ? place.line->values[slot] : std::uint16_t{0};
  return slot >= 0;
}

unsigned ContextBank::find(unsigned phase) noexcept {
  insert_all();
  const std::size_t first_kind = history_at(phase, 0, 0);
  const unsigned node_now = node(bits_, depth_);
  unsigned kept = 0, seen = 0;
  for (unsigned k = 0; k < active_count_; ++k) {
    const unsigned i = active_[k];
    Context& context = contexts_[i];
    const bool there = context.ahead > 1 || look(context, node_now);
    if (!there && !context.known) continue;
    active_[kept++] = static_cast<std::uint16_t>(i);
    if (!there) continue;
    const SlotLine& line = *context.anchor.line;
    unsigned state = line.states[context.slot], kind = state;
    context.direct = line.values[context.slot];
    if (const unsigned ahead = context.ahead) {
      const RunState& run = runs_[ahead & 1][state];
      kind = 256 + (ahead & 1) * 64 + level_buckets_[state] * 8 + std::min(depth_ - context.depth, 3u) * 2 +
             (ahead >= 8);
      context.direct = run.probability;
      state = run.state;
    }
    context.history_state = static_cast<std::uint16_t>(state);
    context.kind = static_cast<std::uint16_t>(kind);
    context.map_at = static_cast<std::uint32_t>(first_kind + std::size_t{kind} * count_ + i);
    histories_.prefetch(context.map_at);
    seen_[seen++] = static_cast<std::uint16_t>(i);
  }
  seen_count_ = seen;
  active_count_ = kept;
  phase_ = phase;
  return seen_count_;
}

void ContextBank::predict(float* inputs) noexcept {
  std::fill_n(inputs, input_count(), 0.0f);
  const float* const stretch = stretch_table().data();
  for (unsigned k = 0; k < seen_count_; ++k) {
    const unsigned i = seen_[k];
    const Context& context = contexts_[i];
    const std::size_t at = context.map_at;
    if (!histories_.is_set(at)) [[unlikely]]
      begin_history(histories_, at, phase_, context.kind, i);
    const unsigned indirect = histories_.probability(at);
    inputs[i] = stretch[indirect >> (16 - stretch_bits)];
    inputs[count_ + i] = stretch[context.direct >> (16 - stretch_bits)] * confidence_[context.history_state];
    inputs[2 * count_ + i] = linear_input(indirect);
  }
}

void ContextBank::update(unsigned bit, bool goes_on) noexcept {
  unsigned kept = 0;
  for (unsigned k = 0; k < active_count_; ++k) {
    const unsigned i = active_[k];
    if (update_one(contexts_[i], bit)) active_[kept++] = static_cast<std::uint16_t>(i);
  }
  active_count_ = kept;
  bits_ |= std::uint64_t{bit} << depth_;
  ++depth_;
  if (!goes_on) return;
  const unsigned in_group = depth_ - group_start_;
  if (in_group == group_levels) open_group();
  if (in_group == group_levels - 1) fetch_ahead();
}

// False if what comes now is new to the context.
bool ContextBank::update_one(Context& context, unsigned bit) noexcept {
  const auto& states = history_.states;
  SlotLine& line = *context.anchor.line;
  if (context.slot < 0) {
    insert_slot(line, context.anchor.tag, moved(even, bit, direct_rates_[0]), states[0].next[bit], false);
    return true;
  }
  const unsigned slot = static_cast<unsigned>(context.slot);
  histories_.update(context.map_at, bit);
  if (context.ahead) {
    if ((context.ahead & 1) != bit) return split(context, bit);
    context.ahead >>= 1;
    if (context.ahead > 1) return true;
    line.states[slot] = next_level_[line.states[slot]];
    context.known = true;
    return true;
  }
  const auto& state = states[context.history_state];
  context.known = (bit ? state.ones : state.zeros) != 0;
  line.values[slot] = moved(line.values[slot], bit, direct_rates_[context.history_state]);
  line.states[slot] = state.next[bit];
  return true;
}

// False as for update_one(); what a new group begins with is not known to be new before it is looked up.
bool ContextBank::split(Context& context, unsigned bit) noexcept {
  SlotLine& line = *context.anchor.line;
  const auto slot = static_cast<unsigned>(context.slot);
  const unsigned level = line.states[slot], before = depth_ - context.depth, rest = context.ahead >> 1u;
  const RunState& run = runs_[bit ^ 1][level];
  const std::uint16_t value = moved(run.probability, bit, direct_rates_[run.state]);
  const std::uint8_t state = history_.states[run.state].next[bit];
  context.ahead = 0;
  if (before == 0) {
    line.runs = static_cast<std::uint16_t>(line.runs & ~(1u << slot));
    line.values[slot] = value;
    line.states[slot] = state;
  } else {
    line.values[slot] = static_cast<std::uint16_t>(first_bits(line.values[slot], before));
    line.states[slot] = next_level_[level];
    insert_later(place_in_group(context, node(bits_, depth_)), value, state, false);
  }
  const bool group_ends = tree_ && depth_ + 1 - group_start_ == group_levels;
  const std::uint64_t old_bits = bits_ | std::uint64_t{bit ^ 1} << depth_;
  if (rest > 1) {
    const Place old_way = group_ends ? group_start(context, old_bits, depth_ + 1)
                                     : place_in_group(context, node(old_bits, depth_ + 1));
    insert_later(old_way, rest, level, true);
  }
  if (group_ends) {
    context.known = false;
    context.slot = 0;
    return true;
  }
  expect_new(context, bits_ | std::uint64_t{bit} << depth_, depth_ + 1);
  return false;
}

void ContextBank::insert_later(Place place, unsigned value, unsigned state, bool run) noexcept {
  __builtin_prefetch(place.line, 1);
  if (insertion_count_ == insertions_.size()) insert_all();
  insertions_[insertion_count_++] = {place, static_cast<std::uint16_t>(value),
                                     static_cast<std::uint8_t>(state), run};
}

void ContextBank::insert_all() noexcept {
  for (unsigned k = 0; k < insertion_count_; ++k) {
    const Insertion& wanted = insertions_[k];
    insert_slot(*wanted.place.line, wanted.place.tag, wanted.value, wanted.state, wanted.run);
  }
  insertion_count_ = 0;
}

}  // namespace ssmz::codec
