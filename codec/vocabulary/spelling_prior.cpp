// SPDX-License-Identifier: Apache-2.0
// Counting and reading the letter n-grams of the vocabulary.
#include "codec/vocabulary/spelling_prior.hpp"

#include <algorithm>
#include <utility>

#include "codec/base/ascii.hpp"
#include "codec/base/hash.hpp"
#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned table_log2 =
    18;  // of each order: the vocabulary's words make about 200,000 entries of order 4
constexpr unsigned orders[SpellingPrior::inputs] = {2, 3, 4};
constexpr std::uint8_t count_limit = 255;
constexpr float confidence_offset = 0.8f;

struct Place {
  std::size_t index;
  std::uint8_t check;
};

Place place_of(unsigned order, std::uint64_t letters, std::uint32_t node) {
  const std::uint64_t context = letters & ((std::uint64_t{1} << (8 * orders[order])) - 1);
  const std::uint64_t hash = hash_mix(context, node + 1);
  return {(std::size_t{order} << table_log2) + (hash >> (64 - table_log2)), static_cast<std::uint8_t>(hash)};
}

}  // namespace

// A word's entries are fetched while the word before is learned: they are all over some megabytes.
SpellingPrior::SpellingPrior(const Vocabulary& vocabulary, const CodeTree& tree) {
  std::vector<Entry> entries(std::size_t{inputs} << table_log2);
  std::vector<Lesson> now, next;
  for (LexemeId id = 0; id < vocabulary.size(); ++id) {
    const std::string_view word = vocabulary.spelling(id);
    const auto letter = [](char c) { return is_letter(static_cast<std::uint8_t>(c)); };
    if (!std::all_of(word.begin(), word.end(), letter)) continue;
    next.clear();
    std::uint64_t letters = 0;
    for (const char c : word) {
      note_letter(letters, static_cast<std::uint8_t>(c), tree, next);
      letters = letters << 8 | static_cast<std::uint8_t>(c);
    }
    note_letter(letters, CodeTree::end_letter, tree, next);
    for (const Lesson& lesson : next) __builtin_prefetch(&entries[lesson.entry], 1);
    learn(now, entries);
    now.swap(next);
  }
  learn(now, entries);
  keep_learned(entries);
}

void SpellingPrior::keep_learned(const std::vector<Entry>& all) {
  std::vector<Places> groups(all.size() / places);
  std::vector<Entry> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Places& group = groups[i / places];
    if (i % places == 0) group.before = static_cast<std::uint32_t>(kept.size());
    if (all[i].count == 0) continue;
    group.learned |= std::uint32_t{1} << i % places;
    kept.push_back(all[i]);
  }
  kept.shrink_to_fit();
  places_ = Table(std::move(groups));
  entries_ = Table(std::move(kept));
}

void SpellingPrior::note_letter(std::uint64_t letters, unsigned letter, const CodeTree& tree,
                                std::vector<Lesson>& lessons) {
  const CodeTree::Path path = tree.letter_path(letter);
  std::uint32_t node = tree.letter_root();
  for (unsigned i = 0; i < path.depth; ++i) {
    const unsigned bit = path.bits >> i & 1u;
    for (unsigned order = 0; order < inputs; ++order) {
      const Place place = place_of(order, letters, node);
      lessons.push_back(
          {static_cast<std::uint32_t>(place.index), place.check, static_cast<std::uint8_t>(bit)});
    }
    node = tree.child(node, bit);
  }
}

void SpellingPrior::learn(const std::vector<Lesson>& lessons, std::vector<Entry>& entries) noexcept {
  const std::uint16_t* const rates = adaptive_rates.data();
  for (const Lesson& lesson : lessons) {
    Entry& entry = entries[lesson.entry];
    if (entry.count == 0) entry.check = lesson.check;
    if (entry.check != lesson.check) continue;
    const std::int32_t p = entry.probability, target = lesson.bit ? 65535 : 0;
    entry.probability = static_cast<std::uint16_t>(p + ((target - p) * rates[entry.count] >> 16));
    if (entry.count < count_limit) ++entry.count;
  }
}

void SpellingPrior::prefetch(std::uint64_t letters, std::uint32_t node) const noexcept {
  for (unsigned order = 0; order < inputs; ++order)
    if (const Entry* const entry = find(place_of(order, letters, node).index)) __builtin_prefetch(entry);
}

void SpellingPrior::predict(std::uint64_t letters, std::uint32_t node, float* out) const noexcept {
  for (unsigned order = 0; order < inputs; ++order) {
    const Place place = place_of(order, letters, node);
    const Entry* const found = find(place.index);
    const Entry entry = found ? *found : Entry{};
    const auto count = static_cast<float>(entry.check == place.check ? entry.count : 0);
    out[order] =
        stretch_table()[entry.probability >> (16 - stretch_bits)] * (count / (count + confidence_offset));
  }
}

}  // namespace ssmz::codec
