// SPDX-License-Identifier: Apache-2.0
// What the vocabulary teaches of spelling: letter n-grams
// counted over its words, for the words it does not hold.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/base/ones.hpp"
#include "codec/vocabulary/code_tree.hpp"
#include "codec/vocabulary/table_image.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec {

/// Immutable, deterministic from the vocabulary. FORMAT. Building it takes some 40 ms for 65,536 lexemes. Of
/// the places that hashes lead to only those that were learned are kept, a fourth: 1.0 instead of 3.1 MB, all
/// over which a short input reads.
class SpellingPrior {
 public:
  static constexpr unsigned inputs = 3;

  SpellingPrior(const Vocabulary& vocabulary, const CodeTree& tree);
  /// As write() left it.
  explicit SpellingPrior(TableImageReader& image) noexcept { each_table(*this, image); }
  void write(TableImageWriter& image) const { each_table(*this, image); }

  /// Writes a logit for each order at `node` of the tree of letters, 0 where the order has not seen it.
  /// `letters`: the letters before in this word, the last in the low byte, 0 before the first.
  void predict(std::uint64_t letters, std::uint32_t node, float* out) const noexcept;
  /// Loads what predict() will read into the cache.
  void prefetch(std::uint64_t letters, std::uint32_t node) const noexcept;

 private:
  struct Entry {
    std::uint16_t probability = 32768;
    std::uint8_t count = 0;
    std::uint8_t check = 0;  // of letters and node: the first to come keeps the entry
  };
  struct Lesson {  // what one order learns of one decision
    std::uint32_t entry;
    std::uint8_t check;
    std::uint8_t bit;
  };
  // Of 32 places: which were learned, and how many entries stand before theirs.
  struct Places {
    std::uint32_t learned = 0, before = 0;
  };
  static constexpr unsigned places = 32;
  template <class Prior, class Image>
  static void each_table(Prior& prior, Image& image) {
    image(prior.places_);
    image(prior.entries_);
  }
  [[nodiscard]] const Entry* find(std::size_t place) const noexcept {
    const Places& group = places_[place / places];
    const std::uint32_t bit = std::uint32_t{1} << place % places;
    return group.learned & bit ? &entries_[group.before + ones_in(group.learned & (bit - 1))] : nullptr;
  }
  void keep_learned(const std::vector<Entry>& all);
  static void note_letter(std::uint64_t letters, unsigned letter, const CodeTree& tree,
                          std::vector<Lesson>& lessons);
  static void learn(const std::vector<Lesson>& lessons, std::vector<Entry>& entries) noexcept;

  Table<Places> places_;  // [order][hash of letters and node / places]
  Table<Entry> entries_;
};

}  // namespace ssmz::codec
