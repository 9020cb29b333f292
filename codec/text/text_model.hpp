// SPDX-License-Identifier: Apache-2.0
// Walks a token's decisions and predicts each; the same code encodes, decodes and measures.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/predict/decision_model.hpp"
#include "codec/predict/history_chain.hpp"
#include "codec/predict/symbol_path.hpp"
#include "codec/text/attribute_decisions.hpp"
#include "codec/text/line_wrap.hpp"
#include "codec/text/recency.hpp"
#include "codec/text/ssm_input.hpp"
#include "codec/text/text_contexts.hpp"
#include "codec/text/text_state.hpp"
#include "codec/vocabulary/bigram_prior.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/spelling_prior.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// What a level gives the text model. FORMAT, but for ssm.threads.
struct TextModelOptions {
  unsigned contexts = 103;           ///< n-gram contexts, the most useful first.
  unsigned follower_contexts = 18;   ///< Contexts with followers, likewise.
  unsigned matches = 4;              ///< Match models, likewise.
  unsigned sets = 20;                ///< Mixer weight sets, likewise.
  unsigned finals = 5;               ///< Final mixers, 0..5; 0: the mean of the sets.
  unsigned apms = 3;                 ///< APMs, 0..3.
  bool chains = true;                ///< Chains of contexts, order by order.
  bool scaled_steps = true;          ///< Mixers whose steps follow how much the inputs say.
  unsigned preconditioner_rank = 8;  ///< Of the mixer (DecisionModelShape).
  float mixer_rate = 0.02f;          ///< MixerRate's first, of the first layer.
  float least_error = 0.002f;        ///< Likewise.
  bool finals_read_extra = true;  ///< What the vocabulary, SSM and chains say is the final mixers' input too.
  bool recency = true;            ///< Counts of the code tree's nodes that fade are inputs.
  bool wraps = true;              ///< Line ends that make room for a word are known for what they are.
  bool skip_bigrams = true;       ///< What the vocabulary says of the word after next is an input.
  bool prior = true;              ///< What the vocabulary knows beforehand is an input.

  unsigned history_log2 = 22;
  unsigned follower_slots_log2 = 22;
  unsigned match_table_log2 = 20;
  SsmOptions ssm;
  bool room_for_ssm = true;                     ///< It has inputs even if `ssm` has no layers.
  unsigned tokens_before_ssm = 0;               ///< So many are coded before it begins.
  std::vector<TextContext> more_contexts = {};  ///< Of the lab: after the list's.
  const FirstValues* first = FirstValuesFile::builtin().find("text");
};

/// Not thread-safe.
class TextModel {
 public:
  TextModel(std::shared_ptr<const Vocabulary> vocabulary, SlotTable& table, const TextModelOptions& options);
  /// For a copy: see DecisionModel::move_to().
  void move_to(SlotTable& table) noexcept { model_.move_to(table); }
  /// From here on the model is only copied.
  void freeze() {
    model_.freeze();
    if (ssm_) ssm_->freeze();
  }

  /// Bytes that a model takes beside the slot table and the vocabulary, which has so many lexemes.
  [[nodiscard]] static std::uint64_t memory(const TextModelOptions& options, std::size_t lexemes);

  /// Codes one token. `io.code(bit, p22, position)` takes the bit to code (ignored by a decoder), the
  /// probability of a 1 and where in the symbol it stands, and returns the bit. `ahead`: the token and those
  /// that come after it in the block; nothing for a decoder. Returns the token.
  template <class Io>
  Token code(Io& io, std::span<const Token> ahead) {
    const auto id_ahead = [&](std::size_t k) {
      return k < ahead.size() ? id_of(ahead[k]) : FollowerBank::none;
    };
    if (const std::optional<std::uint32_t> id = model_.repeated(io, id_ahead)) {
      const Token token = token_of(*id);
      push(token);  // the SSM does not see it
      return token;
    }
    const Token token = ahead.empty() ? Token{} : ahead[0];
    const SymbolPath known = path_of(id_of(token));
    begin();
    at_ = Position{};
    if (state_.spelling()) return code_letter(io, known);
    decide(io, Stage::space, known.separator == 1);
    at_.taken.separator = last_bit_;
    if (!last_bit_) {
      decide(io, Stage::newline, known.separator == 2);
      at_.taken.separator = static_cast<std::uint8_t>(2 * last_bit_);
    }
    decide(io, Stage::word, known.word);
    at_.taken.word = last_bit_;
    if (at_.taken.word) {
      decide(io, Stage::lower, known.letter_case == 0);
      if (!last_bit_) {
        decide(io, Stage::capital, known.letter_case == 1);
        at_.taken.letter_case = last_bit_ ? 1 : 2;
      }
    }
    const Token coded{walk(io, known, tree_.root(at_.taken.word != 0), Stage::path),
                      static_cast<Separator>(at_.taken.separator),
                      static_cast<CaseClass>(at_.taken.letter_case)};
    end(coded);
    return coded;
  }

