// SPDX-License-Identifier: Apache-2.0
// Guesses of tokens, counted.
#include "codec/text/text_estimate.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "codec/base/log2.hpp"
#include "codec/block/guess_counts.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// In 256ths, what a level's models make of these costs. 114 samples of 30,000 to 100,000 bytes (programs,
/// logs, tables, dumps, numbers, languages), each as text and as bytes: what the choice loses against the
/// better, mean and worst, was 2.4, 100 % at -1, 1.4, 54 at -3, 1.8, 55 at -4, 1.8, 52 at -5 by unigram
/// weights and order 0; so it is 0.5, 11; 0.5, 11; 0.8, 11; 1.6, 31. With shares from one half of the samples
/// the other loses 0.4; 0.7; 0.8; 1.4. At -1 with 337 it loses 0.65, with 301 0.6, with 291 1.2.
constexpr std::uint64_t whole_share = 256;
constexpr std::uint64_t share_of(int level) { return level == 1 ? 320 : level <= 3 ? 300 : 268; }

/// Printable records of one length without lines, as of dBase, whose fields stand in columns that only the
/// model of bytes knows: half of all bytes are those above them, but not whatever is taken for above. A table
/// of 147,032 bytes at -5 11,994 as text, 10,680 as bytes.
bool has_fixed_records(Bytes segment) {
  constexpr std::size_t least = 16, most = 1024, compared = 2048;
  const auto printable = [](std::uint8_t byte) { return byte >= ' '; };
  if (segment.size() < most + compared || !std::ranges::all_of(segment, printable)) return false;
  std::size_t greatest = 0, sum = 0;
  for (std::size_t distance = least; distance < most; ++distance) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < compared; ++i) equal += segment[i] == segment[i + distance];
    greatest = std::max(greatest, equal);
    sum += equal;
  }
  return greatest * 2 >= compared && sum * 2 < greatest * (most - least);
}

/// Short lines in rising order, as of word lists: the line above says the next one's front, letter by letter,
/// and no word says anything of the next. Unigrams promise too much there. 60,000 bytes each as text and as
/// bytes at -5: American words 7,965, 6,707, cracklib's 11,626, 7,833, hunspell's with flags 13,738, 11,790,
/// names of glyphs 9,872, 9,331, identifiers 11,153, 10,457; lines of 27 bytes (symbols of libc) 5,599,
/// 5,894, of 50 (names of files) 1,683, 2,469, words in no order 16,021, 20,190, sorted lines of several
/// words (an AFM's kerning) 3,371, 3,805. Only data of many short lines are looked at line by line.
bool has_sorted_lines(Bytes segment) {
  constexpr std::size_t most_in_line = 20;  // bytes, in the mean
  constexpr std::size_t least_rising = 9, of_lines = 10;
  constexpr std::size_t least_lines_per_space = 4;
  const auto lines = static_cast<std::size_t>(std::ranges::count(segment, '\n'));
  if (lines < 2 || lines * most_in_line < segment.size()) return false;
  const auto spaces = static_cast<std::size_t>(std::ranges::count(segment, ' '));
  if (spaces * least_lines_per_space > lines) return false;
  std::size_t rising = 0;
  Bytes above;
  for (Bytes rest = segment; !rest.empty();) {
    const auto end = std::ranges::find(rest, '\n');
    const Bytes line = rest.first(static_cast<std::size_t>(end - rest.begin()));
    rising += std::ranges::lexicographical_compare(above, line);
    above = line;
    rest = rest.subspan(std::min(rest.size(), line.size() + 1));
  }
  return rising * of_lines >= lines * least_rising;
}

constexpr std::size_t tabled_logs = 1024;
constexpr auto log_table = [] {
  std::array<std::uint8_t, tabled_logs> table{};
  for (std::size_t x = 1; x < tabled_logs; ++x) table[x] = static_cast<std::uint8_t>(log2_sixteenths(x));
  return table;
}();

std::uint32_t log2_of(std::size_t x) { return x < tabled_logs ? log_table[x] : log2_sixteenths(x); }

/// What followed the last tokens when they stood there last, by a hash of them. Two orders instead of three:
/// the samples lose 1.5 % at -4.
class TokenFollowers {
 public:
  static constexpr std::size_t longest = 3;

  /// For the token behind those added last.
  void find() noexcept {
    std::uint64_t words = 0;
    for (std::size_t order = 0; order < longest; ++order) {
      words = (words + last_[order] + 1) * 0x9e3779b97f4a7c15ull;
      checks_[order] = static_cast<std::uint32_t>(words >> 32 & check_mask) | 1;
      found_[order] = &slots_[order][words >> (64 - log2_slots)];
    }
  }
  /// The order of the longest context that was there before, 0 if none was, and whether `token` followed it.
  [[nodiscard]] std::pair<std::size_t, bool> guess(std::uint32_t token) const noexcept {
    for (std::size_t order = longest; order > 0; --order) {
      const std::uint32_t slot = *found_[order - 1];
      if ((slot & check_mask) == checks_[order - 1])
        return {order, slot == (token << check_bits | checks_[order - 1])};
    }
    return {0, false};
  }
  void add(std::uint32_t token) noexcept {
    for (std::size_t order = 0; order < longest; ++order)
      *found_[order] = token << check_bits | checks_[order];
    last_ = {token, last_[0], last_[1]};
  }

