// SPDX-License-Identifier: Apache-2.0
// Predicting a token's decisions: which parts are asked, and which weight vectors mix them.
#include "codec/text/text_model.hpp"

#include <algorithm>

#include "codec/predict/logistic.hpp"
#include "codec/text/text_contexts.hpp"
#include "codec/vocabulary/derived_tables.hpp"

namespace ssmz::codec {
namespace {

// Decisions told apart by place: 5 attributes, path depths 0..20, depths 0..5 of a letter's path.
constexpr unsigned first_path_place = 5, first_letter_place = 26, places = 32;

unsigned place_of(const Position& at) {
  if (at.stage == Stage::letter) return std::min<unsigned>(first_letter_place + at.taken.depth, places - 1);
  if (at.stage == Stage::path)
    return std::min<unsigned>(first_path_place + at.taken.depth, first_letter_place - 1);
  return static_cast<unsigned>(at.stage);
}

// Kinds of decision with maps of bit histories of their own: attributes and letters by stage, the path by its
// tree and by how deep it is, four levels each (one kind for all paths +0.17 %, two levels each +0.01 %; also
// told apart by separator -0.01 %, by the node's prior +0.1 %; enwik8-1M at -5 without SSM).
constexpr unsigned path_phases = 4;
constexpr unsigned phase_count = stage_count + 2 * path_phases;

unsigned phase_of(const Position& at) {
  if (at.stage != Stage::path) return static_cast<unsigned>(at.stage);
  return stage_count + path_phases * at.taken.word + std::min(at.taken.depth / 4u, path_phases - 1);
}

constexpr unsigned prior_inputs = SpellingPrior::inputs;
constexpr std::uint32_t letter_key = 0x80000000u;  // sets letters apart from lexemes in the match models

// Rows of the weight sets, in the order of TextModel::choose(); levels use a prefix.
constexpr unsigned set_rows[] = {
    64 * 4,       // place, kind
    16 * 64,      // contexts that had seen the decision, place, expected bit
    4096,         // node
    16 * 17 * 3,  // match length, place, expected bit
    256 * 4,      // last byte, kind
    12 * 64,      // attributes, place, inside a word
    64 * 4,       // lexeme orders found, kind
    256 * 4,      // class of the last lexeme, kind
    16 * 64,      // shape of the last token, place, match
    64 * 32,      // column, place
    256 * 3,      // byte above, attribute, lexeme or letter
    4096 + 256,   // shape of the last three tokens; letter: length, form of the word
    3 * 4 * 64,   // bracket, kind, distance
    1024,         // classes of the last two lexemes
    256 * 4,      // place in the sentence and word, kind
    16 * 32,      // word orders found, place
    8192 + 1024,  // last lexeme; letter: last two letters
    4096 + 1024,  // last word; letter: the word so far
    4096,         // parent line
    1024,         // indentation, items since the parent
};

DecisionModelShape shape_of(const TextModelOptions& options) {
  constexpr unsigned match_lengths[] = {5, 2, 9, 16};
  DecisionModelShape shape;
  shape.contexts = std::min(text_context_count, options.contexts);
  shape.phases = phase_count;
  shape.follower_contexts = std::min(text_follower_count, options.follower_contexts);
  shape.follower_slots_log2 = options.follower_slots_log2;
  shape.match_lengths.assign(match_lengths, match_lengths + std::min(options.matches, 4u));
  shape.match_table_log2 = options.match_table_log2;
  shape.extra_inputs = prior_inputs + (options.ssm.stack.empty() ? 0 : SsmInput::inputs);
  shape.set_rows.assign(set_rows, set_rows + std::min<std::size_t>(options.sets, std::size(set_rows)));
  shape.final_rows = {64 * 12, 4096, 256};
  shape.final_rows.resize(std::min<std::size_t>(options.finals, 3));
  shape.apm_contexts = {16 * 64, 65536, 65536};
  shape.apm_contexts.resize(std::min<std::size_t>(options.apms, 3));
  return shape;
}

}  // namespace

TextModel::TextModel(std::shared_ptr<const Vocabulary> vocabulary, SlotTable& table,
                     const TextModelOptions& options)
    : vocabulary_(vocabulary),
      tree_(vocabulary->tables().tree()),
      state_(vocabulary),
      history_(options.history_log2),
      model_(shape_of(options), table) {
  if (!options.ssm.stack.empty()) ssm_ = std::make_unique<SsmInput>(options.ssm, *vocabulary_, tree_);
}

SymbolPath TextModel::path_of(std::uint32_t id) const noexcept {
  const LexemeId lexeme = id / 16;
  if (id / 4 % 4 == static_cast<unsigned>(Separator::spelled)) {
    const bool end = lexeme == vocabulary_->spelled();
    const CodeTree::Path letter = tree_.letter_path(
        end ? CodeTree::end_letter : static_cast<std::uint8_t>(vocabulary_->spelling(lexeme)[0]));
    return {letter.bits, letter.depth, static_cast<std::uint8_t>(Separator::spelled), letter_tree, 0};
  }
  const CodeTree::Path path = tree_.path(lexeme);
  return {path.bits, path.depth, static_cast<std::uint8_t>(id / 4 % 4), vocabulary_->is_word(lexeme),
          static_cast<std::uint8_t>(id % 4)};
}

void TextModel::begin() {
  set_text_contexts(state_, model_.contexts(), model_.followers());
  model_.contexts().start(state_.spelling() ? context_tree(letter_tree) : 0);
  for (MatchModel& match : model_.matches()) {
    const std::uint32_t id = match.find(history_);
    if (id != FollowerBank::none) match.expect(path_of(id));
  }
  model_.followers().load([this](std::uint32_t id) { return path_of(id); });
}

// Before the other parts: while they learn, the lines of the decision to come are fetched.
void TextModel::update_contexts(Stage stage) {
  const bool path = stage == Stage::path || stage == Stage::letter;
  model_.contexts().update(last_bit_, path && !(tree_.child(node_, last_bit_) & CodeTree::leaf_flag));
  if (stage == Stage::word && !last_bit_) model_.contexts().enter(context_tree(other_tree));
  if ((stage == Stage::lower && last_bit_) || stage == Stage::capital)
    model_.contexts().enter(context_tree(word_tree));
}

std::uint32_t TextModel::predict(unsigned attribute) {
  const bool ssm = ssm_ && at_.stage != Stage::letter;  // letters are none of the SSM's
  if (ssm) ssm_->prefetch(at_, node_);
  model_.gather(at_, phase_of(at_));
  set_priors(model_.extra());
  if (ssm) ssm_->predict(at_, node_, model_.extra() + prior_inputs);
  if (ssm_ && (!ssm || !model_.switches().ssm))
    std::fill_n(model_.extra() + prior_inputs, SsmInput::inputs, 0.0f);
  return model_.mix(choose(attribute));
}

// What the vocabulary knows beforehand: how often each lexeme
// comes (-0.45 % on enwik8-1M), how words are spelled.
void TextModel::set_priors(float* out) {
  std::fill_n(out, prior_inputs, 0.0f);
  if (!model_.switches().prior) return;
  if (at_.stage == Stage::path) out[0] = stretch_table()[tree_.prior(node_) >> (16 - stretch_bits)];
  if (at_.stage != Stage::letter) return;
  if (!spelling_prior_) spelling_prior_ = &vocabulary_->tables().spelling_prior();
  spelling_prior_->predict(state_.letters(), node_, out);
}

DecisionContexts TextModel::choose(unsigned attribute) const {
  const TextState& s = state_;
  const bool letter = at_.stage == Stage::letter;
  const bool path = at_.stage == Stage::path || letter;
  const unsigned place = place_of(at_);
  const unsigned attributes = letter ? 9u + std::min(2u, s.pieces())
                              : path ? at_.taken.separator * 3u + at_.taken.letter_case
                                     : 0u;
  const unsigned kind = path ? 1u + at_.taken.word : 0u;  // attribute, other lexeme, word, letter
  const unsigned node = path ? 16 + node_ : attribute;
  const unsigned seen = std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1));
  const MatchSummary match = summarise(model_.matches());
  const unsigned expected = static_cast<unsigned>(match.expected + 1);
  unsigned orders = 0;
  for (unsigned i = 0; i < 6; ++i) orders |= unsigned{model_.contexts().found(lexeme_order_contexts[i])} << i;
  unsigned words = 0;
  for (unsigned i = 0; i < 4; ++i) words |= unsigned{model_.contexts().found(word_order_contexts[i])} << i;
  const auto classes = static_cast<unsigned>(s.lexeme_class(0, 5) * 32 + s.lexeme_class(1, 5));
  const unsigned bracket = s.bracket() ? 1u + (s.bracket() == '[') : 0u;
  const Token spelled = s.spelled_token();
  const unsigned form =
      static_cast<unsigned>(spelled.separator) * 4 + static_cast<unsigned>(spelled.letter_case);
  const auto last_letters = static_cast<unsigned>((s.letters() & 31u) | (s.letters() >> 3 & 0x3e0u));
  DecisionContexts chosen;
  chosen.sets = {place * 4 + kind,
                 seen * 64 + place * 2 + (match.expected > 0),
                 node % 4096,
                 (match.bucket * 17 + (letter ? 16u : std::min(15u, place))) * 3 + expected,
                 static_cast<unsigned>(s.last_bytes(1)) * 4 + kind,
                 attributes * 64 + place * 2 + s.in_word(),
                 orders * 4 + kind,
                 static_cast<unsigned>(s.lexeme_class(0, 8)) * 4 + kind,
                 static_cast<unsigned>(s.shape(1)) * 64 + place * 2 + (match.bucket > 0),
                 std::min(63u, s.column()) * 32 + place,
                 s.above_byte() * 3 + (letter ? 2u : kind > 0),
                 letter ? 4096 + form * 16 + std::min(15u, s.pieces()) : static_cast<unsigned>(s.shape(3)),
                 (bracket * 4 + kind) * 64 + std::min(63u, s.bracket_distance()),
                 classes,
                 std::min(255u, s.words_in_sentence() * 8 + std::min(7u, s.pieces())) * 4 + kind,
                 words * 32 + place,
                 letter ? 8192 + last_letters : static_cast<unsigned>(s.lexeme(0) % 8192),
                 letter ? 4096 + static_cast<unsigned>((s.word(0) >> 20) % 1024)
                        : static_cast<unsigned>((s.word(0) >> 20) % 4096),
                 static_cast<unsigned>((s.parent() >> 20) % 1024) * 4 + kind,
                 std::min(15u, s.indent()) * 64 + std::min(15u, s.items_since_parent()) * 4 + kind};
  chosen.finals = {attributes * 64 + place * 2 + s.in_word(), node % 4096, match.bucket * 16 + seen};
  chosen.apms = {match.bucket * 64 + expected * 16 + std::min(15u, place), node % 65536,
                 static_cast<unsigned>(hash_mix(node, s.lexeme(0)) % 65536)};
  return chosen;
}

void TextModel::end(Token token) {
  const std::uint32_t id = id_of(token);
  const bool letter = token.separator == Separator::spelled;
  history_.push(id, letter ? id | letter_key : token.lexeme + 1);
  model_.contexts().finish();
  model_.followers().finish(id);
  for (MatchModel& match : model_.matches()) match.finish(history_);
  state_.push(token);
  if (!ssm_ || state_.spelling()) return;  // the SSM reads a spelled word as one token
  if (letter)
    ssm_->step_spelled(state_.spelled_token(), state_.lexeme(0));
  else
    ssm_->step(token);
}

}  // namespace ssmz::codec
