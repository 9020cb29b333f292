// SPDX-License-Identifier: Apache-2.0
// The contexts and mixer selectors of bytes.
#include "codec/byte_model.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

constexpr unsigned context_count = 61;
constexpr unsigned follower_count = 8;

template <class... Words>
std::uint64_t hash_of(std::uint64_t first, Words... rest) {
  std::uint64_t hash = first + 5000;
  ((hash = hash_mix(hash, rest)), ...);
  return hash;
}

SymbolPath path_of(std::uint32_t byte) {
  SymbolPath path;
  for (unsigned i = 0; i < 8; ++i) path.bits |= std::uint64_t{byte >> (7 - i) & 1u} << i;
  path.depth = 8;
  return path;
}

DecisionModelShape shape_of(const ByteModelOptions& options) {
  DecisionModelShape shape;
  shape.contexts = std::min(context_count, options.contexts);
  shape.follower_contexts = follower_count;
  shape.follower_slots_log2 = options.follower_slots_log2;
  shape.match_lengths = {5, 9, 20};
  shape.match_table_log2 = options.match_table_log2;
  shape.set_rows = {256, 256 * 8, 256 * 8, 16 * 3 * 8, 16 * 8, 2048, 2048, 256, 2048, 4096, 2048, 2304, 2048};
  shape.final_rows = {256, 2048, 256};
  shape.apm_contexts = {65536, 65536, 16 * 3 * 8};
  return shape;
}

}  // namespace

ByteModel::ByteModel(SlotTable& table, const ByteModelOptions& options)
    : state_(options.history_log2), history_(options.history_log2), model_(shape_of(options), table) {}

void ByteModel::begin() {
  for (MatchModel& match : model_.matches()) {
    const std::uint32_t id = match.find(history_);
    if (id != FollowerBank::none) match.expect(path_of(id));
  }
  set_contexts();
  model_.contexts().open_group(0, 0);
  model_.followers().load(path_of);
}

void ByteModel::set_contexts() {
  const ByteState& s = state_;
  ContextBank& bank = model_.contexts();
  unsigned n = 0;
  unsigned f = 0;
  const auto add = [&](auto... words) {
    if (n < bank.count()) bank.set(n, hash_of(n + 1, words...));
    ++n;
  };
  const auto add_both = [&](auto... words) {
    if (f < follower_count) model_.followers().set(f, hash_of(n + 1, words...));
    ++f;
    add(words...);
  };
  add(0);
  add(s.last(1));
  add_both(s.last(2));
  add_both(s.last(3));
  add_both(s.last(4));
  add(s.last(5));
  add_both(s.last(6));
  add(s.last(8));
  add(s.back(2));
  add(s.back(3));
  add(s.back(4));
  add(s.last(3) >> 8);
  add(s.last(4) >> 16);
  add(s.last(4) >> 8);
  add(s.back(1), s.back(3));
  add(s.back(1), s.back(4));
  add(s.back(4), s.back(8));
  add(s.last(4) & 0xf0f0f0f0u);
  add(s.last(3) & 0xe0e0e0u, s.position() % 4);
  add(s.kinds());
  add(s.kinds() & 0xffffu, s.back(1));
  add_both(s.word(), s.back(1));
  add(s.word(), s.last_word());
  add(s.position() % 4, s.back(4));
  add(s.position() % 2, s.back(2), s.back(4));
  add(std::min<std::uint64_t>(s.since(1), 255), s.back(1));
  add(std::min<std::uint64_t>(s.since(0), 255), s.back(1));
  add(s.last(7));
  add(s.back(6), s.back(7), s.last(2));
  add(s.back(7), s.back(8), s.last(1));
  add(s.back(11), s.back(12), s.last(2));
  add(s.back(12), s.back(13), s.last(1));
  add(s.last(6) >> 16, s.kinds() & 0xffu);
  add(s.last(8) >> 32, s.kinds() & 0xffffu);
  const unsigned r = s.records().length(0);
  model_.followers().set(f++, hash_of(900, r, s.back(r), s.back(1)));
  model_.followers().set(f++, hash_of(901, r, s.back(r), s.back(r + 1), s.back(r - 1)));
  model_.followers().set(f++, hash_of(902, s.last(8)));
  const std::vector<MatchModel>& matches = model_.matches();
  add(matches[0].expected_id(), std::min(matches[0].length(), 15u));
  add(matches[0].expected_id(), s.back(1));
  const FollowerBank& followers = model_.followers();
  set_record_contexts(n);
  add(followers.latest(0), followers.earlier(0), s.back(1));
  add(followers.latest(1), followers.earlier(1), s.back(1));
  add(followers.latest(1), followers.latest(2), followers.latest(3));
  add(followers.latest(5), followers.latest(6), followers.latest(0));
}

