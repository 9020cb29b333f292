// SPDX-License-Identifier: Apache-2.0
// Predicting a token's decisions: which parts are asked, and which weight vectors mix them.
#include "codec/text/text_model.hpp"

#include <algorithm>

#include "codec/predict/logistic.hpp"
#include "codec/text/text_selectors.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

// Kinds of decision with maps of bit histories of their own: attributes and letters by stage, the path by its
// tree and by how deep it is, four levels each (one kind for all paths +0.17 %, two levels each +0.01 %; also
// told apart by separator -0.01 %, by the node's prior +0.1 %; enwik8-1M at -5 without SSM).
constexpr unsigned path_phases = 4;
constexpr unsigned phase_count = stage_count + 2 * path_phases;

// Steps of one unit of a logit.
unsigned step_of(float logit) { return static_cast<unsigned>(std::clamp(logit + 8.0f, 0.0f, 15.0f)); }

constexpr unsigned bigram_inputs = 2;  // by the class of the lexeme before, by that lexeme

unsigned prior_inputs_of(const TextModelOptions& options) {
  return options.prior ? SpellingPrior::inputs + bigram_inputs : 0;
}
// With fewer weight sets nothing reads of rows: "column, place; in rows: field, place" is the tenth.
constexpr unsigned least_sets_with_rows = 10;
// Stages of the chains: each order of lexemes, then each of words.
constexpr unsigned chain_stages =
    std::tuple_size_v<decltype(OrderPlaces::lexemes)> + std::tuple_size_v<decltype(OrderPlaces::words)>;
// Inputs that come before the SSM's, which are last: a model without it has the others where training had
// them.
unsigned own_inputs_of(const TextModelOptions& options) {
  return prior_inputs_of(options) + (options.chains ? chain_stages : 0) +
         (options.recency ? Recency::inputs : 0);
}

// Inputs behind the SSM's, so that all others stay where training had them: of wraps and of bigrams.
constexpr unsigned wrap_inputs = 2;
// Wraps begin behind so many tokens, some 30 lines: what they know of the vocabulary takes a quarter of the
// time of 1 kB at -5. FORMAT.
constexpr unsigned tokens_before_wraps = 512;
unsigned late_inputs_of(const TextModelOptions& options) {
  return (options.wraps ? wrap_inputs : 0) + (options.skip_bigrams ? bigram_inputs : 0);
}
// Room is left for the SSM's where the lab leaves it out of a level that has it, so that what stands behind
// them is where training had it.
unsigned late_at(const TextModelOptions& options) {
  const bool ssm = !options.ssm.stack.empty() || options.room_for_ssm;
  return own_inputs_of(options) + (ssm ? SsmInput::inputs : 0);
}

// Steps by how much the inputs say, -9 without SSM, mixers not trained anew: alice29.txt's first 40,000 bytes
// -0.68 %, enwik8's first 60,000 -0.44 %, world192.txt's first 30,000 -0.45 %. With 0.5, and the finals' as
// they were: -0.55, -0.37, -0.42 %.
constexpr float usual_square = 0.36f, usual_final_square = 1.5f;

// Matches compare lexemes, whatever stands before them and however they are cased; of letters the whole id.
constexpr MatchKeys match_keys{
    .shift = 4, .mask = 12, .marked = static_cast<std::uint32_t>(Separator::spelled) * 4};

unsigned context_count(const TextModelOptions& options) {
  return std::min(text_context_count(), options.contexts) +
         static_cast<unsigned>(options.more_contexts.size());
}

DecisionModelShape shape_of(const TextModelOptions& options) {
  constexpr unsigned match_lengths[] = {5, 2, 9, 16};
  DecisionModelShape shape;
  shape.contexts = context_count(options);
  shape.phases = phase_count;
  shape.follower_contexts = std::min(text_follower_count(), options.follower_contexts);
  shape.follower_slots_log2 = options.follower_slots_log2;
  shape.match_lengths.assign(match_lengths, match_lengths + std::min(options.matches, 4u));
  shape.match_table_log2 = options.match_table_log2;
  shape.history_log2 = options.history_log2;
  shape.match_keys = match_keys;
  shape.extra_inputs = late_at(options) + late_inputs_of(options);
  shape.set_rows = rows_of(first_of(text_sets(), options.sets));
  shape.final_rows = rows_of(first_of(text_finals(), options.finals));
  // alice29.txt's first 40,000 bytes -0.06 %, enwik8's first 60,000 -0.03 %, world192.txt's first 30,000
  // -0.04 %, -9 without SSM.
  shape.finals_read_extra = options.finals_read_extra;
  shape.preconditioner_rank = options.preconditioner_rank;
  shape.apm_contexts = rows_of(first_of(text_apms(), options.apms));
  shape.first = options.first;
  shape.rate.first = options.mixer_rate;
  shape.rate.least_error = options.least_error;
  if (options.scaled_steps) {
    shape.rate.usual_square = usual_square;
    shape.final_rate.usual_square = usual_final_square;
  }
  return shape;
}

}  // namespace