  /// The last token was of a spelled word and did not end it: the next one belongs to it too.
  [[nodiscard]] bool spelling() const noexcept { return state_.spelling(); }
  /// Letters so far of the word that is being spelled.
  [[nodiscard]] unsigned letters() const noexcept { return state_.pieces(); }
  /// Within a long repeat, which no block ends in.
  [[nodiscard]] bool repeating() const noexcept { return model_.repeating(); }
  DecisionModel& decisions() noexcept { return model_; }
  [[nodiscard]] const DecisionModel& decisions() const noexcept { return model_; }
  /// The chains, or nullptr if the level has none: for the training of first values.
  [[nodiscard]] HistoryChain* chains() noexcept { return chains_ ? &*chains_ : nullptr; }
  /// The SSM, or nullptr if the level has none or it has not begun.
  [[nodiscard]] const SsmInput* ssm() const noexcept { return ssm_ ? &*ssm_ : nullptr; }

 private:
  // What a lexeme's class and the lexeme itself say of a node.
  struct BigramPlaces {
    BigramPrior::Place by_class = 0, by_lexeme = 0;
    void prefetch(const BigramPrior& bigrams) const noexcept {
      bigrams.prefetch_children(by_class);
      bigrams.prefetch_children(by_lexeme);
    }
    void follow(const BigramPrior& bigrams, unsigned bit) noexcept {
      by_class = bigrams.child(by_class, bit);
      by_lexeme = bigrams.child(by_lexeme, bit);
    }
  };

  // The number by which contexts know a tree; 0 are the attributes.
  static constexpr unsigned context_tree(unsigned tree) noexcept { return 1 + tree; }

  // A letter of a spelled word, or its end: no attributes,
  // a tree of its own, a case that follows from the word's.
  template <class Io>
  Token code_letter(Io& io, const SymbolPath& known) {
    at_.taken.separator = static_cast<std::uint8_t>(Separator::spelled);
    at_.taken.word = letter_tree;
    const LexemeId lexeme = walk(io, known, tree_.letter_root(), Stage::letter);
    const Token coded{lexeme, Separator::spelled, letter_case(lexeme)};
    this->end(coded);
    return coded;
  }

  template <class Io>
  LexemeId walk(Io& io, const SymbolPath& known, std::uint32_t node, Stage stage) {
    if (stage == Stage::path) {
      follow_bigrams();
      if (wraps_) wraps_->begin(static_cast<Separator>(at_.taken.separator));
    } else {
      near_ = far_ = {};
    }
    while (!(node & CodeTree::leaf_flag)) {
      node_ = node;
      tree_.prefetch_children(node);
      prefetch_recency(node);
      near_.prefetch(bigrams_);
      far_.prefetch(bigrams_);
      decide(io, stage, known.bits >> at_.taken.depth & 1u);
      at_.taken.bits |= std::uint64_t{last_bit_} << at_.taken.depth;
      ++at_.taken.depth;
      near_.follow(bigrams_, last_bit_);
      far_.follow(bigrams_, last_bit_);
      node = tree_.child(node, last_bit_);
    }
    return node & ~CodeTree::leaf_flag;
  }

