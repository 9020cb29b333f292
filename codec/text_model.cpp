// SPDX-License-Identifier: Apache-2.0
// Predicting a token's decisions: which parts are asked, and which weight vectors mix them.
#include "codec/text_model.hpp"

#include <algorithm>

#include "codec/logistic.hpp"
#include "codec/text_contexts.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned depth_bound = 26;  // decisions told apart by place: 5 attributes, then path depths 0..20

// Rows of the weight sets, in the order of TextModel::choose(); levels use a prefix.
constexpr unsigned set_rows[] = {
    64 * 3,      // place, kind
    16 * 64,     // contexts that had seen the decision, place, expected bit
    4096,        // node
    16 * 16 * 3, // match length, place, expected bit
    256 * 3,     // last byte, kind
    12 * 64,     // attributes, place, inside a word
    64 * 3,      // lexeme orders found, kind
    256 * 3,     // class of the last lexeme, kind
    16 * 64,     // shape of the last token, place, match
    64 * 32,     // column, place
    256 * 2,     // byte above
    4096,        // shape of the last three tokens
    3 * 3 * 64,  // bracket, kind, distance
    1024,        // classes of the last two lexemes
    256 * 4,     // place in the sentence and word, kind
    16 * 32,     // word orders found, place
    8192,        // last lexeme
    4096,        // last word
    4096,        // parent line
    1024,        // indentation, items since the parent
};

DecisionModelShape shape_of(const TextModelOptions& options) {
  constexpr unsigned match_lengths[] = {5, 2, 9, 16};
  DecisionModelShape shape;
  shape.contexts = std::min(text_context_count, options.contexts);
  shape.follower_contexts = std::min(text_follower_count, options.follower_contexts);
  shape.follower_slots_log2 = options.follower_slots_log2;
  shape.match_lengths.assign(match_lengths, match_lengths + std::min(options.matches, 4u));
  shape.match_table_log2 = options.match_table_log2;
  shape.extra_inputs = 1 + (options.ssm.stack.empty() ? 0 : SsmInput::inputs);
  shape.set_rows.assign(set_rows, set_rows + std::min<std::size_t>(options.sets, std::size(set_rows)));
  shape.final_rows = {64 * 12, 4096, 256};
  shape.final_rows.resize(std::min<std::size_t>(options.finals, 3));
  shape.apm_contexts = {16 * 64, 65536, 65536};
  shape.apm_contexts.resize(std::min<std::size_t>(options.apms, 3));
  return shape;
}

}  // namespace

TextModel::TextModel(std::shared_ptr<const Vocabulary> vocabulary, const CodeTree& tree, SlotTable& table,
                     const TextModelOptions& options)
    : vocabulary_(vocabulary),
      tree_(tree),
      state_(vocabulary),
      history_(options.history_log2),
      model_(shape_of(options), table) {
  if (!options.ssm.stack.empty()) ssm_ = std::make_unique<SsmInput>(options.ssm, *vocabulary_, tree_);
}

SymbolPath TextModel::path_of(std::uint32_t id) const noexcept {
  const LexemeId lexeme = id / 16;
  const CodeTree::Path path = tree_.path(lexeme);
  return {path.bits, path.depth, static_cast<std::uint8_t>(id / 4 % 4), vocabulary_->is_word(lexeme),
          static_cast<std::uint8_t>(id % 4)};
}

void TextModel::begin() {
  set_text_contexts(state_, model_.contexts(), model_.followers());
  for (MatchModel& match : model_.matches()) {
    const std::uint32_t id = match.find(history_);
    if (id != FollowerBank::none) match.expect(path_of(id));
  }
  model_.contexts().open_group(0, 0);
  model_.followers().load([this](std::uint32_t id) { return path_of(id); });
}

// What was decided about the separator and the case changes what lexeme to expect: it is part of the key.
void TextModel::open_path_group(std::uint32_t node) {
  const std::uint64_t attributes = at_.taken.separator * 4u + at_.taken.letter_case;
  model_.contexts().open_group(hash_mix(node + 1, attributes), node + 1);
}