 private:
  static constexpr unsigned log2_slots = 11;  // a segment has some 1,000 tokens
  static constexpr unsigned check_bits = 10;  // beside the token, of which no more than 22 bits are compared
  static constexpr std::uint32_t check_mask = (1u << check_bits) - 1;
  std::array<std::array<std::uint32_t, std::size_t{1} << log2_slots>, longest> slots_{};  // 0: empty
  std::array<std::uint32_t*, longest> found_{};
  std::array<std::uint32_t, longest> checks_{};
  std::array<std::uint32_t, longest> last_{};  // the last one first
};

std::uint32_t attributes(Token token) noexcept {
  return static_cast<std::uint32_t>(token.separator) << 2 | static_cast<std::uint32_t>(token.letter_case);
}

/// What separator and case of each token cost in sixteenths of a bit: their entropy of order 0.
class AttributeCosts {
 public:
  explicit AttributeCosts(std::span<const Token> tokens) {
    std::array<std::uint64_t, 16> counts{};
    for (const Token token : tokens) ++counts[attributes(token)];
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i]) costs_[i] = log2_sixteenths(tokens.size()) - log2_sixteenths(counts[i]);
  }
  [[nodiscard]] std::uint64_t of(Token token) const noexcept { return costs_[attributes(token)]; }

 private:
  std::array<std::uint64_t, 16> costs_{};
};

class TextEstimate {
 public:
  TextEstimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level)
      : tokenizer_(vocabulary),
        vocabulary_(vocabulary),
        share_(share_of(level)),
        both_(level >= first_level_of_both) {}

  std::uint64_t operator()(Bytes segment) {
    tokens_.clear();
    tokenizer_.tokenize(segment, tokens_, recent_);
    const std::uint64_t guesses = cost_of_tokens() * share_ / whole_share;
    const std::uint64_t unigrams = both_ ? cost_of_unigrams() : 0;
    if (has_fixed_records(segment) || has_sorted_lines(segment))
      return 2 * guesses + 2 * unigrams / order_0_divisor;
    return guesses + unigrams * unigram_share / whole_unigram_share / order_0_divisor;
  }

 private:
  /// Of what unigram weights say text takes less than bytes do of order 0: lexemes, classes and the
  /// SSM learn more than counts of bytes know. 30,000 bytes each at -5, as text and as bytes, and the ratio
  /// of the estimates: access log 2,244, 2,290 (1.22), log of packages 865, 922 (1.07), terminal session
  /// 4,934, 5,882 (1.05 to 1.47), JSON 1,511, 1,692 (1.1), XML 1,855, 2,018 (60,000 bytes; 1.25 to 1.39), GBK
  /// 10,947, 11,978 (0.9 to 1.8); base64 23,234, 22,778 (1.56), hexadecimal 10,217, 10,153 (1.59), PDF
  /// streams 5,997, 5,804 (1.65), a database 12,756, 11,240 (1.73), sorted numbers 3,800, 3,219 (1.8).
  static constexpr std::uint64_t unigram_share = 11, whole_unigram_share = 16;
  static constexpr unsigned log2_counts = 12;  // a segment has some 500 lexemes

  /// Letters of spelled words are apart.
  static std::uint64_t hash_of(Token token) noexcept {
    return (2 * std::uint64_t{token.lexeme} + (token.separator == Separator::spelled)) *
           0x9e3779b97f4a7c15ull;
  }

  std::uint64_t cost_of_tokens() {
    const Segmenter& segmenter = vocabulary_->tables().segmenter();
    TokenFollowers followers;
    GuessCounts<TokenFollowers::longest + 1> guesses;
    std::array<std::uint32_t, std::size_t{1} << log2_counts> counts{};  // of lexemes
    std::array<std::uint32_t, 16> missed_attributes{};
    std::array<std::uint32_t, 2> missed{};  // that are new, that were there
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const std::uint32_t token = tokens_[i].lexeme << 4 | attributes(tokens_[i]);
      followers.find();
      const auto [order, hit] = followers.guess(token);
      guesses.add(order, hit);
      std::uint32_t& count = counts[hash_of(tokens_[i]) >> (64 - log2_counts)];
      if (!hit) {
        ++missed_attributes[attributes(tokens_[i])];
        ++missed[count != 0];
        const std::uint32_t prior = segmenter.prior_cost(tokens_[i]);
        sum += count != 0 ? std::min(prior, log2_of(i + 1) - log2_of(count)) : prior;
      }
      ++count;
      followers.add(token);
    }
    return sum + guesses.cost() + entropy_sixteenths(missed_attributes) + entropy_sixteenths(missed);
  }

  [[nodiscard]] std::uint64_t cost_of_unigrams() const {
    const Segmenter& segmenter = vocabulary_->tables().segmenter();
    const AttributeCosts costs(tokens_);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const bool repeats = i > 0 && tokens_[i].lexeme == tokens_[i - 1].lexeme;
      sum += repeats ? repeat_cost : segmenter.prior_cost(tokens_[i]) + costs.of(tokens_[i]);
    }
    return sum;
  }

  Tokenizer tokenizer_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  std::uint64_t share_;
  bool both_;
  std::vector<Token> tokens_;
  RecentRuns recent_;
};

}  // namespace

Estimate make_text_estimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level) {
  return TextEstimate(vocabulary, level);
}

}  // namespace ssmz::codec