  template <class Io>
  void decide(Io& io, Stage stage, bool bit) {
    at_.stage = stage;
    const bool ssm = ssm_ && stage != Stage::letter;  // letters are none of the SSM's
    if (ssm) ssm_->prefetch(at_, node_);
    last_bit_ = static_cast<std::uint8_t>(model_.decide(
        io, bit, at_, phase_of(at_), [&] { return choose(); }, [&](unsigned coded) { return next(coded); }));
    if (chains_) chains_->update(last_bit_);
    if (recency_ && of_tree(stage)) recency_->update(last_bit_);
    if (ssm) ssm_->learn(last_bit_, model_.mixed_probability());
  }

  // The case of a letter of a spelled word is no decision, so no part of its id.
  [[nodiscard]] static std::uint32_t id_of(Token token) noexcept {
    const bool letter = token.separator == Separator::spelled;
    return token.lexeme * 16 + static_cast<unsigned>(token.separator) * 4 +
           (letter ? 0u : static_cast<unsigned>(token.letter_case));
  }
  [[nodiscard]] Token token_of(std::uint32_t id) const noexcept;
  // Of a letter of a spelled word, or its end.
  [[nodiscard]] CaseClass letter_case(LexemeId lexeme) const noexcept;
  [[nodiscard]] SymbolPath path_of(std::uint32_t id) const noexcept;
  void begin();
  [[nodiscard]] static unsigned phase_of(const Position& at) noexcept;
  // Throws std::bad_alloc if memory is short.
  void begin_ssm() { ssm_.emplace(ssm_options_, *vocabulary_, tree_); }
  [[nodiscard]] bool has_ssm_inputs() const noexcept { return !ssm_options_.stack.empty(); }
  [[nodiscard]] DecisionContexts choose();
  [[nodiscard]] NextDecision next(unsigned bit) const noexcept;
  [[nodiscard]] float attribute_logit() const noexcept;
  void set_priors(float* out);
  void set_chains(float* out);
  void set_recency(float* out);
  void set_late(float* out);
  void prefetch_recency(std::uint32_t node) const noexcept {
    for (unsigned bit = 0; recency_ && bit < 2; ++bit)
      if (const std::uint32_t next = tree_.child(node, bit); !(next & CodeTree::leaf_flag))
        recency_->prefetch(next);
  }
  [[nodiscard]] static constexpr bool of_tree(Stage stage) noexcept {
    return stage == Stage::path || stage == Stage::letter;
  }
  [[nodiscard]] DecisionContexts select() const;
  void follow_bigrams() noexcept;
  [[nodiscard]] bool wrapped() const noexcept;
  [[nodiscard]] bool transparent(Token token) const noexcept;
  void push_wraps(Token token);
  void push(Token token);
  void end(Token token);

  std::shared_ptr<const Vocabulary> vocabulary_;
  const CodeTree& tree_;
  const BigramPrior& bigrams_;
  const SpellingPrior* spelling_prior_ = nullptr;  // fetched, and so built, when first a letter is coded
  TextState state_;
  TextContexts contexts_;
  DecisionModel model_;
  SsmOptions ssm_options_;
  std::optional<SsmInput> ssm_;
  unsigned tokens_before_ssm_;  // that are still to be coded
  std::optional<HistoryChain> chains_;
  std::optional<Recency> recency_;
  std::optional<LineWrap> wraps_;
  unsigned tokens_before_wraps_;  // that are still to be coded
  unsigned late_wraps_;           // inputs of wraps
  bool skip_bigrams_;
  const FirstValues* attributes_ = nullptr;      // what is known of the attributes beforehand, or nothing
  unsigned prior_inputs_;                        // 0: without
  unsigned own_inputs_;                          // of those, of chains and of recency
  unsigned late_at_;                             // inputs before those behind the SSM's
  float prior_logit_ = 0.0f, ssm_logit_ = 0.0f;  // of the decision in hand; 0: nothing to say
  Position at_;
  LexemeId last_lexeme_ = 0;  // newest token; of a spelled word: spelled()
  // The last two words, newest first: their first lexemes, or spelled(); whether the newest token is of one.
  std::array<LexemeId, 2> words_{};
  bool after_word_ = false;
  BigramPlaces near_;  // what the newest token says of node_
  BigramPlaces far_;   // what the newest word says that is not that token
  std::uint32_t node_ = 0;
  std::uint8_t last_bit_ = 0;
};

}  // namespace ssmz::codec