TextModel::TextModel(std::shared_ptr<const Vocabulary> vocabulary, SlotTable& table,
                     const TextModelOptions& options)
    : vocabulary_(vocabulary),
      tree_(vocabulary->tables().tree()),
      bigrams_(vocabulary->tables().bigram_prior()),
      state_(vocabulary, options.sets >= least_sets_with_rows),
      contexts_(context_count(options), std::min(text_follower_count(), options.follower_contexts),
                options.more_contexts),
      model_(shape_of(options), table),
      ssm_options_(options.ssm),
      tokens_before_ssm_(options.tokens_before_ssm),
      tokens_before_wraps_(options.wraps ? tokens_before_wraps : 0),
      late_wraps_(options.wraps ? wrap_inputs : 0),
      skip_bigrams_(options.skip_bigrams),
      prior_inputs_(prior_inputs_of(options)),
      own_inputs_(own_inputs_of(options)),
      late_at_(late_at(options)) {
  // Classes are the vocabulary's own.
  const FirstValues* const first = options.prior ? options.first : nullptr;
  const bool known =
      first && first->attributes == attribute_decisions && first->attribute_classes == 1u << class_bits;
  if (known && vocabulary->hash() == Vocabulary::builtin_hash()) attributes_ = first;
  if (options.recency) recency_.emplace(tree_.inner_count());
  if (options.chains) chains_.emplace(chain_stages, phase_count);
  if (chains_ && options.first) chains_->start_from(*options.first);
  if (has_ssm_inputs() && tokens_before_ssm_ == 0) begin_ssm();
}