std::uint32_t TextModel::predict(unsigned local) {
  if (ssm_) ssm_->prefetch(at_, node_);
  model_.gather(at_, local, static_cast<unsigned>(at_.stage));
  float* const extra = model_.extra();
  const bool path = at_.stage == Stage::path;
  // The unigram prior of the vocabulary: -0.45 % (enwik8-1M).
  extra[0] = path && model_.switches().prior ? stretch_table()[tree_.prior(node_) >> (16 - stretch_bits)] : 0.0f;
  if (ssm_) ssm_->predict(at_, node_, extra + 1);
  if (ssm_ && !model_.switches().ssm) std::fill_n(extra + 1, SsmInput::inputs, 0.0f);
  return model_.mix(choose(local));
}

DecisionContexts TextModel::choose(unsigned local) const {
  const TextState& s = state_;
  const bool path = at_.stage == Stage::path;
  const unsigned place = path ? std::min<unsigned>(5u + at_.taken.depth, depth_bound - 1) : static_cast<unsigned>(at_.stage);
  const unsigned attributes = path ? at_.taken.separator * 3u + at_.taken.letter_case : 0u;
  const unsigned kind = path ? 1u + at_.taken.word : 0u;  // attribute, other lexeme, word
  const unsigned node = path ? 16 + node_ : local;
  const unsigned seen = std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1));
  const MatchSummary match = summarise(model_.matches());
  const unsigned expected = static_cast<unsigned>(match.expected + 1);
  unsigned orders = 0;
  for (unsigned i = 0; i < 6; ++i) orders |= unsigned{model_.contexts().found(lexeme_order_contexts[i])} << i;
  unsigned words = 0;
  for (unsigned i = 0; i < 4; ++i) words |= unsigned{model_.contexts().found(word_order_contexts[i])} << i;
  const auto classes = static_cast<unsigned>(s.lexeme_class(0, 5) * 32 + s.lexeme_class(1, 5));
  const unsigned bracket = s.bracket() ? 1u + (s.bracket() == '[') : 0u;
  DecisionContexts chosen;
  chosen.sets = {place * 3 + kind,
                 seen * 64 + place * 2 + (match.expected > 0),
                 node % 4096,
                 (match.bucket * 16 + std::min(15u, place)) * 3 + expected,
                 static_cast<unsigned>(s.last_bytes(1)) * 3 + kind,
                 attributes * 64 + place * 2 + s.in_word(),
                 orders * 3 + kind,
                 static_cast<unsigned>(s.lexeme_class(0, 8)) * 3 + kind,
                 static_cast<unsigned>(s.shape(1)) * 64 + place * 2 + (match.bucket > 0),
                 std::min(63u, s.column()) * 32 + place,
                 s.above_byte() * 2 + (kind > 0),
                 static_cast<unsigned>(s.shape(3)),
                 (bracket * 3 + kind) * 64 + std::min(63u, s.bracket_distance()),
                 classes,
                 std::min(255u, s.words_in_sentence() * 8 + std::min(7u, s.pieces())) * 4 + kind,
                 words * 32 + place,
                 static_cast<unsigned>(s.lexeme(0) % 8192),
                 static_cast<unsigned>((s.word(0) >> 20) % 4096),
                 static_cast<unsigned>((s.parent() >> 20) % 1024) * 4 + kind,
                 std::min(15u, s.indent()) * 64 + std::min(15u, s.items_since_parent()) * 4 + kind};
  chosen.finals = {attributes * 64 + place * 2 + s.in_word(), node % 4096, match.bucket * 16 + seen};
  chosen.apms = {match.bucket * 64 + expected * 16 + std::min(15u, place), node % 65536,
                 static_cast<unsigned>(hash_mix(node, s.lexeme(0)) % 65536)};
  return chosen;
}

void TextModel::end(Token token) {
  const std::uint32_t id = id_of(token);
  history_.push(id, token.lexeme + 1);
  model_.followers().finish(id);
  for (MatchModel& match : model_.matches()) match.finish(history_);
  state_.push(token);
  if (ssm_) ssm_->step(token);
}

}  // namespace ssmz::codec
