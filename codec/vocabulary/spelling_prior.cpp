// SPDX-License-Identifier: Apache-2.0
// Counting and reading the letter n-grams of the vocabulary.
#include "codec/vocabulary/spelling_prior.hpp"

#include <algorithm>

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

SpellingPrior::SpellingPrior(const Vocabulary& vocabulary, const CodeTree& tree)
    : entries_(std::size_t{inputs} << table_log2) {
  for (LexemeId id = 0; id < vocabulary.size(); ++id) {
    const std::string_view word = vocabulary.spelling(id);
    const auto letter = [](char c) { return is_letter(static_cast<std::uint8_t>(c)); };
    if (std::all_of(word.begin(), word.end(), letter)) learn(word, tree);
  }
}

void SpellingPrior::learn(std::string_view word, const CodeTree& tree) {
  std::uint64_t letters = 0;
  for (const char c : word) {
    learn_letter(letters, static_cast<std::uint8_t>(c), tree);
    letters = letters << 8 | static_cast<std::uint8_t>(c);
  }
  learn_letter(letters, CodeTree::end_letter, tree);
}

void SpellingPrior::learn_letter(std::uint64_t letters, unsigned letter, const CodeTree& tree) {
  const CodeTree::Path path = tree.letter_path(letter);
  std::uint32_t node = tree.letter_root();
  for (unsigned i = 0; i < path.depth; ++i) {
    const unsigned bit = path.bits >> i & 1u;
    const std::int32_t target = bit ? 65535 : 0;
    for (unsigned order = 0; order < inputs; ++order) {
      const Place place = place_of(order, letters, node);
      Entry& entry = entries_[place.index];
      if (entry.count == 0) entry.check = place.check;
      if (entry.check != place.check) continue;
      const std::int32_t p = entry.probability;
      entry.probability = static_cast<std::uint16_t>(p + ((target - p) * rate_table()[entry.count] >> 16));
      if (entry.count < count_limit) ++entry.count;
    }
    node = tree.child(node, bit);
  }
}

void SpellingPrior::predict(std::uint64_t letters, std::uint32_t node, float* out) const noexcept {
  for (unsigned order = 0; order < inputs; ++order) {
    const Place place = place_of(order, letters, node);
    const Entry& entry = entries_[place.index];
    const auto count = static_cast<float>(entry.check == place.check ? entry.count : 0);
    out[order] =
        stretch_table()[entry.probability >> (16 - stretch_bits)] * (count / (count + confidence_offset));
  }
}

}  // namespace ssmz::codec
