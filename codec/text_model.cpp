// SPDX-License-Identifier: Apache-2.0
// The contexts and mixer selectors of text.
#include "codec/text_model.hpp"

#include <algorithm>
#include <bit>

namespace ssmz::codec {
namespace {

constexpr unsigned context_count = 66;
constexpr unsigned follower_count = 16;

template <class... Words>
std::uint64_t hash_of(std::uint64_t first, Words... rest) {
  std::uint64_t hash = first;
  ((hash = hash_mix(hash, rest)), ...);
  return hash;
}

unsigned log_bucket(unsigned n) { return static_cast<unsigned>(std::bit_width(n)); }

DecisionModelShape shape_of(const TextModelOptions& options) {
  DecisionModelShape shape;
  shape.contexts = std::min(context_count, options.contexts_limit);
  shape.follower_contexts = follower_count;
  shape.follower_slots_log2 = options.follower_slots_log2;
  shape.match_lengths = {2, 5, 9, 16};
  shape.match_table_log2 = options.match_table_log2;
  shape.set_rows = {64 * 3, 16 * 64, 16 * 16 * 3, 256 * 3, 256 * 3, 12 * 64, 4096, 16 * 64, 64 * 32, 256 * 2, 4096, 3 * 3 * 64, 1024, 256 * 4};
  shape.final_rows = {64 * 12, 4096, 256};
  shape.apm_contexts = {65536, 65536, 16 * 64};
  return shape;
}

}  // namespace

TextModel::TextModel(std::shared_ptr<const Vocabulary> vocabulary, const CodeTree& tree, SlotTable& table,
                     const TextModelOptions& options)
    : vocabulary_(vocabulary), tree_(tree), state_(vocabulary), history_(options.history_log2), model_(shape_of(options), table) {}

SymbolPath TextModel::path_of(std::uint32_t id) const noexcept {
  const LexemeId lexeme = id / 16;
  const CodeTree::Path path = tree_.path(lexeme);
  return {path.bits, path.depth, static_cast<std::uint8_t>(id / 4 % 4), vocabulary_->is_word(lexeme),
          static_cast<std::uint8_t>(id % 4)};
}

void TextModel::begin() {
  set_contexts();
  for (MatchModel& match : model_.matches()) {
    const std::uint32_t id = match.find(history_);
    if (id != FollowerBank::none) match.expect(path_of(id));
  }
  model_.contexts().open_group(0);
  model_.followers().load([this](std::uint32_t id) { return path_of(id); });
}

void TextModel::set_contexts() {
  const TextState& s = state_;
  ContextBank& bank = model_.contexts();
  FollowerBank& followers = model_.followers();
  unsigned n = 0;
  unsigned f = 0;
  const auto add = [&](auto... words) {
    if (n < bank.count()) bank.set(n, hash_of(n + 1, words...));
    ++n;
  };
  const auto add_both = [&](auto... words) {
    if (f < follower_count) followers.set(f, hash_of(n + 1, words...));
    ++f;
    add(words...);
  };
  const auto l = [&](unsigned k) { return s.lexeme(k); };
  const auto w = [&](unsigned k) { return s.word(k); };
  const auto c = [&](unsigned k, unsigned bits) { return s.lexeme_class(k, bits); };
  const std::uint64_t joined = s.in_word();
  // Token orders.
  add(0);
  add_both(l(0));
  add_both(l(0), l(1));
  add_both(l(0), l(1), l(2));
  add_both(l(0), l(1), l(2), l(3));
  add_both(l(0), l(1), l(2), l(3), l(4));
  add_both(l(0), l(1), l(2), l(3), l(4), l(5));
  add(s.full(0));
  add(s.full(0), s.full(1));
  add_both(s.full(0), s.full(1), s.full(2));
  // Skips.
  add_both(l(1));
  add(l(2));
  add_both(l(0), l(2));
  add_both(l(1), l(2));
  add(l(0), l(1), l(3));
  add(l(0), l(2), l(3));
  add(l(1), l(2), l(3));
  add(l(3));
  // Words.
  add_both(w(0), joined);
  add_both(w(0), w(1), joined);
  add_both(w(0), w(1), w(2), joined);
  add_both(w(0), w(1), w(2), w(3), joined);
  add(w(1), joined);
  add(w(1), w(2), joined);
  add(w(0), w(2), joined);
  add(w(0), s.last_other());
  add(w(0), w(1), s.last_other());
  add(l(0), w(1), joined);
  add(l(0), w(0), w(1));
  add(s.capitalised(), l(0));
  add(s.sentence(), w(0));
  // Byte orders.
  add(s.last_bytes(1));
  add(s.last_bytes(2));
  add(s.last_bytes(3));
  add(s.last_bytes(4));
  add(s.last_bytes(5));
  add(s.last_bytes(6));
  // Classes.
  add(c(0, 12));
  add(c(0, 12), c(1, 12));
  add(c(0, 10), c(1, 10), c(2, 10));
  add(c(0, 8), c(1, 8), c(2, 8), c(3, 8));
  add(l(0), c(1, 8));
  add(l(0), c(1, 8), c(2, 8));
  add(c(0, 8), l(1));
  add(c(0, 6), c(1, 6), c(2, 6), c(3, 6), c(4, 6));
  add(w(0), c(1, 6), c(2, 6));
  // Line, field, markup.
  add(s.column(), s.above());
  add(s.above());
  add(s.above_byte(), s.last_bytes(1));
  add(s.above(), l(0));
  add(s.line_start(), s.tokens_in_line());
  add(s.line_start(), l(0));
  add(s.last_line_start(), s.tokens_in_line() < 3 ? l(0) : 0);
  add(s.bracket(), l(0));
  add(s.bracket(), s.bracket_distance() < 16 ? s.bracket_distance() : 16, s.tag());
  add_both(s.tag(), l(0));
  add_both(s.tag(), l(0), l(1));
  add(s.last_other(), l(0));
  add(s.last_other(), w(0));
  add(s.shape(4));
  add(s.shape(8));
  add(s.shape(3), l(0));
  add(s.last_number(), l(0));
  add(s.paragraph(), l(0));
  // Indirect: what followed the last times.
  add(l(0), followers.latest(0), followers.earlier(0));
  add(followers.latest(0), followers.latest(1), followers.latest(6));
}

void TextModel::open_path_group(std::uint32_t node) {
  const std::uint64_t attributes = at_.taken.separator * 4u + at_.taken.letter_case;
  model_.contexts().open_group(hash_mix(node + 1, attributes));
}

std::uint32_t TextModel::predict(unsigned local) {
  model_.gather(at_, local, static_cast<unsigned>(at_.stage));
  DecisionContexts chosen;
  choose(chosen, local);
  return model_.mix(chosen);
}

void TextModel::choose(DecisionContexts& chosen, unsigned local) const {
  const TextState& s = state_;
  auto& self = const_cast<TextModel&>(*this);
  const auto& matches = self.model_.matches();
  const unsigned stage = static_cast<unsigned>(at_.stage);
  const unsigned depth = at_.stage == Stage::path ? 5 + std::min<unsigned>(at_.taken.depth, 20) : stage;  // < 32
  const unsigned attributes = at_.stage == Stage::path ? at_.taken.separator * 3u + at_.taken.letter_case : 0;
  const unsigned kind = at_.stage == Stage::path ? 1u + at_.taken.word : 0u;  // attribute, other, word
  const unsigned node = at_.stage == Stage::path ? 16 + node_ : local;
  const unsigned seen = std::min(15u, model_.seen() * 16 / (self.model_.contexts().count() + 1));
  unsigned longest = 0;
  int expected = -1;
  for (unsigned i = 0; i < matches.size(); ++i) {
    if (matches[i].expected() < 0) continue;
    longest = std::max(longest, matches[i].bucket());
    expected = matches[i].expected();
  }
  unsigned k = 0;
  auto& sets = chosen.sets;
  sets[k++] = depth * 3 + kind;                                          // 64*3
  sets[k++] = seen * 64 + depth * 2 + (expected > 0);                    // 16*64
  sets[k++] = (longest * 16 + std::min(15u, depth)) * 3 + static_cast<unsigned>(expected + 1);
  sets[k++] = static_cast<unsigned>(s.last_bytes(1)) * 3 + kind;         // 256*3
  sets[k++] = static_cast<unsigned>(s.lexeme_class(0, 8)) * 3 + kind;
  sets[k++] = attributes * 64 + depth * 2 + s.in_word();                 // 12*64
  sets[k++] = node % 4096;
  sets[k++] = static_cast<unsigned>(s.shape(1)) * 64 + depth * 2 + (longest > 0);
  sets[k++] = std::min(63u, s.column()) * 32 + depth;
  sets[k++] = s.above_byte() * 2 + (kind > 0);
  sets[k++] = static_cast<unsigned>(s.shape(3) % 4096);
  sets[k++] = ((s.bracket() ? 1u + (s.bracket() == '[') : 0u) * 3 + kind) * 64 + std::min(63u, s.bracket_distance());
  sets[k++] = static_cast<unsigned>(s.lexeme_class(0, 5) * 32 + s.lexeme_class(1, 5));
  sets[k++] = std::min(255u, s.words_in_sentence() * 8 + std::min(7u, s.pieces())) * 4 + kind;
  auto& finals = chosen.finals;
  finals[0] = attributes * 64 + depth * 2 + s.in_word();
  finals[1] = node % 4096;
  finals[2] = longest * 16 + seen;
  auto& apms = chosen.apms;
  apms[0] = node % 65536;
  apms[1] = static_cast<unsigned>(hash_of(node, s.lexeme(0)) % 65536);
  apms[2] = longest * 64 + static_cast<unsigned>(expected + 1) * 16 + std::min(15u, depth);
}

void TextModel::end(Token token) {
  const std::uint32_t id = id_of(token);
  history_.push(id, token.lexeme + 1);
  model_.followers().finish(id);
  for (MatchModel& match : model_.matches()) match.finish(history_);
  state_.push(token);
}

}  // namespace ssmz::codec