std::uint64_t TextModel::memory(const TextModelOptions& options, std::size_t lexemes) {
  const std::uint64_t own = sizeof(TextModel) + TextState::memory() +
                            DecisionModel::memory(shape_of(options)) +
                            (options.chains ? HistoryChain::memory(chain_stages, phase_count) : 0) +
                            (options.wraps ? LineWrap::memory(lexemes + CodeTree::letter_leaves) : 0) +
                            (options.recency ? Recency::memory(lexemes + CodeTree::letter_leaves) : 0);
  return options.ssm.stack.empty() ? own : own + SsmInput::memory(options.ssm, lexemes);
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

Token TextModel::token_of(std::uint32_t id) const noexcept {
  const LexemeId lexeme = id / 16;
  const auto separator = static_cast<Separator>(id / 4 % 4);
  if (separator != Separator::spelled) return {lexeme, separator, static_cast<CaseClass>(id % 4)};
  return {lexeme, separator, letter_case(lexeme)};
}

CaseClass TextModel::letter_case(LexemeId lexeme) const noexcept {
  return lexeme == vocabulary_->spelled()
             ? CaseClass::lower
             : spelled_letter_case(state_.spelled_token().letter_case, state_.pieces() == 0);
}

void TextModel::begin() {
  model_.begin_symbol([this](std::uint32_t id) { return path_of(id); },
                      [this] {
                        contexts_.set(state_, model_.contexts(), model_.followers());
                        return state_.spelling() ? context_tree(letter_tree) : 0;
                      });
}

unsigned TextModel::phase_of(const Position& at) noexcept {
  if (at.stage != Stage::path) return static_cast<unsigned>(at.stage);
  return stage_count + path_phases * at.taken.word + std::min(at.taken.depth / 4u, path_phases - 1);
}

NextDecision TextModel::next(unsigned bit) const noexcept {
  switch (at_.stage) {
    case Stage::path:
    case Stage::letter: return {.same_tree = !(tree_.child(node_, bit) & CodeTree::leaf_flag)};
    case Stage::word: return {.enter_tree = bit ? 0 : context_tree(other_tree), .skip_first = wrapped()};
    case Stage::lower: return {.enter_tree = bit ? context_tree(word_tree) : 0, .skip_first = wrapped()};
    case Stage::capital: return {.enter_tree = context_tree(word_tree), .skip_first = wrapped()};
    case Stage::space:  // most are words of small letters after a space, or nothing of the kind
      return bit ? NextDecision{.expected_tree = context_tree(word_tree),
                                .expected_bits = 7,
                                .expected_depth = 3}
                 : NextDecision{
                       .expected_tree = context_tree(other_tree), .expected_bits = 0, .expected_depth = 3};
    case Stage::newline:
    case Stage::whole: break;
  }
  return {};
}

DecisionContexts TextModel::choose() {
  float* const inputs = model_.extra();
  if (prior_inputs_) set_priors(inputs);
  const bool ssm = ssm_ && at_.stage != Stage::letter;
  if (ssm)
    ssm_->predict(at_, node_, inputs + own_inputs_);
  else if (late_at_ != own_inputs_)
    std::fill_n(inputs + own_inputs_, SsmInput::inputs, 0.0f);
  ssm_logit_ = ssm ? ssm_->logit() : 0.0f;
  if (chains_) set_chains(inputs + prior_inputs_);
  if (recency_) set_recency(inputs + own_inputs_ - Recency::inputs);
  set_late(inputs + late_at_);
  return select();
}

// Two chains, of lexemes from what the vocabulary knows beforehand on, of words from the SSM on. What each
// stage says is an input: -0.54 % on enwik8's first 60,000 bytes, -0.88 % on alice29.txt's first 50,000,
// -0.19 % on progc, 0 on trans's first 40,000, all at -9 and before training of the mixer for them.
void TextModel::set_chains(float* out) {
  const OrderPlaces& orders = order_places(state_.spelling());
  chains_->begin(model_.phase());
  unsigned stage = 0;
  const auto run = [&](float logit, const auto& places) {
    for (const unsigned place : places) {
      logit = chains_->refine(stage, model_.contexts().kind(place), logit);
      out[stage++] = logit;
    }
  };
  run(prior_logit_, orders.lexemes);
  run(ssm_logit_, orders.words);
}

void TextModel::set_recency(float* out) {
  if (of_tree(at_.stage))
    recency_->predict(node_, tree_.prior(node_), static_cast<std::uint32_t>(state_.tokens()), out);
  else
    std::fill_n(out, Recency::inputs, 0.0f);
}

// What the class of the newest token says of the decision about an attribute. Five texts of 60,000 bytes at
// -9 without SSM, mixers not trained for it: -0.32 % (English -0.1 to -0.3, XML -0.75, C -0.33 %).
float TextModel::attribute_logit() const noexcept {
  const std::size_t row = attribute_decision(at_.stage, at_.taken.separator);
  const std::uint8_t value = attributes_->attribute_logits[row * attributes_->attribute_classes +
                                                           vocabulary_->distributional_class(last_lexeme_)];
  return static_cast<float>(static_cast<std::int8_t>(value)) * (1.0f / 16.0f);
}

// What the vocabulary knows beforehand: how often each lexeme
// comes (-0.45 % on enwik8-1M), how words are spelled.
void TextModel::set_priors(float* out) {
  std::fill_n(out, prior_inputs_, 0.0f);
  prior_logit_ = 0.0f;
  if (at_.stage == Stage::path) {
    out[0] = stretch_table()[tree_.prior(node_) >> (16 - stretch_bits)];
    const float by_class = out[0] + bigrams_.shift(near_.by_class);
    prior_logit_ = by_class + (near_.by_lexeme ? bigrams_.shift(near_.by_lexeme) : 0.0f);
    if (near_.by_class) out[SpellingPrior::inputs] = by_class;
    if (near_.by_lexeme) out[SpellingPrior::inputs + 1] = prior_logit_;
  }
  if (attributes_ && !of_tree(at_.stage)) out[0] = prior_logit_ = attribute_logit();
  if (at_.stage != Stage::letter) return;
  if (!spelling_prior_) spelling_prior_ = &vocabulary_->tables().spelling_prior();
  spelling_prior_->predict(state_.letters(), node_, out);
  // Of the two that may come, the one that comes more often.
  const std::uint32_t likely = tree_.child(node_, tree_.prior(node_) >> 15);
  if (!(likely & CodeTree::leaf_flag)) spelling_prior_->prefetch(state_.letters(), likely);
  prior_logit_ = out[SpellingPrior::inputs - 1];
}

void TextModel::follow_bigrams() noexcept {
  const bool joined = at_.taken.separator == static_cast<std::uint8_t>(Separator::none);
  const auto places = [&](LexemeId last) {
    return BigramPlaces{bigrams_.class_root(last, joined, at_.taken.word != 0),
                        bigrams_.lexeme_root(last, joined, at_.taken.word != 0)};
  };
  near_ = places(last_lexeme_);
  far_ = skip_bigrams_ ? places(words_[after_word_]) : BigramPlaces{};
}

// What stands behind the SSM's inputs. Of wraps: on the path what the line's end, or that it did not end,
// says of the word's length; before it how likely a line's end is. alice29.txt's first 60,000 bytes 12,005 ->
// 11,956, 200,000 of world192.txt 29,244 -> 29,178; the most there is to win, by a table of columns and
// lengths, is 0.6 %. Of bigrams: what the newest word says that is not the newest token, without what the
// vocabulary expects; the word before that brings nothing more. alice29.txt's 11,934 -> 11,907, enwik8's
// first 60,000 12,119 -> 12,109. -9 without SSM, mixers not trained for any of them.
void TextModel::set_late(float* out) {
  std::fill_n(out, late_wraps_, 0.0f);
  if (wraps_) {
    const bool path = at_.stage == Stage::path;
    if (path) out[0] = wraps_->shift(node_);
    if (at_.stage == Stage::space || at_.stage == Stage::newline) {
      const float logit = stretch_table()[wraps_->line_end() >> (16 - stretch_bits)];
      out[1] = at_.stage == Stage::space ? -logit : logit;
    }
  }
  out += late_wraps_;
  if (!skip_bigrams_) return;
  const bool far = at_.stage == Stage::path && far_.by_class;
  out[0] = far ? bigrams_.shift(far_.by_class) : 0.0f;
  out[1] = far && far_.by_lexeme ? out[0] + bigrams_.shift(far_.by_lexeme) : 0.0f;
}

DecisionContexts TextModel::select() const {
  const bool letter = at_.stage == Stage::letter;
  const bool path = at_.stage == Stage::path || letter;
  const MatchSummary match = summarise(model_.matches());
  const TextDecision decision{
      .s = state_,
      .letter = letter,
      .place = place_of(at_),
      .kind = path ? 1u + at_.taken.word : 0u,
      .attributes = letter ? 9u + std::min(2u, state_.pieces())
                    : path ? at_.taken.separator * 3u + at_.taken.letter_case
                           : 0u,
      .node = path ? 16 + node_ : 1 + attribute_decision(at_.stage, at_.taken.separator),
      .seen = model_.seen_share(),
      .match = match,
      .expected = static_cast<unsigned>(match.expected + 1),
      .prior = step_of(prior_logit_),
      .ssm = step_of(ssm_logit_),
      .contexts = model_.contexts()};
  DecisionContexts chosen;
  choose_rows(first_of(text_sets(), model_.set_count()), decision, chosen.sets);
  choose_rows(first_of(text_finals(), model_.final_count()), decision, chosen.finals);
  choose_rows(first_of(text_apms(), model_.apm_count()), decision, chosen.apms);
  return chosen;
}

// What follows a line's end that only made room for it is as likely as behind a space: contexts meet it as
// what came there. alice29.txt's first 60,000 bytes -0.2 %.
bool TextModel::wrapped() const noexcept {
  return wraps_ && at_.taken.separator == static_cast<std::uint8_t>(Separator::newline) &&
         wraps_->wraps(false);
}

// The same where lines are indented, which is a token of its own: 60,000 bytes of world192.txt -0.6 %.
bool TextModel::transparent(Token token) const noexcept {
  if (!wraps_ || token.separator != Separator::none || token.lexeme == vocabulary_->spelled()) return false;
  const std::string_view spelling = vocabulary_->spelling(token.lexeme);
  return spelling[0] == '\n' && spelling.find_first_not_of(' ', 1) == std::string_view::npos &&
         wraps_->wraps(true);
}

void TextModel::push_wraps(Token token) {
  const bool letter = token.separator == Separator::spelled, end = token.lexeme == vocabulary_->spelled();
  std::uint8_t bytes[max_token_bytes];
  const std::size_t size = spell(*vocabulary_, token, bytes);
  if (letter && end) wraps_->learn(state_.pieces());
  if (!letter && !end && bytes[size - 1] > ' ')
    wraps_->learn(static_cast<unsigned>(vocabulary_->spelling(token.lexeme).size()));
  wraps_->push({bytes, size});
}

void TextModel::push(Token token) {
  const bool passed_over = transparent(token);
  if (wraps_) push_wraps(token);
  state_.push(token, passed_over);
  if (passed_over) return;
  last_lexeme_ = token.separator == Separator::spelled ? vocabulary_->spelled() : token.lexeme;
  bigrams_.prefetch_root(last_lexeme_);
  if (token.separator == Separator::spelled) return;  // of a word that is known as spelled() already
  after_word_ = vocabulary_->is_word(token.lexeme);
  if (after_word_) words_ = {last_lexeme_, words_[0]};
}

void TextModel::end(Token token) {
  const std::uint32_t id = id_of(token);
  const bool letter = token.separator == Separator::spelled;
  model_.end_symbol(id);
  push(token);
  if (state_.spelling()) return;  // the SSM reads a spelled word as one token
  if (tokens_before_wraps_ != 0 && --tokens_before_wraps_ == 0) wraps_.emplace(*vocabulary_, tree_);
  if (tokens_before_ssm_ != 0 && --tokens_before_ssm_ == 0 && has_ssm_inputs()) begin_ssm();
  if (!ssm_) return;
  if (letter)
    ssm_->step_spelled(state_.spelled_token(), state_.lexeme(0));
  else
    ssm_->step(token);
}

}  // namespace ssmz::codec
