// SPDX-License-Identifier: Apache-2.0
// Where lines are filled to a width, whether a line ended says how long the word is that comes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/predict/adaptive_map.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Learns how often a line ends before a word by the column that the word would reach, and turns it by Bayes'
/// rule into what a separator says of each decision of the word behind it. Not thread-safe. FORMAT.
class LineWrap {
 public:
  LineWrap(const Vocabulary& vocabulary, const CodeTree& tree);

  /// Bytes that one takes beside itself, of a tree of so many nodes.
  [[nodiscard]] static constexpr std::uint64_t memory(std::size_t nodes) noexcept {
    return std::uint64_t{nodes} * sizeof(Shares) + AdaptiveMap::memory(columns);
  }

  /// Probability, 16 bit, that the line ends before the word that comes next, of which nothing is known yet.
  [[nodiscard]] unsigned line_end() const noexcept;
  /// If the line ends here it does because the next word has no room: those lines did whose end was as likely
  /// and what comes after as `indented`, or not, as now.
  [[nodiscard]] bool wraps(bool indented) const noexcept {
    return scores_[indented] >= trusted_score && line_end() >= likely_end;
  }

  /// Before the path of a token that has this separator.
  void begin(Separator separator) noexcept;
  /// What the separator adds to the logit of a 1 at `node` of that path.
  [[nodiscard]] float shift(std::uint32_t node) const noexcept;
  /// So many bytes has the token, without its separator; of a spelled word when it has ended.
  void learn(unsigned length) noexcept;
  /// Then all bytes of each token, as they come.
  void push(std::span<const std::uint8_t> bytes) noexcept;

 private:
  static constexpr unsigned columns = 256, lengths = 16;
  // 8192: 60,000 bytes of world192.txt 10,679 -> 10,636, alice29.txt's first 60,000 11,909 -> 11,906, for its
  // headings end short lines often; 28000: 10,645, 11,908. Both of 65536.
  static constexpr unsigned likely_end = 20000;
  static constexpr int trusted_score = 40960;
  using Shares = std::array<std::uint16_t, lengths>;

  // That a word of so many bytes reaches behind a blank.
  [[nodiscard]] static unsigned column_of(unsigned from, unsigned length) noexcept;
  [[nodiscard]] unsigned place_of(LexemeId lexeme) const noexcept;
  [[nodiscard]] float likelihood(std::uint32_t child) const noexcept;

  const Vocabulary& vocabulary_;
  const CodeTree& tree_;
  model::Zeroed<Shares> shares_;              // [node][bytes less 1]: of the leaves below it, 16 bit
  AdaptiveMap ends_;                          // [column that the word would reach]: the line ends before it
  std::array<float, lengths> likelihoods_{};  // [bytes of the word less 1]: of the separator that came
  unsigned column_ = 0;                       // bytes of the line so far
  unsigned text_end_ = 0;                     // column behind the last byte that is no white space
  unsigned newlines_ = 0, blanks_ = 0;        // since then
  // Of the token that is being coded:
  bool separated_ = false;  // by white space with at most one line end
  unsigned from_ = 0;       // text_end_ before it
  bool ended_ = false;      // the line did
  bool indented_ = false;   // more than the line end stands before it
  bool likely_ = false;     // that it would had been likely
  // [indented]: of lines that were likely to end, how many did before a word that had no room, 16 bit
  std::array<int, 2> scores_{};
};

}  // namespace ssmz::codec
