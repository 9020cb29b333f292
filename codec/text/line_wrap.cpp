// SPDX-License-Identifier: Apache-2.0
// Lengths of the leaves below each node, and what line ends say of them.
#include "codec/text/line_wrap.hpp"

#include <algorithm>

#include "model/base/math.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned limit = 127;  // of the rate at which columns learn
// A column that was never reached ends a line one time in 32, which stands for four words.
constexpr unsigned first_probability = 65536 / 32, first_count = 4;
constexpr unsigned spelled_length = 7;  // what a word is taken for that is yet to be spelled
constexpr int score_share = 16;         // of a score that a line changes
constexpr unsigned no_room = 32768;     // probability from which on a word had none

}  // namespace

LineWrap::LineWrap(const Vocabulary& vocabulary, const CodeTree& tree)
    : vocabulary_(vocabulary), tree_(tree), shares_(tree.inner_count()), ends_(columns, limit) {
  for (unsigned column = 0; column < columns; ++column) ends_.set(column, first_probability, first_count);
  for (std::uint32_t node = tree.inner_count(); node-- > tree.letter_nodes();) {
    const std::uint32_t one = tree.prior(node), weights[2] = {65536 - one, one};
    std::array<std::uint32_t, lengths> sums{};
    for (unsigned bit = 0; bit < 2; ++bit) {
      const std::uint32_t child = tree.child(node, bit);
      if (child & CodeTree::leaf_flag) {
        sums[place_of(child & ~CodeTree::leaf_flag)] += weights[bit] * 65535u >> 16;
        continue;
      }
      for (unsigned i = 0; i < lengths; ++i) sums[i] += weights[bit] * shares_[child][i] >> 16;
    }
    for (unsigned i = 0; i < lengths; ++i) shares_[node][i] = static_cast<std::uint16_t>(sums[i]);
  }
}

unsigned LineWrap::place_of(LexemeId lexeme) const noexcept {
  const std::size_t length =
      lexeme == vocabulary_.spelled() ? spelled_length : vocabulary_.spelling(lexeme).size();
  return static_cast<unsigned>(std::clamp<std::size_t>(length, 1, lengths)) - 1;
}

unsigned LineWrap::column_of(unsigned from, unsigned length) noexcept {
  return std::min(from + 1 + length, columns - 1);
}

unsigned LineWrap::line_end() const noexcept {
  const std::uint32_t root = tree_.root(true);
  if (root & CodeTree::leaf_flag) return ends_.probability(column_of(text_end_, 1));
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < lengths; ++i)
    sum += std::uint64_t{shares_[root][i]} * ends_.probability(column_of(text_end_, i + 1));
  return std::clamp(static_cast<unsigned>(sum >> 16), 1u, 65535u);
}

void LineWrap::begin(Separator separator) noexcept {
  const unsigned newlines = newlines_ + (separator == Separator::newline);
  separated_ = newlines <= 1 && (separator != Separator::none || newlines_ + blanks_ > 0);
  if (!separated_) return;
  from_ = text_end_;
  ended_ = newlines == 1;
  indented_ = newlines_ + blanks_ > 0;
  likely_ = ended_ && line_end() >= likely_end;
  for (unsigned i = 0; i < lengths; ++i) {
    const float p =
        (static_cast<float>(ends_.probability(column_of(text_end_, i + 1))) + 16.0f) * (1.0f / 65568.0f);
    likelihoods_[i] = ended_ ? p : 1.0f - p;
  }
}

float LineWrap::likelihood(std::uint32_t child) const noexcept {
  if (child & CodeTree::leaf_flag) return likelihoods_[place_of(child & ~CodeTree::leaf_flag)];
  const Shares& shares = shares_[child];
  float sum = 0.0f, total = 0.0f;
  for (unsigned i = 0; i < lengths; ++i) {
    sum += static_cast<float>(shares[i]) * likelihoods_[i];
    total += static_cast<float>(shares[i]);
  }
  return total > 0.0f ? sum / total : 1.0f;
}

float LineWrap::shift(std::uint32_t node) const noexcept {
  if (!separated_) return 0.0f;
  return model::log(likelihood(tree_.child(node, 1))) - model::log(likelihood(tree_.child(node, 0)));
}

void LineWrap::learn(unsigned length) noexcept {
  if (!separated_) return;
  const unsigned column = column_of(from_, length);
  if (likely_) {
    int& score = scores_[indented_];
    score += ((ends_.probability(column) > no_room ? 65535 : 0) - score) / score_share;
  }
  ends_.update(column, ended_);
  separated_ = false;
}

void LineWrap::push(std::span<const std::uint8_t> bytes) noexcept {
  for (const std::uint8_t byte : bytes) {
    if (byte == '\r') continue;
    if (byte == '\n') {
      ++newlines_;
      column_ = 0;
      continue;
    }
    ++column_;
    if (byte == ' ' || byte == '\t') {
      ++blanks_;
    } else {
      text_end_ = column_;
      newlines_ = blanks_ = 0;
    }
  }
}

}  // namespace ssmz::codec
