// SPDX-License-Identifier: Apache-2.0
// What is worked out of a vocabulary alone, and so is shared by all who use it.
#pragma once

#include <mutex>
#include <optional>

#include "codec/vocabulary/bigram_prior.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/segmenter.hpp"
#include "codec/vocabulary/spelling_prior.hpp"

namespace ssmz::codec {

/// Each table is built when it is first asked for (some 10 ms and 2 MB for 65536 lexemes) and then stays: a
/// decoder never needs the segmenter, and frames of bytes need none. Thread-safe. All functions throw
/// std::bad_alloc and may then be called again.
class VocabularyTables {
 public:
  /// `vocabulary` must outlive this object (it owns it: Vocabulary::tables()).
  explicit VocabularyTables(const Vocabulary& vocabulary) noexcept : vocabulary_(vocabulary) {}

  [[nodiscard]] const Segmenter& segmenter() const {
    std::call_once(segmenter_once_, [this] { segmenter_.emplace(vocabulary_); });
    return *segmenter_;
  }
  [[nodiscard]] const SpellingPrior& spelling_prior() const {
    std::call_once(prior_once_, [this] { prior_.emplace(vocabulary_, tree()); });
    return *prior_;
  }
  /// Of a vocabulary whose bigrams do not fit its tree (parse() refuses such): none.
  [[nodiscard]] const BigramPrior& bigram_prior() const {
    std::call_once(bigrams_once_, [this] {
      auto read = BigramPrior::read(vocabulary_.bigrams(), vocabulary_, tree());
      bigram_status_ = read.status();
      if (!read.ok()) read = BigramPrior::read({}, vocabulary_, tree());
      bigrams_.emplace(std::move(read).value());
    });
    return *bigrams_;
  }
  /// What BigramPrior::read() says of them.
  [[nodiscard]] Status bigram_status() const {
    static_cast<void>(bigram_prior());
    return bigram_status_;
  }
  [[nodiscard]] const CodeTree& tree() const {
    std::call_once(tree_once_, [this] { tree_.emplace(vocabulary_); });
    return *tree_;
  }

 private:
  const Vocabulary& vocabulary_;
  mutable std::once_flag segmenter_once_, tree_once_, prior_once_, bigrams_once_;
  mutable std::optional<Segmenter> segmenter_;
  mutable std::optional<CodeTree> tree_;
  mutable std::optional<SpellingPrior> prior_;
  mutable std::optional<BigramPrior> bigrams_;
  mutable Status bigram_status_;
};

}  // namespace ssmz::codec
