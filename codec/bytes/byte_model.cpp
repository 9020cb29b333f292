// SPDX-License-Identifier: Apache-2.0
// The contexts and mixer selectors of bytes.
#include "codec/bytes/byte_model.hpp"

#include <algorithm>

#include "codec/bytes/byte_contexts.hpp"

namespace ssmz::codec {
namespace {

SymbolPath path_of(std::uint32_t byte) {
  SymbolPath path;
  for (unsigned i = 0; i < 8; ++i) path.bits |= std::uint64_t{byte >> (7 - i) & 1u} << i;
  path.depth = 8;
  return path;
}

constexpr unsigned byte_tree = 1;  // any but the attributes
constexpr unsigned place_rows = 256 + 1024 * 8;

// The place in a record of type and length or in an
// instruction; without such the part of the byte that is known.
unsigned place_row(const ByteState& s, unsigned value, unsigned depth) {
  const RecordChain& chain = s.chain();
  const X86Code& code = s.code();
  unsigned place = 0;
  if (chain.active()) {
    place = (chain.type() >> 1) % 32 * 32 + std::min(31u, chain.offset());
  } else if (code.active()) {
    const std::uint32_t operation = code.part() >= X86Code::sib ? code.operation() : code.before(0) >> 16;
    place = static_cast<unsigned>(hash_mix(code.part(), operation) % 1024);
  } else {
    return value;
  }
  return 256 + place * 8 + depth;
}

DecisionModelShape shape_of(const ByteModelOptions& options) {
  DecisionModelShape shape;
  shape.contexts = std::min(byte_context_count, options.contexts);
  shape.phases = 8;
  shape.follower_contexts = byte_follower_count;
  shape.follower_slots_log2 = options.follower_slots_log2;
  shape.match_lengths = {5, 9, 20};
  shape.match_table_log2 = options.match_table_log2;
  shape.set_rows = {256, 256 * 8, 256 * 8, 16 * 3 * 8, 16 * 8, 2048, 2048,
                    256, 2048,    4096,    2048,       2304,   2048, place_rows};
  shape.final_rows = {256, 2048, 256, place_rows};
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
  set_byte_contexts(state_, model_.matches()[0], model_.contexts(), model_.followers());
  model_.contexts().start(byte_tree);
  model_.followers().load(path_of);
}

std::uint32_t ByteModel::predict(unsigned value) {
  const ByteState& s = state_;
  model_.gather(at_, at_.taken.depth);
  const unsigned depth = at_.taken.depth;
  const unsigned seen = std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1));
  const MatchSummary match = summarise(model_.matches());
  const unsigned longest = match.bucket;
  const unsigned expectation = static_cast<unsigned>(match.expected + 1);
  const unsigned r = s.records().length(0);
  const unsigned column =
      r ? static_cast<unsigned>(s.position() % r) : static_cast<unsigned>(s.position() % 4);
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
  const unsigned place = place_row(s, value, depth);
  sets[k++] = place;
  chosen.finals = {value, s.back(1) * 8 + depth, longest * 16 + seen, place};
  chosen.apms = {static_cast<unsigned>(s.back(1) * 256 + value),
                 static_cast<unsigned>(hash_mix(value, s.last(2)) % 65536),
                 (longest * 3 + expectation) * 8 + depth};
  return model_.mix(chosen);
}

void ByteModel::end(std::uint8_t byte) {
  history_.push(byte, byte + 1u);
  model_.contexts().finish();
  model_.followers().finish(byte);
  for (MatchModel& match : model_.matches()) match.finish(history_);
  state_.push(byte);
}

}  // namespace ssmz::codec
