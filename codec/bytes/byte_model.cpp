// SPDX-License-Identifier: Apache-2.0
// The contexts and mixer selectors of bytes.
#include "codec/bytes/byte_model.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "codec/bytes/byte_contexts.hpp"
#include "codec/bytes/byte_selectors.hpp"
#include "codec/bytes/drawing_contexts.hpp"

namespace ssmz::codec {
namespace {

// Rows of questions stand behind those of the tree's decisions, which mixers have twice: the second time for
// decisions whose byte is not the guess but has gone its way so far.
constexpr unsigned of_mixers = 2, of_apms = 1;

template <class Selectors, class Questions>
std::vector<unsigned> rows_with_questions(unsigned times, const Selectors& selectors,
                                          const Questions& questions) {
  std::vector<unsigned> rows = rows_of(selectors);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = times * rows[i] + questions[i % questions.size()].rows;
  return rows;
}

template <class Selectors, class Questions>
void choose_questions(unsigned times, const Selectors& selectors, const Questions& questions,
                      const QuestionSituation& situation, std::span<unsigned> out) {
  for (std::size_t i = 0; i < selectors.size(); ++i)
    out[i] = times * selectors[i].rows + questions[i % questions.size()].row(situation);
}

template <class Selectors>
void choose_second(const Selectors& selectors, std::span<unsigned> out) {
  for (std::size_t i = 0; i < selectors.size(); ++i) out[i] += selectors[i].rows;
}

// Whether any part reads what records of type and length or typeset text say.
bool reads_structures(const ByteModelOptions& options) {
  if (options.drawing) return false;
  return options.contexts > byte_plain_contexts || options.follower_contexts > byte_plain_followers ||
         options.sets > byte_plain_sets || options.finals > byte_plain_finals;
}

bool asks(const ByteModelOptions& options) { return options.ask_from > 0 && options.ssm.d_model == 0; }

bool has_floats(const ByteModelOptions& options) { return options.floats && !asks(options); }

ByteSelectors first_of(const ByteSelectors& all, const ByteModelOptions& options) {
  return {first_of(all.sets, options.sets), first_of(all.finals, options.finals),
          first_of(all.apms, options.apms)};
}

ByteSelectors selectors_of(const ByteModelOptions& options) {
  return first_of(byte_selectors(options.drawing), options);
}

// Slots of each order.
unsigned guess_slots_log2(const ByteModelOptions& options) { return std::min(18u, options.history_log2); }

// At -9 without SSM; none; 0.7, 0.5, 0.3 with steps 1.5 times as long; 0.3: the first 50,000 bytes of obj2
// 14,752; 14,714, 14,702, 14,698; 14,700, 100,000 of ooffice 32,184; 32,147, 32,129, 32,118; 32,141, obj1
// 7,323; 7,302, 7,299, 7,297; 7,300, 100,000 of a sqlite database 6,788; 6,794, 6,784, 6,777; 6,771, 60,000
// of geo 25,747; 25,733, 25,709, 25,698; 25,688.
constexpr float second_joint_share = 0.3f;

// What each SSM reads, the first ones of them.
constexpr std::array all_ssms = {ByteSsmReads::records, ByteSsmReads::followers};

std::span<const ByteSsmReads> ssms_of(const ByteModelOptions& options) {
  if (options.ssm.d_model == 0) return {};
  return std::span(all_ssms).first(options.second_ssm ? 2 : 1);
}

std::uint64_t ssm_memory(const ByteModelOptions& options) {
  std::uint64_t sum = 0;
  for (const ByteSsmReads reads : ssms_of(options)) sum += ByteSsm::memory(options.ssm, reads);
  return sum;
}

DecisionModelShape shape_of(const ByteModelOptions& options) {
  DecisionModelShape shape;
  const ByteSelectors selectors = selectors_of(options);
  shape.contexts = std::min(options.drawing ? drawing_context_count : byte_context_count, options.contexts);
  shape.phases = 8;
  shape.follower_contexts = std::min(byte_follower_count, options.follower_contexts);
  shape.follower_slots_log2 = options.follower_slots_log2;
  constexpr unsigned match_lengths[] = {5, 9, 20};
  shape.match_lengths.assign(match_lengths, match_lengths + std::min(options.matches, 3u));
  shape.match_table_log2 = options.match_table_log2;
  shape.history_log2 = options.history_log2;
  shape.narrow_ids = true;
  shape.extra_inputs = ByteSsm::inputs * static_cast<unsigned>(ssms_of(options).size()) +
                       (has_floats(options) ? FloatForecast::inputs : 0);
  shape.set_rows = rows_of(selectors.sets);
  shape.final_rows = rows_of(selectors.finals);
  shape.apm_contexts = rows_of(selectors.apms);
  if (asks(options)) {
    const unsigned levels = shape.phases;
    shape.phases = 2 * levels + 1;
    // The question as a byte's first decision: as a last one, or without training, the same within 0.03 %.
    shape.like_phases.push_back(0);
    for (unsigned level = 0; level < levels; ++level) shape.like_phases.push_back(level);
    shape.extra_inputs = ByteGuess::orders;
    shape.set_rows = rows_with_questions(of_mixers, selectors.sets, question_weight_sets());
    shape.final_rows = rows_with_questions(of_mixers, selectors.finals, question_finals());
    shape.apm_contexts = rows_with_questions(of_apms, selectors.apms, question_apms());
  }
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
    : selectors_(selectors_of(options)),
      code_selectors_(first_of(code_selectors(), options)),
      tree_tenths_(options.tree_tenths),
      state_(options.history_log2, reads_structures(options), has_floats(options)),
      floats_(has_floats(options)),
      model_(shape_of(options), table),
      ssm_options_(options.ssm),
      bytes_before_ssm_(options.bytes_before_ssm),
      ssm_reads_(ssms_of(options)),
      ask_from_(options.ask_from) {
  if (asks(options)) guess_.emplace(guess_slots_log2(options));
}

std::uint64_t ByteModel::memory(const ByteModelOptions& options) {
  return sizeof(ByteModel) + ByteState::memory(options.history_log2, has_floats(options)) +
         (asks(options) ? ByteGuess::memory(guess_slots_log2(options)) : 0) +
         DecisionModel::memory(shape_of(options)) + ssm_memory(options);
}

void ByteModel::begin() {
  if (guess_) guess_->look_up(state_);
  const auto path_of = [this](std::uint32_t byte) { return tree_.path(byte); };
  model_.begin_symbol(path_of, [this] {
    if (const DrawnPixels* const drawn = state_.drawn())
      set_drawing_contexts(*drawn, model_.expected(), model_.contexts());
    else
      set_byte_contexts(state_, model_.expected(), model_.contexts(), model_.followers());
    return first_tree();
  });
  place_ = byte_place(state_);
  code_place_ = code_place(state_);
  column_ = state_.column();
  if (ssm_options_.d_model) step_ssm();
}

// Where there is a question the contexts begin with it, each guess apart: how often this byte was the right
// guess. What they know of the tree they then have of the bytes that were not guessed.
unsigned ByteModel::first_tree() {
  if (!guess_) return byte_tree;
  const std::vector<MatchModel>& matches = model_.matches();
  guess_->guess(model_.expected(), matches.empty() ? 0 : matches.front().bucket());
  asking_ = guess_->probability() > ask_from_;
  return asking_ ? byte_tree + 1 + guess_->byte() : byte_tree;
}

// Of what a long repeat gave it reads nothing.
void ByteModel::step_ssm() {
  if (bytes_before_ssm_ > 0) {
    --bytes_before_ssm_;
    return;
  }
  if (ssms_.empty()) {
    ssms_.reserve(ssm_reads_.size());
    for (const ByteSsmReads reads : ssm_reads_) ssms_.emplace_back(ssm_options_, reads);
  }
  const FollowerBank& followers = model_.followers();
  const ByteSurroundings around{
      .last = state_.last(4),
      .above = state_.back(state_.records().length(0)),
      .column = column_,
      .expected = model_.expected().id,
      .place = place_.value_or(0),
      .followers = {followers.latest(0), followers.latest(1), followers.latest(2), followers.latest(3)}};
  for (ByteSsm& ssm : ssms_) ssm.step(around);
}

// Those of SSMs that have not begun, and of questions, are 0.
void ByteModel::fill_extra(unsigned value) {
  float* inputs = model_.extra();
  if (guess_) std::fill_n(inputs, ByteGuess::orders, 0.0f);
  for (std::size_t i = 0; i < ssm_reads_.size(); ++i, inputs += ByteSsm::inputs) {
    if (i < ssms_.size())
      ssms_[i].predict(value, byte_level(value), inputs);
    else
      std::fill_n(inputs, ByteSsm::inputs, 0.0f);
  }
  if (!floats_) return;
  if (const FloatForecast* const floats = state_.floats())
    floats->predict(value, byte_level(value), inputs);
  else
    std::fill_n(inputs, FloatForecast::inputs, 0.0f);
}

DecisionContexts ByteModel::choose(unsigned value) {
  fill_extra(value);
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
                                .code = code_place_.value_or(CodePlace{}),
                                .follower2 = model_.followers().latest(0),
                                .follower3 = model_.followers().latest(1)};
  DecisionContexts chosen;
  const ByteSelectors& selectors = code_place_ ? code_selectors_ : selectors_;
  choose_rows(selectors.sets, situation, chosen.sets);
  choose_rows(selectors.finals, situation, chosen.finals);
  choose_rows(selectors.apms, situation, chosen.apms);
  if (excluding_) {
    choose_second(selectors_.sets, chosen.sets);
    choose_second(selectors_.finals, chosen.finals);
  }
  return chosen;
}

DecisionContexts ByteModel::choose_for_question() {
  guess_->weigh(model_.extra());
  const unsigned doubt = 65536u - guess_->probability();
  const QuestionSituation situation{
      .state = state_,
      .guess = guess_->byte(),
      .sure = std::min(7u, 13u - std::min(13u, static_cast<unsigned>(std::bit_width(doubt)))),
      .votes = guess_->votes(),
      .seen = model_.seen_share(),
      .match = summarise(model_.matches()).bucket};
  DecisionContexts chosen;
  choose_questions(of_mixers, selectors_.sets, question_weight_sets(), situation, chosen.sets);
  choose_questions(of_mixers, selectors_.finals, question_finals(), situation, chosen.finals);
  choose_questions(of_apms, selectors_.apms, question_apms(), situation, chosen.apms);
  return chosen;
}

void ByteModel::end(std::uint8_t byte) {
  if (guess_) guess_->learn(byte, asking_);
  for (ByteSsm& ssm : ssms_) ssm.end(byte);
  model_.end_symbol(byte);
  state_.push(byte);
}

}  // namespace ssmz::codec
