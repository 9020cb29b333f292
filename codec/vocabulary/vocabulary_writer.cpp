// SPDX-License-Identifier: Apache-2.0
// Front-codes the sorted spellings, quantises the weights, packs the classes and seals the file.
#include "codec/vocabulary/vocabulary_writer.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/vocabulary/vocabulary_format.hpp"

namespace ssmz::codec {
namespace {

namespace format = vocabulary_format;

// Largest exponent whose weight is not above `weight`.
std::uint8_t quantise(std::uint64_t weight) {
  unsigned q = 255;
  while (q > 0 && format::weight_of(static_cast<std::uint8_t>(q)) > weight) --q;
  return static_cast<std::uint8_t>(q);
}

void append_lexeme(std::vector<std::uint8_t>& file, std::string_view previous, const LexemeDraft& draft) {
  const std::string_view spelling = draft.spelling;
  const auto mismatch = std::mismatch(spelling.begin(), spelling.end(), previous.begin(), previous.end());
  const auto common = static_cast<std::size_t>(mismatch.first - spelling.begin());
  const std::size_t shared = std::min<std::size_t>(common, format::max_shared);
  const std::string_view suffix = spelling.substr(shared);
  const bool is_short = suffix.size() <= format::max_short_suffix;
  file.push_back(static_cast<std::uint8_t>(shared << 4 | (is_short ? suffix.size() : 0)));
  if (!is_short) file.push_back(static_cast<std::uint8_t>(suffix.size()));
  file.insert(file.end(), suffix.begin(), suffix.end());
  file.push_back(quantise(draft.weight));
}

void append_classes(std::vector<std::uint8_t>& file, const std::vector<const LexemeDraft*>& sorted) {
  for (std::size_t i = 0; i < sorted.size(); i += 2) {
    const unsigned first = sorted[i]->distributional_class;
    const unsigned second = i + 1 < sorted.size() ? sorted[i + 1]->distributional_class : 0;
    append_little_endian(first | second << class_bits, i + 1 < sorted.size() ? 3 : 2, file);
  }
}

}  // namespace

std::vector<std::uint8_t> write_vocabulary(std::span<const LexemeDraft> lexemes,
                                           std::span<const std::uint8_t> bigrams) {
  std::vector<const LexemeDraft*> sorted(lexemes.size());
  for (std::size_t i = 0; i < lexemes.size(); ++i) sorted[i] = &lexemes[i];
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->spelling < b->spelling; });

  std::vector<std::uint8_t> file(format::magic.begin(), format::magic.end());
  append_little_endian(sorted.size(), 4, file);
  std::string_view previous;
  for (const LexemeDraft* draft : sorted) {
    append_lexeme(file, previous, *draft);
    previous = draft->spelling;
  }
  append_classes(file, sorted);
  append_little_endian(bigrams.size(), format::bigram_size_bytes, file);
  file.insert(file.end(), bigrams.begin(), bigrams.end());
  append_little_endian(checksum(file), format::checksum_bytes, file);
  return file;
}

}  // namespace ssmz::codec