void ByteModel::set_record_contexts(unsigned& n) {
  const ByteState& s = state_;
  ContextBank& bank = model_.contexts();
  const auto add = [&](auto... words) {
    if (n < bank.count()) bank.set(n, hash_of(n + 1, words...));
    ++n;
  };
  const std::uint64_t r = s.records().length(0);
  const std::uint64_t q = s.records().length(1);
  const std::uint64_t column = r ? s.position() % r : s.position() % 4;
  const unsigned above = s.back(r);
  const unsigned left_above = s.back(r + 1);
  add(r, above, s.back(2 * r));
  add(r, above, s.back(1));
  add(r, above, column);
  add(r, column);
  add(r, column, s.back(1));
  add(r, column, above, s.back(1));
  add(r, above, s.back(1), left_above);
  add(r, static_cast<std::uint8_t>(above + s.back(1) - left_above));
  add(r, static_cast<std::uint8_t>(above + s.back(1) - left_above), s.back(1));
  add(r, static_cast<std::uint8_t>(2 * above - s.back(2 * r)));
  add(r, above, s.back(r - 1), s.back(1));
  add(r, above, s.back(r - 1), s.back(r - 2));
  add(r, s.last(2), s.back(r), s.back(r - 1));
  add(r, s.last(4), column);
  add(q, s.back(q));
  add(q, s.back(q), s.back(1));
  add(q, s.back(q), s.back(q - 1), s.back(q + 1));
  add(q, q ? s.position() % q : 0, s.back(1));
  add(r, q, above, s.back(q));
  add(static_cast<std::uint8_t>(2 * s.back(4) - s.back(8)), s.position() % 4);
  add(static_cast<std::uint8_t>(2 * s.back(2) - s.back(4)), s.position() % 2);
}

std::uint32_t ByteModel::predict(unsigned value, unsigned local) {
  const ByteState& s = state_;
  model_.gather(at_, local, at_.taken.depth % stage_count);
  const unsigned depth = at_.taken.depth;
  const unsigned seen = std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1));
  const MatchSummary match = summarise(model_.matches());
  const unsigned longest = match.bucket;
  const unsigned expectation = static_cast<unsigned>(match.expected + 1);
  const unsigned r = s.records().length(0);
  const unsigned column = r ? static_cast<unsigned>(s.position() % r) : static_cast<unsigned>(s.position() % 4);
  DecisionContexts chosen;
  unsigned k = 0;
  auto& sets = chosen.sets;
  sets[k++] = value;
  sets[k++] = s.back(1) * 8 + depth;
  sets[k++] = s.back(2) * 8 + depth;
  sets[k++] = (longest * 3 + expectation) * 8 + depth;
  sets[k++] = seen * 8 + depth;
  sets[k++] = std::min(255u, column) * 8 + depth;
  sets[k++] = s.back(r) * 8 + depth;
  sets[k++] = s.kinds() & 0xffu;
  sets[k++] = std::min(31u, column) * 64 + (value & 63u);
  sets[k++] = s.kinds() & 0xfffu;
  sets[k++] = s.back(4) * 8 + depth;
  sets[k++] = ((model_.matches()[0].expected_id() + 1) & 0x1ffu) * 8 + depth;
  sets[k++] = s.back(3) * 8 + depth;
  chosen.finals = {value, s.back(1) * 8 + depth, longest * 16 + seen};
  chosen.apms = {static_cast<unsigned>(s.back(1) * 256 + value), static_cast<unsigned>(hash_of(value, s.last(2)) % 65536),
                 (longest * 3 + expectation) * 8 + depth};
  return model_.mix(chosen);
}

void ByteModel::end(std::uint8_t byte) {
  history_.push(byte, byte + 1u);
  model_.followers().finish(byte);
  for (MatchModel& match : model_.matches()) match.finish(history_);
  state_.push(byte);
}

}  // namespace ssmz::codec
