// SPDX-License-Identifier: Apache-2.0
// What is worked out of a vocabulary alone, and so is shared by all who use it.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "codec/vocabulary/bigram_prior.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/segmenter.hpp"
#include "codec/vocabulary/spelling_prior.hpp"
#include "codec/vocabulary/table_image.hpp"

namespace ssmz::codec {

/// A value that the first who asks for it builds; others wait. A build that throws leaves nothing behind, and
/// the next to ask tries again (std::call_once hangs there in some libraries).
template <class Value>
class BuiltOnce {
 public:
  /// `build` fills the std::optional it is given.
  template <class Build>
  const Value& get(const Build& build) const {
    if (!built_.load(std::memory_order_acquire)) {
      const std::lock_guard lock(mutex_);
      if (!value_) build(value_);
      built_.store(true, std::memory_order_release);
    }
    return *value_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::atomic<bool> built_ = false;
  mutable std::optional<Value> value_;
};

/// Each table is built when it is first asked for (some 10 ms and 2 MB for 65536 lexemes) and then stays: a
/// decoder never needs the segmenter, and frames of bytes need none. Thread-safe. All functions throw
/// std::bad_alloc and may then be called again.
class VocabularyTables {
 public:
  /// `vocabulary` must outlive this object (it owns it: Vocabulary::tables()).
  explicit VocabularyTables(const Vocabulary& vocabulary) noexcept : vocabulary_(vocabulary) {}
  /// As write() left them: nothing is worked out any more.
  VocabularyTables(const Vocabulary& vocabulary, TableImageReader& image) : vocabulary_(vocabulary) {
    segmenter_.get([&](auto& table) { table.emplace(vocabulary, image); });
    tree_.get([&](auto& table) { table.emplace(image); });
    prior_.get([&](auto& table) { table.emplace(image); });
    bigrams_.get([&](auto& table) { table.emplace(Bigrams{BigramPrior(vocabulary, image), Status{}}); });
  }
  void write(TableImageWriter& image) const {
    segmenter().write(image);
    tree().write(image);
    spelling_prior().write(image);
    bigram_prior().write(image);
  }

  [[nodiscard]] const Segmenter& segmenter() const {
    return segmenter_.get([this](auto& table) { table.emplace(vocabulary_); });
  }
  [[nodiscard]] const SpellingPrior& spelling_prior() const {
    return prior_.get([this](auto& table) { table.emplace(vocabulary_, tree()); });
  }
  /// Of a vocabulary whose bigrams do not fit its tree (parse() refuses such): none.
  [[nodiscard]] const BigramPrior& bigram_prior() const { return bigrams().prior; }
  /// What BigramPrior::read() says of them.
  [[nodiscard]] Status bigram_status() const { return bigrams().status; }
  [[nodiscard]] const CodeTree& tree() const {
    return tree_.get([this](auto& table) { table.emplace(vocabulary_); });
  }

 private:
  struct Bigrams {
    BigramPrior prior;
    Status status;
  };
  [[nodiscard]] const Bigrams& bigrams() const {
    return bigrams_.get([this](auto& table) {
      auto read = BigramPrior::read(vocabulary_.bigrams(), vocabulary_, tree());
      const Status status = read.status();
      if (!read.ok()) read = BigramPrior::read({}, vocabulary_, tree());
      table.emplace(Bigrams{std::move(read).value(), status});
    });
  }

  const Vocabulary& vocabulary_;
  BuiltOnce<Segmenter> segmenter_;
  BuiltOnce<CodeTree> tree_;
  BuiltOnce<SpellingPrior> prior_;
  BuiltOnce<Bigrams> bigrams_;
};

}  // namespace ssmz::codec
