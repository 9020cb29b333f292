// SPDX-License-Identifier: Apache-2.0
// The contexts and mixer selectors of bytes.
#include "codec/bytes/byte_model.hpp"

#include <algorithm>

#include "codec/bytes/byte_contexts.hpp"
#include "codec/bytes/byte_selectors.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned byte_tree = 1;  // any but the attributes
// At -9 without SSM; none; 0.7, 0.5, 0.3 with steps 1.5 times as long; 0.3: the first 50,000 bytes of obj2
// 14,752; 14,714, 14,702, 14,698; 14,700, 100,000 of ooffice 32,184; 32,147, 32,129, 32,118; 32,141, obj1
// 7,323; 7,302, 7,299, 7,297; 7,300, 100,000 of a sqlite database 6,788; 6,794, 6,784, 6,777; 6,771, 60,000
// of geo 25,747; 25,733, 25,709, 25,698; 25,688.
constexpr float second_joint_share = 0.3f;

DecisionModelShape shape_of(const ByteModelOptions& options) {
  DecisionModelShape shape;
  shape.contexts = std::min(byte_context_count, options.contexts);
  shape.phases = 8;
  shape.follower_contexts = std::min(byte_follower_count, options.follower_contexts);
  shape.follower_slots_log2 = options.follower_slots_log2;
  constexpr unsigned match_lengths[] = {5, 9, 20};
  shape.match_lengths.assign(match_lengths, match_lengths + std::min(options.matches, 3u));
  shape.match_table_log2 = options.match_table_log2;
  shape.history_log2 = options.history_log2;
  shape.extra_inputs = options.ssm.d_model ? ByteSsm::inputs : 0;
  shape.set_rows = rows_of(first_of(byte_weight_sets(), options.sets));
  shape.final_rows = rows_of(first_of(byte_finals(), options.finals));
  shape.apm_contexts = rows_of(first_of(byte_apms(), options.apms));
  shape.first = options.first;
  shape.preconditioner_rank = options.preconditioner_rank;
  // Data that are certain nearly everywhere want short steps. 1, 0.5, 0 at -9: kennedy.xls 8,252, 7,960,
  // 7,794; 250,000 bytes of obj2 43,499, 43,548, 43,864, of osdb 49,172, 49,074, 49,112, geo 43,154, 43,082,
  // 43,099.
  shape.preconditioner_compensation = 0.5f;
  if (options.second_network) shape.second_joint_share = second_joint_share;
  shape.rate.first = options.mixer_rate;
  shape.rate.least_error = options.least_error;
  shape.rate.usual_square = options.usual_square;
  return shape;
}

}  // namespace

ByteModel::ByteModel(SlotTable& table, const ByteModelOptions& options)
    : tree_tenths_(options.tree_tenths),
      state_(options.history_log2),
      model_(shape_of(options), table),
      ssm_options_(options.ssm),
      bytes_before_ssm_(options.bytes_before_ssm) {}

std::uint64_t ByteModel::memory(const ByteModelOptions& options) {
  return sizeof(ByteModel) + ByteState::memory(options.history_log2) +
         DecisionModel::memory(shape_of(options)) + (options.ssm.d_model ? ByteSsm::memory(options.ssm) : 0);
}

void ByteModel::begin() {
  const auto path_of = [this](std::uint32_t byte) { return tree_.path(byte); };
  model_.begin_symbol(byte_tree, path_of, [this] {
    set_byte_contexts(state_, model_.expected(), model_.contexts(), model_.followers());
  });
  place_ = byte_place(state_);
  column_ = state_.column();
  if (ssm_options_.d_model) step_ssm();
}

// Of what a long repeat gave it reads nothing.
void ByteModel::step_ssm() {
  if (bytes_before_ssm_ > 0) {
    --bytes_before_ssm_;
    return;
  }
  if (!ssm_) ssm_.emplace(ssm_options_);
  ssm_->step({.last = state_.last(2),
              .above = state_.back(state_.records().length(0)),
              .column = column_,
              .expected = model_.expected().id,
              .place = place_.value_or(0)});
}

DecisionContexts ByteModel::choose(unsigned value) {
  if (ssm_)
    ssm_->predict(value, byte_level(value), model_.extra());
  else if (ssm_options_.d_model)
    std::fill_n(model_.extra(), ByteSsm::inputs, 0.0f);
  const ByteState& s = state_;
  const unsigned depth = byte_level(value);
  const MatchSummary match = summarise(model_.matches());
  const unsigned record = s.records().length(0);
  const ByteSituation situation{.state = s,
                                .value = value,
                                .depth = depth,
                                .seen = model_.seen_share(),
                                .match = match.bucket,
                                .expectation = static_cast<unsigned>(match.expected + 1),
                                .expected = (model_.expected().id + 1) & 0x1ffu,
                                .record = record,
                                .column = column_,
                                .place = byte_place_row(place_, value, depth),
                                .follower2 = model_.followers().latest(0),
                                .follower3 = model_.followers().latest(1)};
  DecisionContexts chosen;
  choose_rows(first_of(byte_weight_sets(), model_.set_count()), situation, chosen.sets);
  choose_rows(first_of(byte_finals(), model_.final_count()), situation, chosen.finals);
  choose_rows(first_of(byte_apms(), model_.apm_count()), situation, chosen.apms);
  return chosen;
}

void ByteModel::end(std::uint8_t byte) {
  model_.end_symbol(byte, byte + 1u);
  state_.push(byte);
}

}  // namespace ssmz::codec
